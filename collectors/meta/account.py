"""Reading one's own account: its posts, what others say about it, the comments below."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import JsonValue

from collectors.api import Cursor, Item, Page
from collectors.meta.graph import Graph
from collectors.meta.listings import (
    Edge,
    Own,
    as_document,
    comments_below,
    follow,
    noted,
    own_posts,
    relisted,
    to_read,
)
from collectors.meta.values import count
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

KEPT: Final = 300
"""Own posts that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What there is to read.

    below: the comments of one own post; None: they are not read.
    changed: the own posts whose comments are read, of those that a poll has just seen.
    """

    own: Edge
    others: Sequence[Edge]
    below: Callable[[Item], Edge] | None
    first_days: int
    comment_days: int
    changed: Callable[[Mapping[str, Own], Sequence[Item], datetime], list[Item]] = to_read


async def read_account(
    account: Account, walks: dict[str, Walk], graph: Graph, http: Http
) -> AsyncGenerator[Page]:
    """Own posts, then the other listings, then comments. walks: by listing, kept up to date."""
    floor = http.now - timedelta(days=account.first_days)
    own = await own_posts(http)
    posts: list[Item] = []
    for edge in (account.own, *account.others):
        async with aclosing(follow_whole(edge, walks, floor, graph, http)) as followed:
            async for page in followed:
                page = replace(page, cursor=cursor_of(walks))
                if edge is account.own:
                    own = noted(own, page.items)
                    posts += page.items
                    page = replace(page, keep=[as_document(own, most=KEPT)])
                yield page
    if account.below is None:
        return
    since = http.now - timedelta(days=account.comment_days)
    for item in account.changed(own, posts, since):
        below = comments_below(account.below(item), item, own[item.external_id], graph, http)
        async with aclosing(below) as read:
            async for page, post in read:
                own = {**own, item.external_id: post}
                keep = [as_document(own, most=KEPT)]
                yield replace(page, cursor=cursor_of(walks), keep=keep)


async def follow_whole(
    edge: Edge, walks: dict[str, Walk], floor: datetime, graph: Graph, http: Http
) -> AsyncGenerator[Page]:
    """Follow a listing. One that was cut begins again at its top once its rest is read: what
    came meanwhile stands there, and the posts whose comments may have changed."""
    walk = walks.get(edge.name, Walk())
    for _ in range(2 if walk.before else 1):
        async with aclosing(follow(edge, walk, floor, graph, http)) as followed:
            async for page, walk in followed:
                walks[edge.name] = walk
                yield page
        if walk.before:
            return


async def each_once(pages: AsyncGenerator[Page]) -> AsyncGenerator[Page]:
    """An item that several listings hold comes once."""
    known: set[str] = set()
    async with aclosing(pages) as given:
        async for page in given:
            new = [item for item in page.items if item.external_id not in known]
            known.update(item.external_id for item in new)
            yield replace(page, items=new)


async def refreshed(edge: Edge, ids: Sequence[str], graph: Graph, http: Http) -> Page:
    """Own posts among `ids` as they are now; others cannot be asked for."""
    own = await own_posts(http)
    return await relisted(edge, ids, own, graph, http)


def last_day(now: datetime) -> tuple[str, str]:
    """Seconds in which the last full day (UTC) began and ended."""
    end = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return str(int((end - timedelta(days=1)).timestamp())), str(int(end.timestamp()))


def walks_of(cursor: Cursor) -> dict[str, Walk]:
    """A Walk a listing, as a cursor holds them."""
    kept = cursor.get("walks")
    return {
        str(name): _sound(Walk.from_json(walk))
        for name, walk in (kept.items() if isinstance(kept, Mapping) else ())
    }


def _sound(walk: Walk) -> Walk:
    """As kept; from the beginning where its time cannot be read."""
    try:
        if not walk.since or datetime.fromisoformat(walk.since).tzinfo:
            return walk
    except ValueError:
        pass
    return Walk()


def cursor_of(walks: Mapping[str, Walk]) -> dict[str, JsonValue]:
    return {"walks": {name: walk.to_json() for name, walk in walks.items()}}


def day_value(records: Sequence[Any], name: str) -> int | None:
    """The value of a daily figure: the newest of its values, or its total."""
    for record in records:
        if not isinstance(record, dict) or record.get("name") != name:
            continue
        values, total = record.get("values"), record.get("total_value")
        last = values[-1] if isinstance(values, list) and values else total
        return count(last.get("value")) if isinstance(last, dict) else None
    return None
