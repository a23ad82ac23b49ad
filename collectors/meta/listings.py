"""Following listings that give the newest first, and the comments below one's own posts."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from collectors.api import Item, Listening, Page
from collectors.desk import Document
from collectors.errors import BadPayload
from collectors.jsontext import read_json
from collectors.meta.errors import Missing, Unaccepted
from collectors.meta.graph import Graph, GraphPage
from collectors.meta.values import Read, read_all
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

OVERLAP: Final = timedelta(minutes=30)
"""Read again at each poll: a post may show in a listing a little after its time."""
OWN: Final = "own posts"
"""The document of one's own posts: when they were made, and which comments are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A listing. name: its key in the cursor; needs: the permission; cursors, quota: see Graph."""

    name: str
    path: str
    read: Read
    params: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""
    cursors: bool = False
    quota: str = ""
    window: int = 0
    """Records of a full page, where the next one is asked for by its latest time (`until`)."""
    paged: bool = True
    """False: cursors are not followed, only times are."""
    pages: int = 5
    overlap: timedelta = OVERLAP
    """How far below the newest known one is read again."""
    nested: str = ""
    """The field of a record that holds a list of further ones, such as replies."""


async def follow(
    edge: Edge, walk: Walk, floor: datetime, graph: Graph, http: Http
) -> AsyncGenerator[tuple[Page, Walk]]:
    """From the newest down to what is stored; page by page with the walk so far.

    floor: how far down a first poll goes. What is left at the end is read at the next poll.
    """
    reached = datetime.fromisoformat(walk.since) - edge.overlap if walk.since else floor
    for _ in range(edge.pages):
        if http.left == 0:
            return
        found, walk = await _asked(edge, walk, graph, http)
        items, skipped = read_all(spread(found.records, edge.nested), edge.read)
        times = [item.published_at for item in items if item.published_at]
        top = max(times).isoformat() if times else ""
        further = (found.further if edge.paged else "") or _before(
            edge, found.records, times, walk.before
        )
        ended = not further or (bool(times) and min(times) < reached)
        walk = walk.ended(top=top) if ended else walk.down_to(further, top=top)
        kept = [item for item in items if not item.published_at or item.published_at >= reached]
        yield Page(items=kept, skipped=skipped), walk
        if ended:
            return


def _before(edge: Edge, records: Sequence[Any], times: Sequence[datetime], last: str) -> str:
    """What comes before a full page. Its last second is asked for again, as more may lie in it,
    unless that is where this page began."""
    if not edge.window or len(records) < edge.window or not times:
        return ""
    oldest = int(min(times).timestamp())
    return f"until={oldest + 1}" if last != f"until={oldest + 1}" else f"until={oldest}"


async def _asked(
    edge: Edge, walk: Walk, graph: Graph, http: Http
) -> tuple[GraphPage, Walk]:  # fmt: skip
    """A page, from the top again where the kept cursor is too old to be accepted."""
    try:
        return await ask(edge, walk.before, graph, http), walk
    except Unaccepted:
        if not walk.before:
            raise
    walk = Walk(since=walk.since)
    return await ask(edge, "", graph, http), walk


async def ask(edge: Edge, further: str, graph: Graph, http: Http) -> GraphPage:
    params = {**edge.params, **dict(parse_qsl(further))}
    return await graph.page(
        edge.path, params, http, needs=edge.needs, cursors=edge.cursors, quota=edge.quota
    )


@dataclass(frozen=True, slots=True)
class Own:
    """One's own post: when it was made, how many comments were seen, the newest one's time."""

    at: str
    seen: int = -1
    since: str = ""


async def own_posts(http: Http) -> dict[str, Own]:
    """As last kept; empty where nothing is, or nothing that can be read."""
    kept = await http.desk.shelf.latest(OWN)
    try:
        found = read_json(kept.text.encode()) if kept else {}
        return {
            str(key): Own(datetime.fromisoformat(at).isoformat(), int(seen), str(since))
            for key, (at, seen, since) in found.items()
        }
    except (BadPayload, AttributeError, TypeError, ValueError):
        return {}


def as_document(own: Mapping[str, Own], *, most: int) -> Document:
    """The newest of them."""
    newest = sorted(own.items(), key=lambda pair: pair[1].at, reverse=True)[:most]
    kept = {key: [one.at, one.seen, one.since] for key, one in newest}
    return Document(name=OWN, text=json.dumps(kept), kind="state")


def noted(own: Mapping[str, Own], items: Sequence[Item]) -> dict[str, Own]:
    """With the posts that were just read."""
    new = {
        item.external_id: replace(
            own.get(item.external_id, Own("")), at=item.published_at.isoformat()
        )
        for item in items
        if item.published_at
    }
    return {**own, **new}


def to_read(own: Mapping[str, Own], items: Sequence[Item], floor: datetime) -> list[Item]:
    """Posts with another number of comments than was seen, the newest post first."""
    changed = [
        item
        for item in items
        if item.published_at
        and item.published_at >= floor
        and max(own[item.external_id].seen, 0) != total_of(item)
    ]
    return sorted(changed, key=lambda item: own[item.external_id].at, reverse=True)


def total_of(item: Item) -> int:
    """Comments that the platform counts below a post."""
    return item.metrics.get("comments", item.metrics.get("replies", 0))


async def comments_below(
    edge: Edge, item: Item, post: Own, graph: Graph, http: Http
) -> AsyncGenerator[tuple[Page, Own]]:
    """The comments below one post, newest first, down to the newest known; then the post as it
    is to be kept. A cut before the end reads the post again."""
    walk, ended = Walk(since=post.since), False
    try:
        start = datetime.fromisoformat(post.at)
        async with aclosing(follow(edge, walk, start, graph, http)) as followed:
            async for page, walk in followed:
                ended = not walk.before
                yield page, post
    except Missing:
        ended = True  # the post went away meanwhile
    if not ended and http.left == 0:
        return
    note = "" if ended else f"more comments below one post than {edge.pages} pages"
    listening = Listening(asked=0, truncated=not ended, note=note)
    done = replace(post, seen=total_of(item), since=walk.top or walk.since)
    yield Page(listening=listening), done


async def relisted(
    edge: Edge, ids: Sequence[str], own: Mapping[str, Own], graph: Graph, http: Http
) -> Page:
    """Own posts as they are now, by their listing: one call for a hundred of them.

    Gone is what is known as one's own, is not in the listing, and lies within what was listed.
    """
    wanted = set(ids) & own.keys()
    items: dict[str, Item] = {}
    further, whole, oldest, asked, skipped = "", False, "", 0, []
    while wanted - items.keys() and asked < edge.pages and not whole:
        found = await ask(edge, further, graph, http)
        asked, further = asked + 1, found.further
        read, bad = read_all(found.records, edge.read)
        skipped += bad
        items |= {item.external_id: item for item in read}
        times = [item.published_at.isoformat() for item in read if item.published_at]
        oldest = min([*times, *([oldest] if oldest else [])], default="")
        whole = not further
        if oldest and all(own[key].at >= oldest for key in wanted - items.keys()):
            break
    unread = {one.external_id for one in skipped}
    gone = [
        key
        for key in ids
        if key in wanted - items.keys() - unread and (whole or (oldest and own[key].at >= oldest))
    ]
    return Page(
        items=[items[key] for key in ids if key in items],
        removed=gone,
        skipped=skipped,
        listening=Listening(asked=asked),
    )


def spread(records: Sequence[Any], nested: str) -> list[Any]:
    """Each record, then those within it, which are told their parent's id."""
    found = []
    for record in records:
        found.append(record)
        within = record.get(nested) if nested and isinstance(record, dict) else None
        inner = within.get("data") if isinstance(within, dict) else None
        found.extend(
            {**one, "parent_id": record.get("id")} if isinstance(one, dict) else one
            for one in (inner if isinstance(inner, list) else ())
        )
    return found
