"""What Product Hunt is asked, in GraphQL, and what it answers, as Items. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.errors import BadPayload
from collectors.text import (
    looks_like_markup,
    markup_text,
    one_line,
    plain_text,
    scrub,
    web_url,
)

SITE: Final = "https://www.producthunt.com/"
REDACTED: Final = "[REDACTED]"
"""The name that Product Hunt shows for everybody but the owner of the token."""

_COMMENT: Final = "id body createdAt url votesCount parentId user { id name username }"
_POST: Final = (
    "id name tagline description url website createdAt votesCount commentsCount "
    "thumbnail { url } user { id name username }"
)
LIST: Final = (
    "query Posts($first: Int!, $after: String, $since: DateTime!, $topic: String, $comments: Int!) "
    "{ posts(order: NEWEST, first: $first, after: $after, postedAfter: $since, topic: $topic) "
    "{ pageInfo { hasNextPage endCursor } edges { node { "
    f"{_POST} comments(first: $comments, order: NEWEST) {{ edges {{ node {{ {_COMMENT} }} }} }} "
    "} } } }"
)
VIEWER: Final = "query Viewer { viewer { user { id } } }"


def again(ids: Sequence[str]) -> str:
    """The question how known posts and comments are now: one field each, `n0`, `n1` …"""
    fields = (
        f'n{number}: {kind}(id: "{own}") {{ {_POST if kind == "post" else _COMMENT} }}'
        for number, (kind, own) in enumerate(map(_parted, ids))
    )
    return f"query Again {{ {' '.join(fields)} }}"


def is_id(identity: str) -> bool:
    """Whether it is an id of ours, and so may stand in a question."""
    kind, own = _parted(identity)
    return kind in ("post", "comment") and own.isascii() and own.isdigit() and len(own) < 20


def _parted(identity: str) -> tuple[str, str]:
    kind, _, own = identity.partition("/")
    return kind, own


@dataclass(frozen=True, slots=True)
class Posts:
    """One answer, read. after: where the next page begins, "" at the end."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    after: str


def data_of(answer: Any) -> Mapping[str, Any]:
    """The data of an answer. Raises BadPayload, with the complaint in it, where it has none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(data, dict):
        return data
    raise BadPayload(f"Product Hunt: {complaint(answer) or 'the answer has no data'}")


def complaint(answer: Any) -> str:
    """The first error of an answer, in its own words."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") or first.get("error") if isinstance(first, dict) else None
    return one_line(message[:150]) if isinstance(message, str) else ""


def read_posts(answer: Any) -> Posts:
    """Posts, each followed by its newest comments."""
    found = data_of(answer).get("posts")
    nodes = _nodes(found)
    if not isinstance(found, dict) or nodes is None:
        raise BadPayload(f"Product Hunt: {complaint(answer) or 'the answer has no posts'}")
    read = [one for node in nodes for one in _with_comments(node)]
    items = {one.external_id: one for one in read if isinstance(one, Item)}
    info = found.get("pageInfo")
    after = info.get("endCursor") if isinstance(info, dict) and info.get("hasNextPage") else None
    return Posts(
        tuple(items.values()),
        tuple(one for one in read if isinstance(one, Skipped)),
        after if isinstance(after, str) else "",
    )


def _with_comments(node: Any) -> Iterator[Item | Skipped]:
    post = read_node(node, "post")
    yield post
    comments = node.get("comments") if isinstance(node, dict) else None
    if isinstance(post, Item):
        for one in _nodes(comments) or ():
            yield read_node(one, "comment", post=post.external_id)


def _nodes(connection: Any) -> list[Any] | None:
    """What a connection holds; None where it is none."""
    edges = connection.get("edges") if isinstance(connection, dict) else None
    if not isinstance(edges, list):
        return None
    return [edge.get("node") if isinstance(edge, dict) else edge for edge in edges]


def read_node(node: Any, kind: str, *, post: str = "") -> Item | Skipped:
    """A post or a comment as an Item, or why it cannot be read.

    post: the id of the post that a comment stands under, where that is known.
    """
    try:
        return _post(node) if kind == "post" else _comment(node, post)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"unreadable {kind}: {type(error).__name__} {error}"[:300]
        return Skipped(reason, raw=repr(node)[:2_000])


def _post(node: Mapping[str, Any]) -> Item:
    parts = (plain_text(node.get(key) or "") for key in ("tagline", "description"))
    site = _url(node.get("website") or "")
    picture = node.get("thumbnail")
    media = _url(picture.get("url") or "") if isinstance(picture, dict) else ""
    return Item(
        external_id=f"post/{int(node['id'])}",
        url=_url(node["url"]),
        title=one_line(node["name"][:2_000]),
        text="\n\n".join(part for part in parts if part),
        author=_author(node.get("user")),
        published_at=_moment(node["createdAt"]),
        kind="post",
        links=(site,) if site else (),
        media=(media,) if media else (),
        metrics=_counts(likes=node.get("votesCount"), comments=node.get("commentsCount")),
    )


def _comment(node: Mapping[str, Any], post: str) -> Item:
    body = node["body"]
    is_markup = looks_like_markup(body[:2_000])
    text, links = markup_text(body, base=SITE) if is_markup else (plain_text(body), ())
    parent = node.get("parentId")
    return Item(
        external_id=f"comment/{int(node['id'])}",
        url=_url(node["url"]),
        text=text,
        author=_author(node.get("user")),
        published_at=_moment(node["createdAt"]),
        kind="comment",
        in_reply_to=f"comment/{int(parent)}" if parent else post or None,
        links=links,
        metrics=_counts(likes=node.get("votesCount")),
    )


def _url(value: str) -> str:
    return web_url(value, base=SITE) if value else ""


def _author(user: Any) -> Author | None:
    """Nobody where Product Hunt does not show who it was."""
    name = user.get("name") if isinstance(user, dict) else None
    if not isinstance(name, str) or not name or name == REDACTED:
        return None
    handle = user.get("username")
    known = handle if isinstance(handle, str) and handle != REDACTED else ""
    return Author(name=one_line(name[:300]), id=scrub(known) or None)


def _counts(**found: object) -> dict[str, int]:
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError("createdAt is no time")
    return datetime.fromisoformat(value).astimezone(UTC)
