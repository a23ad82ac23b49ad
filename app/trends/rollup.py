"""Proving the roll-ups equal to a recount, and making them anew after a change of zone.

How they are counted and moved is in `counts.py`, whose names are given on here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import Database
from app.errors import NotFound
from app.models import Brand, Mention, Watchlist
from app.services import Services
from app.trends.counts import (
    COUNTERS,
    NOT_JUDGED,
    TABLES,
    Counted,
    Deltas,
    Key,
    apply,
    deltas,
    local_hour,
    zones_of,
)

__all__ = [
    "NOT_JUDGED",
    "Counted",
    "Deltas",
    "Difference",
    "apply",
    "check_rollups",
    "deltas",
    "local_hour",
    "rebuild",
    "rebuild_stale",
    "zones_of",
]

PAGE = 5_000
"""Mentions read at once."""

Progress = Callable[[int, int], None]
"""Called with mentions done and mentions in all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A roll-up row that is not what a recount gives. Missing rows count as zeros."""

    table: str
    key: Key
    stored: tuple[int, ...]
    counted: tuple[int, ...]


async def check_rollups(
    services: Services, watchlist_id: int | None = None
) -> Sequence[Difference]:
    """Recount every mention and compare; empty where all is right.

    watchlist_id: only that one; None: all. Raises NotFound.
    """
    found: list[Difference] = []
    for one in await _watchlists(services.db, watchlist_id):
        async with services.db.snapshot() as session:
            zone, brands = await _scope(session, one, lock=False)
            counted = Deltas()
            async for mention in _mentions(session, one):
                counted.add(mention, zone)
            for table in TABLES:
                found += await _compare(session, table, brands, counted)
    return found


async def rebuild(services: Services, watchlist_id: int, progress: Progress | None = None) -> int:
    """Make a watchlist's roll-ups anew in its present zone; the number of mentions counted.

    One transaction: readers see the old figures until the new ones are complete.
    Raises NotFound.
    """
    done = 0
    async with services.db.write() as session:
        zone, brands = await _scope(session, watchlist_id, lock=True)
        total = await session.scalar(
            select(func.count()).select_from(Mention).where(Mention.watchlist_id == watchlist_id)
        )
        for table in TABLES:
            await session.execute(delete(table).where(table.brand_id.in_(brands)))
        part = Deltas()
        async for mention in _mentions(session, watchlist_id):
            part.add(mention, zone)
            done += 1
            if done % PAGE == 0:
                await apply(session, part)
                part = Deltas()
                if progress:
                    progress(done, total or done)
        await apply(session, part)
        await session.execute(
            update(Watchlist).where(Watchlist.id == watchlist_id).values(rollups_stale=False)
        )
    if progress:
        progress(done, done)
    return done


async def rebuild_stale(services: Services) -> int:
    """Rebuild the roll-ups of one watchlist whose zone changed; how many were rebuilt."""
    async with services.db.read() as session:
        stale = await session.scalar(select(Watchlist.id).where(Watchlist.rollups_stale).limit(1))
    if stale is None:
        return 0
    await rebuild(services, stale)
    return 1


async def _watchlists(db: Database, watchlist_id: int | None) -> Sequence[int]:
    if watchlist_id is not None:
        return [watchlist_id]
    async with db.read() as session:
        return (await session.scalars(select(Watchlist.id).order_by(Watchlist.id))).all()


async def _scope(
    session: AsyncSession, watchlist_id: int, *, lock: bool
) -> tuple[ZoneInfo, Sequence[int]]:
    """Zone and brands. lock: keep writers of this watchlist's mentions out until we commit."""
    wanted = select(Watchlist.zone).where(Watchlist.id == watchlist_id)
    zone = await session.scalar(wanted.with_for_update() if lock else wanted)
    if zone is None:
        raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
    brands = await session.scalars(select(Brand.id).where(Brand.watchlist_id == watchlist_id))
    return ZoneInfo(zone), brands.all()


async def _mentions(session: AsyncSession, watchlist_id: int) -> AsyncIterator[Counted]:
    """All mentions of a watchlist, in pages by key."""
    columns = [getattr(Mention, name) for name in Counted._fields]
    last = -1
    while True:
        rows = (
            await session.execute(
                select(Mention.id, *columns)
                .where(Mention.watchlist_id == watchlist_id, Mention.id > last)
                .order_by(Mention.id)
                .limit(PAGE)
            )
        ).all()
        for row in rows:
            yield Counted(*row[1:])
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


async def _compare(
    session: AsyncSession, table: type[Any], brands: Sequence[int], counted: Deltas
) -> list[Difference]:
    keys = TABLES[table]
    counters = [name for name in COUNTERS if hasattr(table, name)]
    rows = await session.execute(
        select(*(getattr(table, name) for name in (*keys, *counters)))
        .where(table.brand_id.in_(brands))
    )  # fmt: skip
    stored = {tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in rows}
    right = {key: tuple(counts) for key, counts in counted.counts[table].items()}
    none = (0,) * len(counters)
    return [
        Difference(table.__tablename__, key, stored.get(key, none), right.get(key, none))
        for key in sorted(stored.keys() | right.keys(), key=str)
        if stored.get(key, none) != right.get(key, none)
    ]
