"""Posts and comments of Instagram as items. Pure.

developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media, …/ig-comment
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from collectors.api import Author, Item
from collectors.meta.values import figures, identity, moment, text_of
from collectors.text import one_line, plain_text, web_url

SITE: Final = "https://www.instagram.com"
HASHTAG_FIELDS: Final = (
    "caption,comments_count,id,like_count,media_type,media_url,permalink,timestamp"
)
FIELDS: Final = f"{HASHTAG_FIELDS},username"
OWN_FIELDS: Final = f"{FIELDS},thumbnail_url"
COMMENT_FIELDS: Final = (
    "id,like_count,text,timestamp,username,replies.limit(50){id,like_count,text,timestamp,username}"
)


def read_media(record: Mapping[str, Any]) -> Item:
    """A post. Of a hashtag's posts Instagram does not tell who wrote them."""
    picture = record.get("thumbnail_url") or record.get("media_url") or ""
    address = web_url(text_of(picture))
    return Item(
        external_id=identity(record["id"]),
        url=web_url(text_of(record.get("permalink"))) or SITE,
        text=plain_text(text_of(record.get("caption"))),
        published_at=moment(record["timestamp"]),
        author=author_of(record),
        media=(address,) if address else (),
        metrics=figures(likes=record.get("like_count"), comments=record.get("comments_count")),
    )


def comment_reader(post: Item) -> Any:
    """Reads a comment below `post`, or a reply to one."""

    def read(record: Mapping[str, Any]) -> Item:
        number = identity(record["id"])
        under = record.get("parent_id")
        address = f"{post.url.rstrip('/')}/c/{number}/" if post.url != SITE else SITE
        return Item(
            external_id=number,
            url=address,
            text=plain_text(record["text"]),
            published_at=moment(record["timestamp"]),
            author=author_of(record),
            kind="comment",
            in_reply_to=identity(under) if under else post.external_id,
            metrics=figures(likes=record.get("like_count")),
        )

    return read


def author_of(record: Mapping[str, Any]) -> Author | None:
    name = one_line(text_of(record.get("username")))[:100]
    return Author(name=name, id=name) if name else None
