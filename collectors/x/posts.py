"""A post of X (docs.x.com/x-api/fundamentals/data-dictionary) → Item."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.api import Author, Item, Skipped
from collectors.text import FIELD_LIMIT, LINKS_LIMIT, one_line, plain_text, scrub, web_url

SITE: Final = "https://x.com"
_EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
"""The moment that ids count milliseconds from (docs.x.com/resources/fundamentals/x-ids)."""
_BITS: Final = 22
_SHORT: Final = "https://t.co/"
_TIMES: Final = 5
"""How often one short address is written out in a text: more would be no honest one."""
_METRICS: Final = {
    "likes": "like_count",
    "reposts": "retweet_count",
    "replies": "reply_count",
    "quotes": "quote_count",
    "views": "impression_count",
}
_KINDS: Final = {"retweeted": "repost", "quoted": "quote", "replied_to": "reply"}
_OLD_CODES: Final = {"iw": "he", "in": "id"}
_UNKNOWN: Final = frozenset({"und", "zxx", "qam", "qct", "qht", "qme", "qst", "art"})
_GONE: Final = ("/resource-not-found", "/not-authorized-for-resource")
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the API, read. posts and users: what X sends along and asks money for."""

    items: tuple[Item, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    further: str = ""
    found: int = 0
    posts: int = 0
    users: int = 0


@dataclass(frozen=True, slots=True)
class Included:
    """What an answer sends along, by id."""

    users: Mapping[str, Any] = field(default_factory=dict)
    posts: Mapping[str, Any] = field(default_factory=dict)
    media: Mapping[str, Any] = field(default_factory=dict)


def moment_of(identity: str) -> datetime:
    """When a post was written, which its id tells. Raises ValueError or OverflowError."""
    return _EPOCH + timedelta(milliseconds=int(identity) >> _BITS)


def id_at(moment: datetime) -> str:
    """The lowest id of that moment."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return str(max(milliseconds, 0) << _BITS)


def read_answer(found: Mapping[str, Any]) -> Answer:
    """The posts of an answer; one that cannot be read does not stop the rest."""
    data = found.get("data")
    records: Sequence[Any] = data if isinstance(data, list) else ()
    included = _included(found.get("includes"))
    items, skipped = dict[str, Item](), list[Skipped]()
    for record in records:
        try:
            item = item_of(record, included)
            items.setdefault(item.external_id, item)
        except _UNREADABLE as error:
            reason = f"unreadable post: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(reason, _id_in(record) or None, repr(record)[:2_000]))
    meta = found.get("meta")
    further = meta.get("next_token") if isinstance(meta, dict) else None
    return Answer(
        items=tuple(items.values()),
        removed=tuple(_removed(found.get("errors"))),
        skipped=tuple(skipped),
        further=further if isinstance(further, str) and len(further) <= 200 else "",
        found=len(records),
        posts=len(records) + len(included.posts),
        users=len(included.users),
    )


def _included(includes: Any) -> Included:
    given = includes if isinstance(includes, dict) else {}

    def by(name: str, key: str) -> dict[str, Any]:
        kept = given.get(name)
        records = kept if isinstance(kept, list) else ()
        return {str(one[key]): one for one in records if isinstance(one, dict) and one.get(key)}

    return Included(by("users", "id"), by("tweets", "id"), by("media", "media_key"))


def _removed(errors: Any) -> Iterator[str]:
    """Ids of posts that X says are not there, or not for everybody, any more."""
    for error in errors if isinstance(errors, list) else ():
        if not isinstance(error, dict) or error.get("resource_type") not in ("tweet", "post"):
            continue
        identity = str(error.get("resource_id") or error.get("value") or "")
        if _is_id(identity) and str(error.get("type", "")).endswith(_GONE):
            yield identity


def _id_in(record: Any) -> str:
    identity = record.get("id") if isinstance(record, dict) else None
    return identity if isinstance(identity, str) and _is_id(identity) else ""


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def item_of(post: Mapping[str, Any], included: Included) -> Item:
    """Raises KeyError, TypeError, ValueError or AttributeError where a needed part is missing.

    An edit gives a post a new id. The first one stays its name here, so that an edit is one.
    """
    identity = _id_in(post)
    if not identity:
        raise ValueError("a post without an id")
    first = _first_id(post, identity)
    references = list(_references(post))
    repeated = next((one for kind, one in references if kind == "retweeted"), "")
    said = included.posts.get(repeated) or post
    author = _author(post, included)
    address = f"{author.id if author and not author.id_is_number else 'i'}/status/{identity}"
    text, links = _text_and_links(said)
    return Item(
        external_id=first,
        url=f"{SITE}/{address}",
        text=text,
        author=author.as_author() if author else None,
        published_at=_published(post, first, identity),
        edited_at=moment_of(identity) if identity != first else None,
        lang=_language(said.get("lang")),
        kind=_kind(kind for kind, _ in references),
        in_reply_to=next((one for kind, one in references if kind == "replied_to"), None),
        links=links,
        media=tuple(islice(_media(said, included), LINKS_LIMIT)),
        metrics=_metrics(said),
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    name: str
    id: str
    followers: int | None
    id_is_number: bool

    def as_author(self) -> Author:
        return Author(name=self.name, id=self.id, followers=self.followers)


def _author(post: Mapping[str, Any], included: Included) -> _Writer | None:
    number = scrub(str(post.get("author_id") or ""))[:40]
    if not number:
        return None
    user = included.users.get(number)
    handle = user.get("username") if user else None
    if not isinstance(handle, str) or not handle.replace("_", "").isalnum():
        return _Writer(number, number, None, id_is_number=True)
    assert user is not None  # it has a username
    figures = user.get("public_metrics")
    followers = figures.get("followers_count") if isinstance(figures, dict) else None
    name = one_line(str(user.get("name") or "")) or handle
    return _Writer(name, handle, followers if _is_count(followers) else None, id_is_number=False)


def _first_id(post: Mapping[str, Any], identity: str) -> str:
    history = post.get("edit_history_tweet_ids")
    ids = [one for one in history if isinstance(one, str) and _is_id(one)] if history else []
    return min(ids, key=int) if ids else identity


def _published(post: Mapping[str, Any], first: str, identity: str) -> datetime:
    """As X says, else as the id tells; of an edited post the time of its first version."""
    stated = post.get("created_at")
    if first != identity or not isinstance(stated, str):
        return moment_of(first)
    moment = datetime.fromisoformat(stated)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def _references(post: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = post.get("referenced_tweets")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and one.get("type") in _KINDS and _is_id(str(one.get("id"))):
            yield one["type"], str(one["id"])


def _kind(kinds: Iterator[str]) -> str:
    """What it is foremost: a repost, a quote (which may be an answer too), an answer, a post."""
    given = set(kinds)
    return next((name for kind, name in _KINDS.items() if kind in given), "post")


def _text_and_links(post: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The whole text, long posts too, with the addresses that t.co hides."""
    note = post.get("note_tweet")
    whole = note if isinstance(note, dict) and isinstance(note.get("text"), str) else post
    text = whole["text"][:FIELD_LIMIT]
    links: dict[str, None] = {}
    for short, target, is_media in _urls(whole):
        if short.startswith(_SHORT):
            text = text.replace(short, "" if is_media else target, _TIMES)
        if not is_media:
            links[target] = None
    return plain_text(html.unescape(text)), tuple(links)


def _urls(whole: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    entities = whole.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for one in islice(urls if isinstance(urls, list) else (), LINKS_LIMIT):
        short = one.get("url") if isinstance(one, dict) else None
        target = web_url(str(one.get("expanded_url") or "")) if short else ""
        if isinstance(short, str) and target:
            yield short, target, bool(one.get("media_key")) or _is_own_picture(target)


def _is_own_picture(url: str) -> bool:
    """…/status/1/photo/1: how a text names the pictures of its own post."""
    parts = urlsplit(url)
    steps = parts.path.split("/")
    on_site = parts.hostname in ("x.com", "twitter.com")
    return on_site and len(steps) > 2 and steps[-2] in ("photo", "video")


def _language(code: Any) -> str | None:
    if not isinstance(code, str) or not code or code in _UNKNOWN:
        return None
    return _OLD_CODES.get(code, scrub(code)[:35])


def _media(post: Mapping[str, Any], included: Included) -> Iterator[str]:
    attached = post.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, dict) else None
    for key in keys if isinstance(keys, list) else ():
        one = included.media.get(str(key), {})
        address = web_url(str(one.get("url") or one.get("preview_image_url") or ""))
        if address:
            yield address


def _metrics(post: Mapping[str, Any]) -> dict[str, int]:
    given = post.get("public_metrics")
    figures = given if isinstance(given, dict) else {}
    return {name: figures[key] for name, key in _METRICS.items() if _is_count(figures.get(key))}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
