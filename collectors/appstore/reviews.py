"""Apple's feed of customer reviews, read. Runs in a child process: what writers wrote is hostile.

The feed is Atom with Apple's own elements (`im:rating`, `im:version`, `im:voteSum`). feedparser
drops what repeats, so it is read as plain XML. Where the first entry is the app itself, it has no
rating and is no review.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import one_line, plain_text

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_APPLE: Final = "{http://itunes.apple.com/rss}"
_NOT_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_END: Final = re.compile(rb"</feed\s{0,9}>|<feed[^<>]{0,4000}/>")
ENTRIES_LIMIT: Final = 500
"""Entries of one page that are read at most; Apple gives 50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One page of one country."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    found: int = 0
    """Reviews that stand there, readable or not."""


def read_reviews(body: bytes, app_id: str, country: str, site: str) -> Reviews:
    """Raises BadPayload where body is no such feed, or only the beginning of one."""
    root = _root(body)
    entries = root.findall(f"{_ATOM}entry")[:ENTRIES_LIMIT]
    # The app itself may stand first; it carries a name and a price, never a rating.
    told = [one for one in entries if one.find(f"{_APPLE}name") is None]
    read = [_read(one, app_id, country, site) for one in told]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    return Reviews(
        items=tuple(items.values()),
        skipped=tuple(one for one in read if isinstance(one, Skipped)),
        found=len(told),
    )


def _root(body: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_NOT_XML.sub(b" ", body), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadPayload("App Store: the answer is not XML") from error
    if root is None or root.tag != f"{_ATOM}feed":
        raise BadPayload("App Store: the answer is no feed of reviews")
    # The parser forgives what is missing at the end; what was cut off there would be lost.
    if _END.search(body) is None:
        raise BadPayload("App Store: the feed was cut off")
    return root


def _read(entry: Any, app_id: str, country: str, site: str) -> Item | Skipped:
    try:
        return _item(entry, app_id, country, site)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        identity = one_line(_text(entry, f"{_ATOM}id"))[:100]
        raw = one_line(" ".join(entry.itertext()))[:2_000]
        return Skipped(f"unreadable review: {error}"[:300], identity or None, raw)


def _item(entry: Any, app_id: str, country: str, site: str) -> Item:
    identity = one_line(_text(entry, f"{_ATOM}id"))
    if not (identity.isascii() and identity.isdigit() and len(identity) <= 30):
        raise ValueError("no id of a review")
    name = one_line(_text(entry, f"{_ATOM}author/{_ATOM}name"))
    place = _text(entry, f"{_ATOM}author/{_ATOM}uri").rsplit("/", 1)[-1]
    votes = _count(entry, "voteSum")
    return Item(
        external_id=identity,
        # Apple has no page for a single review; the last part only tells them apart.
        url=f"{site}/{country}/app/id{app_id}?see-all=reviews&review={identity}",
        title=one_line(_text(entry, f"{_ATOM}title"))[:2_000],
        text=_words(entry),
        author=Author(name=name, id=place if place.startswith("id") else None) if name else None,
        published_at=datetime.fromisoformat(_text(entry, f"{_ATOM}updated").strip()).astimezone(
            UTC
        ),
        country=country.upper(),
        kind="review",
        metrics={"stars": _stars(entry)} | ({} if votes is None else {"likes": votes}),
    )


def _words(entry: Any) -> str:
    """What was written, and on a last line the version of the app that it is about."""
    contents = [one for one in entry.findall(f"{_ATOM}content") if one.get("type") != "html"]
    text = plain_text("".join(contents[0].itertext())) if contents else ""
    version = one_line(_text(entry, f"{_APPLE}version"))[:50]
    return f"{text}\n\nv{version}".strip() if version else text


def _stars(entry: Any) -> int:
    stars = _count(entry, "rating")
    if stars is None or not 1 <= stars <= 5:
        raise ValueError("no rating of 1 to 5")
    return stars


def _count(entry: Any, name: str) -> int | None:
    text = _text(entry, f"{_APPLE}{name}").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _text(entry: Any, path: str) -> str:
    return entry.findtext(path) or ""
