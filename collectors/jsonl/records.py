"""One record of a dropped file (or of `vigie import`) → Item."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from collectors.api import Author, Item
from collectors.errors import BadPayload
from collectors.text import one_line, plain_text, scrub, web_url

METRICS: Final = {
    "likes": ("likes", "like_count", "favourites_count", "favorite_count"),
    "reposts": ("reposts", "retweet_count", "reblogs_count", "shares"),
    "replies": ("replies", "reply_count", "replies_count"),
    "quotes": ("quotes", "quote_count"),
    "comments": ("comments", "num_comments", "comment_count"),
    "views": ("views", "view_count", "impressions"),
    "score": ("score", "points"),
    "followers": ("followers", "followers_count"),
    "stars": ("stars",),
}
"""Our names of figures, and the names that exports give them."""
_NAMES: Final = {alias: name for name, aliases in METRICS.items() for alias in aliases}
_BIGGEST: Final = 2**63 - 1
_ID_LIMIT: Final = 1_000
_KINDS: Final = frozenset({"post", "article", "comment", "review", "repost", "quote", "reply"})


def item_from_record(record: Mapping[str, object]) -> Item:
    """Read the keys of DESIGN §7: id, text, title, author, url, lang, country, published_at …

    `created_at` stands in for `published_at`, `author_hash` for an author, and the usual export
    names for metrics; other keys are ignored. `published_at` is ISO 8601 or epoch seconds.
    Raises BadPayload with the reason where neither text nor title is there, or where a value is
    of the wrong kind.
    """
    text = plain_text(_text(record, "text"))
    title = one_line(_text(record, "title"))[:2_000]
    if not text and not title:
        raise BadPayload("neither text nor title")
    url = web_url(_text(record, "url"))
    published = _moment(record, "published_at", "created_at")
    followers = _count(record, METRICS["followers"])
    return Item(
        external_id=_identity(record, url=url, words=title or text, published=published),
        url=url if "://" in url else "",
        text=text,
        title=title,
        author=_author(record, followers=followers),
        published_at=published,
        edited_at=_moment(record, "edited_at"),
        lang=_text(record, "lang")[:35] or None,
        country=_text(record, "country")[:2].upper() or None,
        kind=_kind(record),
        in_reply_to=scrub(_text(record, "in_reply_to"))[:_ID_LIMIT] or None,
        links=_addresses(record, "links"),
        media=_addresses(record, "media"),
        metrics=_metrics(record),
    )


def _identity(
    record: Mapping[str, object], *, url: str, words: str, published: datetime | None
) -> str:
    """The id that is given, else the address, else a digest of words and time."""
    given = scrub(_text(record, "id")).strip() or url
    if given and len(given) <= _ID_LIMIT:
        return given
    at = published.isoformat() if published else ""
    digest = hashlib.sha256((given or f"{words}\n{at}").encode()).hexdigest()
    return f"sha256:{digest[:32]}"


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadPayload(f"{key} is no text")


def _author(record: Mapping[str, object], *, followers: int | None) -> Author | None:
    value = record.get("author") or record.get("author_hash")
    if isinstance(value, Mapping):
        name = one_line(_text(value, "name") or _text(value, "handle") or _text(value, "id"))
        identity = scrub(_text(value, "id"))[:_ID_LIMIT] or None
        followers = _count(value, ("followers", "followers_count")) or followers
    else:
        name, identity = one_line(_text({"author": value}, "author")), None
    return Author(name=name[:500], id=identity, followers=followers) if name else None


def _kind(record: Mapping[str, object]) -> str:
    kind = record.get("kind")
    return kind if isinstance(kind, str) and kind in _KINDS else "post"


def _moment(record: Mapping[str, object], *keys: str) -> datetime | None:
    """The first of the keys that is there. An unreadable time is no time, not a lost record."""
    for key in keys:
        value = record.get(key)
        if value not in (None, ""):
            return _readable(value)
    return None


def _readable(value: object) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value).strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _metrics(record: Mapping[str, object]) -> dict[str, int]:
    """Figures in `metrics` or, as exports and CSV have them, beside the other keys."""
    inner = record.get("metrics")
    if inner not in (None, "") and not isinstance(inner, Mapping):
        raise BadPayload("metrics is no object")
    found: dict[str, int] = {}
    for place in (inner, record):
        if not isinstance(place, Mapping):
            continue
        for name in {_NAMES[key]: None for key in place if key in _NAMES}:
            count = _count(place, METRICS[name])
            if count is not None:
                found.setdefault(name, count)
    return found


def _count(record: Mapping[str, object], names: Iterable[str]) -> int | None:
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value) if len(value) < 20 else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= value <= _BIGGEST:  # type: ignore[operator]  # is_number says so
            return int(value)  # type: ignore[call-overload, no-any-return]  # is_number says so
    return None


def _addresses(record: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if not value:
        return ()
    each = value if isinstance(value, list) else [value]
    found = (web_url(one) for one in each if isinstance(one, str))
    return tuple(dict.fromkeys(one for one in found if "://" in one))[:50]
