"""Issues, pull requests and discussions, by REST and by GraphQL → Item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, Skipped
from collectors.text import markup_text, one_line, plain_text, scrub, web_url

_NODE: Final = re.compile(r"[A-Za-z0-9_=-]{4,120}")
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError)


def is_node_id(text: str) -> bool:
    """Whether text may be GitHub's id of a record."""
    return _NODE.fullmatch(text) is not None


def created(record: Any) -> int | None:
    """Seconds since 1970, where the record tells them."""
    if not isinstance(record, dict):
        return None
    try:
        return int(_moment(record.get("created_at") or record["createdAt"]).timestamp())
    except _UNREADABLE:
        return None


def read_records(records: Iterable[Any]) -> tuple[list[Item], list[Skipped]]:
    """Items, and the records that cannot be read; one does not stop the rest."""
    items: dict[str, Item] = {}
    skipped = []
    for record in records:
        try:
            item = rest_item(record) if "node_id" in record else graph_item(record)
            items.setdefault(item.external_id, item)
        except _UNREADABLE as error:
            reason = f"unreadable record: {type(error).__name__} {error}"[:300]
            skipped.append(Skipped(scrub(reason), None, repr(record)[:2_000]))
    return list(items.values()), skipped


def rest_item(record: Mapping[str, Any]) -> Item:
    """An issue or a pull request of the search. Raises one of _UNREADABLE."""
    reactions = record.get("reactions")
    likes = reactions.get("+1") if isinstance(reactions, dict) else None
    markup = record.get("body_html")
    return _item(
        record,
        identity=record["node_id"],
        url=record["html_url"],
        markup=markup if isinstance(markup, str) else None,
        author=record.get("user"),
        at=record["created_at"],
        edited=None,  # updated_at is the time of any comment or label
        metrics={"comments": record.get("comments"), "likes": likes},
    )


def graph_item(record: Mapping[str, Any]) -> Item:
    """An issue, a pull request or a discussion. Raises one of _UNREADABLE."""
    return _item(
        record,
        identity=record["id"],
        url=record["url"],
        markup=record.get("bodyHTML"),
        author=record.get("author"),
        at=record["createdAt"],
        edited=record.get("lastEditedAt"),
        metrics={
            "comments": _total(record.get("comments")),
            "likes": _total(record.get("reactions")),
            "score": record.get("upvoteCount"),
        },
    )


def _item(
    record: Mapping[str, Any], *, identity: Any, url: Any, markup: Any, author: Any, at: Any,
    edited: Any, metrics: Mapping[str, Any],
) -> Item:  # fmt: skip
    if not isinstance(identity, str) or not is_node_id(identity):
        raise ValueError("no id of GitHub")
    address = web_url(url)
    if not address.startswith(("http://", "https://")):
        raise ValueError("no address")
    text, links = markup_text(markup, base=address) if markup else ("", ())
    return Item(
        external_id=identity,
        url=address,
        title=one_line(record["title"]),
        text=text or plain_text(record.get("body") or ""),
        author=_author(author),
        published_at=_moment(at),
        edited_at=_moment(edited) if edited else None,
        links=links,
        metrics={name: value for name, value in metrics.items() if _is_count(value)},
    )


def _author(user: Any) -> Author | None:
    """None where the account is gone."""
    login = user.get("login") if isinstance(user, dict) else None
    name = one_line(login) if isinstance(login, str) else ""
    return Author(name=name, id=name) if name else None


def _total(connection: Any) -> Any:
    return connection.get("totalCount") if isinstance(connection, dict) else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)
