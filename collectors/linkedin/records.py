"""Posts, comments and mentions of LinkedIn as items. Pure.

learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api, …/comments-api,
…/organizations/organization-social-action-notifications
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item
from collectors.meta.values import figures
from collectors.restli import encoded
from collectors.text import one_line, plain_text, web_url

SITE: Final = "https://www.linkedin.com"
_URN: Final = re.compile(r"urn:li:[A-Za-z]{2,40}:[\w(),:%.-]{1,200}", re.ASCII)
# Little text: @[Name](urn:li:person:x) is a mention, {hashtag|\#|word} a hashtag, \ escapes.
_MENTION: Final = re.compile(r"@\[([^\[\]]{1,200})\]\(urn:li:[^()\s]{1,100}\)")
_TAG: Final = re.compile(r"\{hashtag\|\\?#\|([^{}|]{1,200})\}")
_ESCAPED: Final = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


def urn_of(value: Any) -> str:
    """Raises ValueError where value is no URN."""
    if not isinstance(value, str) or not _URN.fullmatch(value):
        raise ValueError("a record without a URN")
    return value


def moment(value: Any) -> datetime:
    """Milliseconds since 1970."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a time that is no number")
    return datetime.fromtimestamp(value / 1_000, UTC)


def plain(text: Any) -> str:
    """LinkedIn's little text as people read it."""
    if not isinstance(text, str):
        raise TypeError("a text that is none")
    said = _TAG.sub(r"#\1", _MENTION.sub(r"@\1", plain_text(text)))
    return _ESCAPED.sub(r"\1", said)


def post_reader(name: str) -> Callable[[Mapping[str, Any]], Item]:
    """Reads a post of one's own organisation, which is called `name`."""

    def read(record: Mapping[str, Any]) -> Item:
        urn = urn_of(record["id"])
        published = moment(record.get("publishedAt") or record["createdAt"])
        content = record.get("content")
        article = content.get("article") if isinstance(content, dict) else None
        source = article.get("source") if isinstance(article, dict) else None
        link = web_url(source) if isinstance(source, str) else ""
        state = record.get("lifecycleStateInfo")
        edited = isinstance(state, dict) and state.get("isEditedByAuthor") is True
        return Item(
            external_id=urn,
            url=f"{SITE}/feed/update/{urn}/",
            text=plain(record.get("commentary") or ""),
            published_at=published,
            edited_at=moment(record["lastModifiedAt"]) if edited else None,
            author=author_of(record.get("author"), name),
            links=(link,) if link else (),
        )

    return read


def comment_reader(post: Item, organisation: str, name: str) -> Callable[[Mapping[str, Any]], Item]:
    """Reads a comment below `post`, or an answer to one."""

    def read(record: Mapping[str, Any]) -> Item:
        urn = urn_of(record.get("commentUrn") or record["$URN"])
        created, changed = record["created"], record.get("lastModified")
        published = moment(created["time"])
        edited = moment(changed["time"]) if isinstance(changed, dict) else published
        parent = record.get("parentComment")
        actor = record.get("actor") or created.get("actor")
        likes = record.get("likesSummary")
        return Item(
            external_id=urn,
            url=f"{post.url}?commentUrn={encoded(urn)}",
            text=plain(record["message"]["text"]),
            published_at=published,
            edited_at=edited if edited > published else None,
            author=author_of(actor, name if actor == organisation else ""),
            kind="comment",
            in_reply_to=urn_of(parent) if parent else post.external_id,
            metrics=figures(
                likes=likes.get("totalLikes") if isinstance(likes, dict) else None,
                replies=answers_to(record),
            ),
        )

    return read


def answers_to(record: Any) -> int:
    """How many answers a comment has."""
    summary = record.get("commentsSummary") if isinstance(record, dict) else None
    total = summary.get("aggregatedTotalComments") if isinstance(summary, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else 0


def read_mention(record: Mapping[str, Any]) -> Item:
    """A post that mentions the organisation, as its notification tells it."""
    urn = urn_of(record["generatedActivity"])
    activity = record.get("decoratedGeneratedActivity")
    share = activity.get("share") if isinstance(activity, dict) else None
    told: Mapping[str, Any] = share if isinstance(share, dict) else {}
    text = plain(told["text"])
    return Item(
        external_id=urn,
        url=f"{SITE}/feed/update/{urn}/",
        text=text,
        published_at=moment(record["lastModifiedAt"]),
        author=author_of(told.get("owner"), ""),
    )


def author_of(urn: Any, name: str) -> Author | None:
    """LinkedIn tells a member's name only to few: the number stands for it."""
    if not isinstance(urn, str) or not _URN.fullmatch(urn):
        return None
    kind, _, number = urn.removeprefix("urn:li:").partition(":")
    return Author(name=one_line(name) or f"{kind} {number}"[:100], id=urn[:200])


def social_of(found: Mapping[str, Any], urn: str) -> dict[str, int]:
    """The figures that socialMetadata tells of a post."""
    results = found.get("results")
    one = results.get(urn) if isinstance(results, dict) else None
    if not isinstance(one, dict):
        return {}
    reactions, comments = one.get("reactionSummaries"), one.get("commentSummary")
    kinds = reactions.values() if isinstance(reactions, dict) else ()
    counts = [kind.get("count") for kind in kinds if isinstance(kind, dict)]
    likes = sum(count for count in counts if isinstance(count, int) and count > 0)
    total = comments.get("count") if isinstance(comments, dict) else None
    return figures(likes=likes, comments=total)
