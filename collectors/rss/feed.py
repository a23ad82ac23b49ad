"""What a feed says, whatever its format, and how an entry of it becomes an Item."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from collectors.api import Author, Item, Skipped
from collectors.rss.head import Head
from collectors.text import (
    looks_like_markup,
    markup_line,
    markup_text,
    one_line,
    plain_text,
    scrub,
    web_url,
)

ID_LIMIT = 1_000
TITLE_LIMIT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as its format states it; nothing cleaned yet."""

    id: str = ""
    link: str = ""
    title: str = ""
    title_is_markup: bool = False
    text: str = ""
    text_is_markup: bool = False
    author: str = ""
    author_id: str = ""
    lang: str = ""
    published: datetime | None = None
    edited: datetime | None = None
    media: tuple[str, ...] = ()
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that was read.

    url: the page the feed is about, as the feed says; where it says none, where it was read.
    format: family and version: `rss-2.0`, `rdf-1.0`, `atom-1.0`, `json-1.1`, `cdf`.
    complete: False where the body ends in the middle; its validators must not be kept.
    """

    title: str
    url: str
    format: str
    items: tuple[Item, ...] = ()
    """In the feed's order, with the ids as the feed states them (see with_own_ids)."""
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()
    complete: bool = True
    head: Head = field(default_factory=Head)


def line_of(value: str, *, is_markup: bool) -> str:
    """A title as plain text on one line."""
    if is_markup:
        return markup_line(value)[:TITLE_LIMIT]
    return one_line(value[:TITLE_LIMIT])


def build_items(
    entries: Iterable[Entry], *, base: str = ""
) -> tuple[tuple[Item, ...], tuple[Skipped, ...]]:
    """Items in the order of the feed, and the entries that say nothing at all."""
    items: list[Item] = []
    skipped: list[Skipped] = []
    for number, entry in enumerate(entries, start=1):
        item = item_from_entry(entry, base=base)
        if item is None:
            skipped.append(Skipped(f"entry {number} has no id, link, title or text"))
        else:
            items.append(item)
    return tuple(items), tuple(skipped)


def item_from_entry(entry: Entry, *, base: str) -> Item | None:
    """The Item of one entry, or None where the entry says nothing."""
    link = web_url(entry.link, base=base)
    title = line_of(entry.title, is_markup=entry.title_is_markup)
    text, links = _body(entry, base=link or base)
    identity = _identity(entry, link=link, title=title, text=text)
    if not identity:
        return None
    media = (web_url(address, base=base) for address in entry.media)
    return Item(
        external_id=identity,
        url=link,
        title=title,
        text=text,
        author=_author(entry),
        published_at=entry.published,
        edited_at=entry.edited,
        lang=entry.lang or None,
        kind="article",
        in_reply_to=entry.in_reply_to or None,
        links=links,
        media=tuple(dict.fromkeys(address for address in media if address)),
    )


def _body(entry: Entry, *, base: str) -> tuple[str, tuple[str, ...]]:
    if entry.text_is_markup or looks_like_markup(entry.text[:ID_LIMIT]):
        return markup_text(entry.text, base=base)
    return plain_text(entry.text), ()


def _author(entry: Entry) -> Author | None:
    name = line_of(entry.author, is_markup=looks_like_markup(entry.author[:TITLE_LIMIT]))
    return Author(name=name, id=scrub(entry.author_id)[:ID_LIMIT] or None) if name else None


def _identity(entry: Entry, *, link: str, title: str, text: str) -> str:
    """The id the feed gives, else the link, else a digest of what is there, else ""."""
    given = scrub(entry.id).strip() or link
    if given:
        return given if len(given) <= ID_LIMIT else _digest(given)
    if not title and not text:
        return ""
    day = entry.published.isoformat() if entry.published else ""
    return _digest("\n".join((title or text[:200], day)))


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def with_own_ids(items: Sequence[Item]) -> tuple[Item, ...]:
    """Drop repeats of an entry; where one id names several entries, tell them apart.

    Some feeds give all their entries the id of the site; taken at its word, such a feed would
    hold one entry for ever.
    """
    pairs = dict.fromkeys((item.external_id, _distinction(item)) for item in items)
    times = Counter(identity for identity, _ in pairs)
    kept: dict[str, Item] = {}
    for item in items:
        shared = times[item.external_id] > 1
        own = replace(item, external_id=_distinction(item)) if shared else item
        kept.setdefault(own.external_id, own)
    return tuple(kept.values())


def _distinction(item: Item) -> str:
    return item.url or _digest("\n".join((item.external_id, item.title or item.text[:200])))


def utc(value: datetime) -> datetime | None:
    """value in UTC (naive times are taken as UTC); None where no such moment exists."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # year 1 or 9999 with an offset
        return None


def feed_line(feed: Feed, item: Item) -> Mapping[str, object]:
    """One item as the JSON object that `vigie feed --json` writes."""
    return {
        "feed": {"title": feed.title, "url": feed.url, "format": feed.format},
        "id": item.external_id,
        "title": item.title,
        "url": item.url,
        "author": item.author.name if item.author else None,
        "published_at": _iso(item.published_at),
        "edited_at": _iso(item.edited_at),
        "lang": item.lang,
        "text": item.text,
        "links": list(item.links),
        "media": list(item.media),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
