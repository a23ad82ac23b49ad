"""Posts and comments of a Facebook page as items. Pure.

developers.facebook.com/docs/graph-api/reference/page/feed, …/page/tagged, …/object/comments
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from collectors.api import Author, Item
from collectors.meta.values import figures, identity, moment, text_of
from collectors.text import one_line, plain_text, web_url

SITE: Final = "https://www.facebook.com"
FIELDS: Final = (
    "comments.filter(stream).limit(0).summary(true),created_time,from{id,name},full_picture,id,"
    "message,permalink_url,reactions.limit(0).summary(true),shares,story"
)
TAGGED_FIELDS: Final = "created_time,from{id,name},id,message,permalink_url,story"
COMMENT_FIELDS: Final = (
    "created_time,from{id,name},id,like_count,message,parent{id},permalink_url,comment_count"
)


def read_post(record: Mapping[str, Any]) -> Item:
    """A post on the page, or one that tags it. A photo without words has its story as text."""
    number = identity(record["id"])
    picture = web_url(text_of(record.get("full_picture")))
    shares = record.get("shares")
    return Item(
        external_id=number,
        url=_address(record, number),
        text=plain_text(text_of(record.get("message")) or text_of(record.get("story"))),
        published_at=moment(record["created_time"]),
        author=author_of(record),
        media=(picture,) if picture else (),
        metrics=figures(
            likes=_total(record.get("reactions")),
            comments=_total(record.get("comments")),
            reposts=shares.get("count") if isinstance(shares, dict) else None,
        ),
    )


def comment_reader(post: Item) -> Callable[[Mapping[str, Any]], Item]:
    """Reads a comment below `post`, or an answer to one."""

    def read(record: Mapping[str, Any]) -> Item:
        number = identity(record["id"])
        parent = record.get("parent")
        under = parent.get("id") if isinstance(parent, dict) else None
        return Item(
            external_id=number,
            url=_address(record, number),
            text=plain_text(record["message"]),
            published_at=moment(record["created_time"]),
            author=author_of(record),
            kind="comment",
            in_reply_to=identity(under) if under else post.external_id,
            metrics=figures(likes=record.get("like_count"), replies=record.get("comment_count")),
        )

    return read


def author_of(record: Mapping[str, Any]) -> Author | None:
    """Meta tells who wrote it only to those who may know."""
    by = record.get("from")
    if not isinstance(by, dict):
        return None
    name = one_line(text_of(by.get("name")))[:200]
    number = by.get("id")
    return Author(name=name, id=identity(number) if number else None) if name else None


def _address(record: Mapping[str, Any], number: str) -> str:
    return web_url(text_of(record.get("permalink_url"))) or f"{SITE}/{number}"


def _total(value: Any) -> Any:
    summary = value.get("summary") if isinstance(value, dict) else None
    return summary.get("total_count") if isinstance(summary, dict) else None
