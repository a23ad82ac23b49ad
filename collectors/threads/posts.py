"""Posts of Threads as items. Pure. developers.facebook.com/docs/threads/threads-media"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from collectors.api import Author, Item
from collectors.meta.values import figures, identity, moment, text_of
from collectors.text import one_line, plain_text, web_url

SITE: Final = "https://www.threads.com"
FIELDS: Final = (
    "id,is_quote_post,is_reply,link_attachment_url,media_type,media_url,permalink,text,"
    "thumbnail_url,timestamp,topic_tag,username"
)
OWN_FIELDS: Final = f"{FIELDS},has_replies"
REPLY_FIELDS: Final = f"{FIELDS},replied_to,root_post"


def read_post(record: Mapping[str, Any]) -> Item:
    """A post, a quote or a reply. A topic that is not in the text is put behind it as a hashtag."""
    number = identity(record["id"])
    name = one_line(text_of(record.get("username")))[:100]
    link = web_url(text_of(record.get("link_attachment_url")))
    picture = web_url(text_of(record.get("thumbnail_url") or record.get("media_url")))
    reply = record.get("is_reply") is True or isinstance(record.get("replied_to"), dict)
    return Item(
        external_id=number,
        url=web_url(text_of(record.get("permalink"))) or SITE,
        text=_text(record),
        published_at=moment(record["timestamp"]),
        author=Author(name=name, id=name) if name else None,
        kind="comment" if reply else "quote" if record.get("is_quote_post") is True else "post",
        in_reply_to=_answered(record),
        links=(link,) if link else (),
        media=(picture,) if picture else (),
    )


class OwnPosts:
    """Reads own posts and remembers which have replies, whose number Threads does not tell."""

    def __init__(self) -> None:
        self.answered: set[str] = set()

    def __call__(self, record: Mapping[str, Any]) -> Item:
        item = read_post(record)
        if record.get("has_replies") is True:
            self.answered.add(item.external_id)
        return item


def figures_of(records: list[Any]) -> dict[str, int]:
    """The figures of one's own post, as its insights tell them."""
    told = {}
    for record in records:
        values = record.get("values") if isinstance(record, dict) else None
        last = values[-1] if isinstance(values, list) and values else None
        if isinstance(last, dict):
            told[str(record.get("name"))] = last.get("value")
    names = ("likes", "replies", "reposts", "quotes", "views")
    return figures(**{name: told[name] for name in names if name in told})


def _text(record: Mapping[str, Any]) -> str:
    text = plain_text(text_of(record.get("text")))
    topic = one_line(text_of(record.get("topic_tag")))[:100]
    if not topic or f"#{topic}".lower() in text.lower():
        return text
    return f"{text}\n#{topic}".strip()


def _answered(record: Mapping[str, Any]) -> str | None:
    parent = record.get("replied_to")
    number = parent.get("id") if isinstance(parent, dict) else None
    return identity(number) if number else None
