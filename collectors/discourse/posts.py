"""Posts as /posts.json and /posts/ID.json give them, and the hits of a search → Item. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from collectors.api import Author, Item, Skipped
from collectors.text import markup_line, markup_text, one_line, scrub

_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)
_SMALL_ACTION: Final = 3
"""The post_type of "closed this topic" and the like."""
_LIKE: Final = 2
_NAME: Final = re.compile(r"([1-9][0-9]{0,17})@(.+)")


@dataclass(frozen=True, slots=True)
class Forum:
    """Where the posts are read. name: tells two forums of one number apart."""

    base: str
    name: str

    @classmethod
    def at(cls, address: str) -> Forum:
        base = address.rstrip("/")
        parts = urlsplit(base)
        return cls(base, f"{parts.netloc.rpartition('@')[2].lower()}{parts.path}")

    def number_of(self, external_id: str) -> int | None:
        """The post that an id of this forum means; None for one of another forum."""
        match = _NAME.fullmatch(external_id)
        return int(match[1]) if match and match[2] == self.name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """What an answer holds. ids and times: of all records that tell them, kept or not."""

    items: tuple[Item, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ids: tuple[int, ...] = ()
    times: tuple[int, ...] = ()


def read_posts(records: Iterable[Any], forum: Forum, categories: frozenset[int]) -> Posts:
    """One record that cannot be read does not stop the rest."""
    items, removed, skipped = dict[str, Item](), list[str](), list[Skipped]()
    ids, times = list[int](), list[int]()
    for record in records:
        try:
            number = id_of(record)
            ids.append(number)
            at = _moment(record["created_at"])
            times.append(int(at.timestamp()))
            if is_gone(record):
                removed.append(f"{number}@{forum.name}")
            elif is_wanted(record, categories):
                items.setdefault(f"{number}@{forum.name}", item_of(record, forum))
        except _UNREADABLE as error:
            reason = f"unreadable post: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), None, repr(record)[:2_000]))
    return Posts(
        items=tuple(items.values()),
        removed=tuple(removed),
        skipped=tuple(skipped),
        ids=tuple(ids),
        times=tuple(times),
    )


def id_of(record: Mapping[str, Any]) -> int:
    """Raises KeyError or TypeError where there is none."""
    number = record["id"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10**18:
        raise TypeError("the id is no number")
    return number


def is_gone(record: Mapping[str, Any]) -> bool:
    """Whether it was deleted, or hidden after flags: then its text is no longer its author's."""
    return bool(record.get("deleted_at") or record.get("user_deleted") or record.get("hidden"))


def is_wanted(record: Mapping[str, Any], categories: frozenset[int]) -> bool:
    """Whether it is a post that somebody wrote, in a category that is kept."""
    if record.get("post_type") == _SMALL_ACTION:
        return False
    category = record.get("category_id")
    return not categories or not isinstance(category, int) or category in categories


def item_of(record: Mapping[str, Any], forum: Forum) -> Item:
    """Raises one of _UNREADABLE where a needed part is missing."""
    topic, number = id_of({"id": record["topic_id"]}), id_of({"id": record["post_number"]})
    is_first = number == 1
    slug = record.get("topic_slug")
    slug = quote(scrub(slug), safe="") if isinstance(slug, str) and slug else "-"
    markup = record.get("cooked") or record.get("blurb") or ""
    text, links = markup_text(markup, base=f"{forum.base}/")
    at = _moment(record["created_at"])
    return Item(
        external_id=f"{id_of(record)}@{forum.name}",
        url=f"{forum.base}/t/{slug[:500]}/{topic}/{number}",
        title=markup_line(record.get("topic_title") or "") if is_first else "",
        text=text,
        author=_author(record, forum),
        published_at=at,
        edited_at=_edited(record, at),
        kind="post" if is_first else "comment",
        in_reply_to=None if is_first else _parent(record, topic, forum),
        links=tuple(link for link in links if not _is_inner(link, forum)),
        metrics=_metrics(record),
    )


def hit_of(hit: Any, topics: Mapping[Any, Mapping[str, Any]]) -> Any:
    """A search's hit in the shape of a post: the topic's parts are told apart from it."""
    number = hit.get("topic_id") if isinstance(hit, dict) else None
    topic = topics.get(number) if isinstance(number, int) else None
    if topic is None:
        return hit
    named = {"topic_slug": "slug", "topic_title": "title", "category_id": "category_id"}
    return {**{key: topic.get(name) for key, name in named.items()}, **hit}


def _author(record: Mapping[str, Any], forum: Forum) -> Author | None:
    username = record.get("username")
    if not isinstance(username, str) or not username:
        return None
    name = record.get("name")
    shown = one_line(name) if isinstance(name, str) else ""
    return Author(name=shown or one_line(username), id=f"{scrub(username)}@{forum.name}")


def _parent(record: Mapping[str, Any], topic: int, forum: Forum) -> str:
    """The post that it answers, by its place in the topic: its id is not told."""
    number = record.get("reply_to_post_number")
    told = isinstance(number, int) and not isinstance(number, bool)
    return f"t{topic}/{number if told else 1}@{forum.name}"


def _edited(record: Mapping[str, Any], at: datetime) -> datetime | None:
    """updated_at moves for other reasons too; version tells whether there was an edit."""
    version = record.get("version")
    if not isinstance(version, int) or version < 2 or not record.get("updated_at"):
        return None
    edited = _moment(record["updated_at"])
    return edited if edited > at else None


def _is_inner(link: str, forum: Forum) -> bool:
    """Members and hashtags that every post may name."""
    return link.startswith((f"{forum.base}/u/", f"{forum.base}/tag/", f"{forum.base}/c/"))


def _metrics(record: Mapping[str, Any]) -> dict[str, int]:
    actions = record.get("actions_summary")
    likes = record.get("like_count")
    if isinstance(actions, list):
        counts = [a.get("count") for a in actions if isinstance(a, dict) and a.get("id") == _LIKE]
        likes = counts[0] if counts else 0
    found = {
        "likes": likes,
        "replies": record.get("reply_count"),
        "quotes": record.get("quote_count"),
        "views": record.get("reads"),
    }
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)
