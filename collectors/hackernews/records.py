"""What Algolia and Hacker News say of an item, as an Item. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.text import markup_line, markup_text, scrub, web_url

SITE: Final = "https://news.ycombinator.com/"
PAGE: Final = f"{SITE}item?id="


def read_hit(hit: Any) -> Item | Skipped:
    """One hit of the search as an Item, or why it cannot be read."""
    identity = scrub(str(hit.get("objectID", ""))) if isinstance(hit, dict) else ""
    return _tried(_from_hit, hit, identity, "hit")


def read_story(record: Any, identity: str) -> Item | Skipped:
    """One record of Hacker News' own interface as an Item, or why it cannot be read."""
    return _tried(_from_record, record, identity, "record")


def is_gone(record: Any) -> bool:
    """Whether Hacker News says that the item was deleted by its author or killed."""
    return isinstance(record, dict) and bool(record.get("deleted") or record.get("dead"))


def _tried(read: Callable[[Any], Item], record: Any, identity: str, noun: str) -> Item | Skipped:
    try:
        return read(record)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        reason = f"unreadable {noun}: {type(error).__name__} {error}"[:300]
        return Skipped(reason, identity or None, repr(record)[:2_000])


def _from_hit(hit: Mapping[str, Any]) -> Item:
    is_comment = hit.get("comment_text") is not None
    return _item(
        identity=scrub(str(hit["objectID"])),
        title="" if is_comment else hit["title"],
        markup=hit.get("comment_text") or hit.get("story_text") or "",
        author=hit["author"],
        seconds=hit["created_at_i"],
        parent=hit.get("parent_id"),
        url="" if is_comment else hit.get("url") or "",
        metrics={"score": hit.get("points"), "comments": hit.get("num_comments")},
        is_comment=is_comment,
    )


def _from_record(record: Mapping[str, Any]) -> Item:
    is_comment = record["type"] == "comment"
    return _item(
        identity=str(int(record["id"])),
        title="" if is_comment else record["title"],
        markup=record.get("text") or "",
        author=record["by"],
        seconds=record["time"],
        parent=record.get("parent"),
        url="" if is_comment else record.get("url") or "",
        metrics={"score": record.get("score"), "comments": record.get("descendants")},
        is_comment=is_comment,
    )


def _item(
    *,
    identity: str,
    title: str,
    markup: str,
    author: str,
    seconds: int,
    parent: object,
    url: str,
    metrics: Mapping[str, object],
    is_comment: bool,
) -> Item:
    text, links = markup_text(markup, base=SITE)
    return Item(
        external_id=identity,
        url=f"{PAGE}{identity}",
        title=markup_line(title),
        text=text,
        author=Author(name=scrub(author), id=scrub(author)),
        published_at=datetime.fromtimestamp(seconds, UTC),
        kind="comment" if is_comment else "post",
        in_reply_to=scrub(str(parent))[:100] if parent else None,
        links=tuple(
            dict.fromkeys(link for link in (web_url(url, base=SITE) if url else "", *links) if link)
        ),
        metrics={name: count for name, count in metrics.items() if isinstance(count, int)},
    )
