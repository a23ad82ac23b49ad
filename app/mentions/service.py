"""Reading mentions and items page by page; triage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import Invalid, NotFound
from app.mentions import queries, rules, store
from app.mentions.rules import ItemFilter, MentionFilter
from app.mentions.searching import (
    Items,
    MentionsByKey,
    MentionsByWord,
    Sought,
    Walk,
    look,
    sought,
)
from app.mentions.views import ItemView, MentionView, SeenAt, item_views, mention_views
from app.models import Mention, Watchlist
from app.search import service as search
from app.sources.service import source_ids
from app.watchlists.service import checked_query, require_watchlist

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "MAX_BATCH", "Count", "ItemFilter", "ItemView", "MentionFilter", "MentionView", "Page",
    "SeenAt", "count_items", "count_mentions", "for_update", "get_item", "get_mention",
    "list_items", "list_mentions", "store", "triage",
]  # fmt: skip

MAX_BATCH = rules.MAX_PAGE
"""Mentions that are changed at once."""
for_update = queries.for_update

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first. next: the cursor of the page after, None at the end.

    searched: candidates a query looked at; complete: False where it stopped at its cap with more
    to look at (the cursor goes on from there).
    """

    rows: Sequence[Row]
    next: str | None
    searched: int | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Count:
    """How many. at_least: counting stopped at its cap; searched: candidates a query looked at."""

    count: int
    at_least: bool = False
    searched: int | None = None


async def list_mentions(
    services: Services,
    watchlist_id: int,
    wanted: MentionFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[MentionView]:
    """A page of mentions, newest first. Raises NotFound, Invalid (filter, query, cursor)."""
    wanted = wanted or MentionFilter()
    _judge(wanted)
    size = rules.page_size(limit)
    async with services.db.read() as session:
        watchlist = await require_watchlist(session, watchlist_id)
        narrowed = _by_kind(wanted, await queries.brand_rows(session, watchlist_id))
        if narrowed is None:
            return Page((), None, searched=0 if wanted.q else None)
        if wanted.q:
            query = _sought(wanted.q, watchlist, services)
            walk = _mentions_walk(session, watchlist_id, narrowed, query, cursor)
            found = await look(walk, query, page=size, cap=rules.MAX_SEARCHED)
            return Page(found.rows, found.next, searched=found.searched, complete=found.complete)
        found_rows = await session.scalars(
            queries.mentions_page(watchlist_id, narrowed, below=_below(cursor), limit=size + 1)
        )
        rows = found_rows.all()
        views = await mention_views(session, watchlist_id, rows[:size])
    return Page(views, rules.cursor_of(rows[size - 1].id) if len(rows) > size else None)


async def count_mentions(
    services: Services, watchlist_id: int, wanted: MentionFilter | None = None
) -> Count:
    """How many mentions pass the filter, as far as is counted. Raises NotFound, Invalid."""
    wanted = wanted or MentionFilter()
    _judge(wanted)
    async with services.db.read() as session:
        watchlist = await require_watchlist(session, watchlist_id)
        narrowed = _by_kind(wanted, await queries.brand_rows(session, watchlist_id))
        if narrowed is None:
            return Count(0, searched=0 if wanted.q else None)
        if wanted.q:
            query = _sought(wanted.q, watchlist, services)
            return await _counted(
                _mentions_walk(session, watchlist_id, narrowed, query, None), query
            )
        most = rules.MAX_ROWS_COUNTED
        count = await session.scalar(queries.counted(watchlist_id, narrowed, at_most=most + 1))
    return Count(min(count or 0, most), at_least=(count or 0) > most)


async def _counted(walk: Walk[Any], query: Sought) -> Count:
    found = await look(walk, query, page=None, cap=rules.MAX_COUNTED)
    return Count(len(found.rows), at_least=not found.complete, searched=found.searched)


def _sought(source: str, watchlist: Watchlist, services: Services) -> Sought:
    return sought(source, zone=ZoneInfo(watchlist.zone), now=services.clock.now())


def _mentions_walk(
    session: AsyncSession, watchlist_id: int, wanted: MentionFilter, query: Sought,
    cursor: str | None,
) -> Walk[MentionView]:  # fmt: skip
    if not search.narrows(query.plan):
        return MentionsByKey(session, watchlist_id, wanted, _below(cursor))
    after = None
    if cursor and (after := rules.read_spot(cursor)) is None:
        raise _no_cursor()
    return MentionsByWord(session, watchlist_id, wanted, query.plan, after)


async def get_mention(services: Services, watchlist_id: int, mention_id: int) -> MentionView:
    """Raises NotFound."""
    async with services.db.read() as session:
        found = await queries.mention(session, watchlist_id, mention_id)
        if found is None:
            raise _no_mention()
        return (await mention_views(session, watchlist_id, [found]))[0]


async def list_items(
    services: Services,
    watchlist_id: int,
    wanted: ItemFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ItemView]:
    """A page of items that the watchlist's sources saw, newest first, matched or not.

    Raises NotFound, also for a source of another watchlist, and Invalid.
    """
    wanted = wanted or ItemFilter()
    _judge_query(wanted.q)
    below, size = _below(cursor), rules.page_size(limit)
    async with services.db.read() as session:
        watchlist = await require_watchlist(session, watchlist_id)
        sources = await _sources(session, watchlist_id, wanted)
        if wanted.q:
            query = _sought(wanted.q, watchlist, services)
            walk = Items(session, watchlist_id, sources, wanted, query.plan, below)
            found = await look(walk, query, page=size, cap=rules.MAX_SEARCHED)
            views = await item_views(session, watchlist_id, found.rows)
            return Page(views, found.next, searched=found.searched, complete=found.complete)
        statement = queries.items_page(
            sources, since=wanted.since, until=wanted.until, below=below, limit=size + 1
        )
        ids = (await session.scalars(statement)).all()
        views = await item_views(session, watchlist_id, ids[:size])
    return Page(views, rules.cursor_of(ids[size - 1]) if len(ids) > size else None)


async def count_items(
    services: Services, watchlist_id: int, wanted: ItemFilter | None = None
) -> Count:
    """How many items the sources saw, as far as is counted. Raises NotFound, Invalid."""
    wanted = wanted or ItemFilter()
    _judge_query(wanted.q)
    async with services.db.read() as session:
        watchlist = await require_watchlist(session, watchlist_id)
        sources = await _sources(session, watchlist_id, wanted)
        if wanted.q:
            query = _sought(wanted.q, watchlist, services)
            walk = Items(session, watchlist_id, sources, wanted, query.plan, None)
            return await _counted(walk, query)
        most = rules.MAX_ROWS_COUNTED
        statement = queries.items_page(
            sources, since=wanted.since, until=wanted.until, below=None, limit=most + 1
        )
        count = await session.scalar(select(func.count()).select_from(statement.subquery()))
    return Count(min(count or 0, most), at_least=(count or 0) > most)


async def _sources(session: AsyncSession, watchlist_id: int, wanted: ItemFilter) -> Sequence[int]:
    """The sources asked for. Raises NotFound where one feeds another watchlist."""
    linked = await source_ids(session, watchlist_id)
    if not set(wanted.source_ids) <= set(linked):
        raise NotFound(
            "There is no such source in this watchlist.",
            fr="Cette source n’existe pas dans cette veille.",
        )
    return wanted.source_ids or linked


async def get_item(services: Services, watchlist_id: int, item_id: int) -> ItemView:
    """Raises NotFound, also where only other watchlists' sources saw it."""
    async with services.db.read() as session:
        seen = {one.source_id for one in await queries.sightings(session, [item_id])}
        if seen.isdisjoint(await source_ids(session, watchlist_id)):
            raise NotFound("There is no such item.", fr="Cette publication n’existe pas.")
        return (await item_views(session, watchlist_id, [item_id]))[0]


async def triage(
    services: Services,
    watchlist_id: int,
    mention_ids: Sequence[int],
    *,
    status: str | None = None,
    assignee_id: int | None = None,
    unassign: bool = False,
    actor: str = "system",
) -> Sequence[Mention]:
    """Set the status or the assignee of mentions, all or none.

    Raises Invalid, and NotFound where one of them is not in the watchlist.
    """
    ids = sorted(set(mention_ids))
    _judge_triage(ids, status)
    now = services.clock.now()
    async with services.db.write() as session:
        found = await queries.for_update(session, watchlist_id, ids)
        if len(found) != len(ids):
            raise _no_mention()
        for one in found:
            one.status = status or one.status
            one.assignee_id = None if unassign else assignee_id or one.assignee_id
        audit.record(
            session, now=now, actor=actor, action="mention.triage", subject="watchlist",
            subject_id=watchlist_id,
            detail={
                "mentions": [str(one) for one in ids],
                "status": status,
                "assignee_id": str(assignee_id) if assignee_id else None,
                "unassign": unassign,
            },
        )  # fmt: skip
    return found


def _judge(wanted: MentionFilter) -> None:
    for field, values, allowed in (
        ("label", wanted.labels, rules.LABELS),
        ("status", wanted.statuses, rules.STATUSES),
        ("kind", [wanted.kind] if wanted.kind else [], rules.KINDS),
    ):
        wrong = rules.wrong_choice(values, allowed)
        if wrong is not None:
            raise _choose(field, allowed)
    _judge_query(wanted.q)


def _judge_query(source: str) -> None:
    if source:
        checked_query(source, "q")


def _judge_triage(ids: Sequence[int], status: str | None) -> None:
    if not 1 <= len(ids) <= rules.MAX_PAGE:
        raise Invalid(
            f"Name 1 to {rules.MAX_PAGE} mentions.",
            fr=f"Indiquez de 1 à {rules.MAX_PAGE} mentions.",
            field="ids",
        )
    if status is not None and status not in rules.STATUSES:
        raise _choose("status", rules.STATUSES)


def _by_kind(wanted: MentionFilter, brands: Mapping[int, tuple[str, str]]) -> MentionFilter | None:
    """The filter with the kind of brand turned into brands; None where nothing can match."""
    if not set(wanted.brand_ids) <= set(brands):
        raise NotFound(
            "There is no such brand in this watchlist.",
            fr="Cette marque n’existe pas dans cette veille.",
        )
    if wanted.kind is None:
        return wanted
    of_kind = [brand_id for brand_id, (_, kind) in brands.items() if kind == wanted.kind]
    chosen = [one for one in of_kind if not wanted.brand_ids or one in wanted.brand_ids]
    return replace(wanted, brand_ids=chosen) if chosen else None


def _below(cursor: str | None) -> int | None:
    if not cursor:
        return None
    below = rules.read_cursor(cursor)
    if below is None:
        raise _no_cursor()
    return below


def _no_cursor() -> Invalid:
    return Invalid(
        "This cursor is not ours: begin again without one.",
        fr="Ce curseur n’est pas le nôtre : recommencez sans curseur.",
        field="cursor",
    )


def _choose(field: str, allowed: Sequence[str]) -> Invalid:
    choices = ", ".join(allowed)
    return Invalid(f"{field}: choose one of {choices}.", fr=f"{field} : {choices}.", field=field)


def _no_mention() -> NotFound:
    return NotFound(
        "There is no such mention in this watchlist.",
        fr="Cette mention n’existe pas dans cette veille.",
    )
