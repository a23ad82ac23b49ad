"""Reading sources, their links to watchlists and what they heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.ingest.rules import IMPORT_KIND, INTAKE_KIND
from app.models import ListeningLog, Source, WatchlistSource
from app.sources.rules import HOUR, Ear, Gap, Heard, find_gaps, floor_hour


async def sources(session: AsyncSession, watchlist_id: int) -> Sequence[Source]:
    """The sources that feed a watchlist, oldest first."""
    return (
        await session.scalars(
            select(Source)
            .join(WatchlistSource, WatchlistSource.source_id == Source.id)
            .where(WatchlistSource.watchlist_id == watchlist_id, Source.removed_at.is_(None))
            .order_by(Source.created_at, Source.name, Source.id)
        )
    ).all()


async def source(
    session: AsyncSession, watchlist_id: int, source_id: int, *, to_change: bool = False
) -> Source:
    """Raises NotFound, also where the source feeds other watchlists only.

    to_change: lock the row until the end of the transaction.
    """
    statement = (
        select(Source)
        .join(WatchlistSource, WatchlistSource.source_id == Source.id)
        .where(WatchlistSource.watchlist_id == watchlist_id, Source.id == source_id)
    )
    found = await session.scalar(statement.with_for_update(of=Source) if to_change else statement)
    if found is None or found.removed_at is not None:
        raise NotFound(
            "There is no such source in this watchlist.",
            fr="Cette source n’existe pas dans cette veille.",
        )
    return found


async def by_fingerprint(session: AsyncSession, fingerprint: str) -> Source | None:
    """The source of that kind and configuration, removed ones included."""
    found: Source | None = await session.scalar(
        select(Source).where(Source.fingerprint == fingerprint)
    )
    return found


async def linked_watchlists(session: AsyncSession, source_id: int) -> Sequence[int]:
    """The watchlists that a source feeds."""
    return (
        await session.scalars(
            select(WatchlistSource.watchlist_id)
            .where(WatchlistSource.source_id == source_id)
            .order_by(WatchlistSource.watchlist_id)
        )
    ).all()


async def source_ids(session: AsyncSession, watchlist_id: int) -> Sequence[int]:
    """The ids of the sources that feed a watchlist."""
    return (
        await session.scalars(
            select(WatchlistSource.source_id)
            .where(WatchlistSource.watchlist_id == watchlist_id)
            .order_by(WatchlistSource.source_id)
        )
    ).all()


async def unlink(session: AsyncSession, watchlist_id: int, source_id: int) -> None:
    """Take a source out of a watchlist."""
    await session.execute(
        delete(WatchlistSource).where(
            WatchlistSource.watchlist_id == watchlist_id, WatchlistSource.source_id == source_id
        )
    )


async def gaps(
    session: AsyncSession, watchlist_id: int, start: datetime, end: datetime, *, now: datetime
) -> list[Gap]:
    """When the watchlist's sources were blind in [start, end), by time then source.

    No news is not the same as not listening: whatever shows figures of a period shows these too.
    """
    # A file that was imported once is not a place that we listen at; nor do we know of one that
    # pushes posts in whether it has anything to say.
    deaf = (IMPORT_KIND, INTAKE_KIND)
    ears = [_ear(one) for one in await sources(session, watchlist_id) if one.kind not in deaf]
    suspects = await _suspects(session, ears, start, min(end, now))
    log = await _log(session, [one.id for one in suspects], start, end)
    found = [
        gap
        for one in suspects
        for gap in find_gaps(one, log.get(one.id, {}), start=start, end=end, now=now)
    ]
    return sorted(found, key=lambda gap: (gap.start, gap.source, gap.why))


async def _suspects(
    session: AsyncSession, ears: Sequence[Ear], start: datetime, end: datetime
) -> Sequence[Ear]:
    """The sources whose log has to be read: those with fewer good hours than the period has.

    Counted in the database, because most sources are fine most of the time and a log of 90 days
    has two thousand rows a source.
    """
    good = and_(
        ListeningLog.asked > ListeningLog.refused + ListeningLog.failed,
        ListeningLog.truncated == 0,
        ListeningLog.missed == 0,
    )
    rows = await session.execute(
        select(ListeningLog.source_id, func.count())
        .where(
            ListeningLog.source_id.in_([ear.id for ear in ears]),
            ListeningLog.hour >= floor_hour(start),
            ListeningLog.hour < end,
            good,
        )
        .group_by(ListeningLog.source_id)
    )
    counted = {row[0]: row[1] for row in rows}
    return [
        ear
        for ear in ears
        if counted.get(ear.id, 0) * HOUR < end - floor_hour(max(start, ear.since))
    ]


async def hours_heard(
    session: AsyncSession, source_ids: Sequence[int], start: datetime, end: datetime
) -> Sequence[ListeningLog]:
    """The rows of the listening log from `start` to `end`, the hours of both included, by hour
    then source."""
    rows = await session.scalars(
        select(ListeningLog)
        .where(
            ListeningLog.source_id.in_(source_ids),
            ListeningLog.hour >= floor_hour(start), ListeningLog.hour <= end,
        )
        .order_by(ListeningLog.hour, ListeningLog.source_id)
    )  # fmt: skip
    return rows.all()


async def heard_hours(
    session: AsyncSession, watchlist_id: int, start: datetime, end: datetime
) -> set[datetime]:
    """The UTC hours touching [start, end) in which at least one source answered."""
    rows = await session.scalars(
        select(ListeningLog.hour)
        .join(WatchlistSource, WatchlistSource.source_id == ListeningLog.source_id)
        .where(
            WatchlistSource.watchlist_id == watchlist_id,
            ListeningLog.hour >= floor_hour(start),
            ListeningLog.hour < end,
            ListeningLog.asked > ListeningLog.refused + ListeningLog.failed,
        )
        .distinct()
    )
    return set(rows)


async def _log(
    session: AsyncSession, ids: Sequence[int], start: datetime, end: datetime
) -> Mapping[int, Mapping[datetime, Heard]]:
    rows = await session.execute(
        select(
            ListeningLog.source_id,
            ListeningLog.hour,
            ListeningLog.asked,
            ListeningLog.refused,
            ListeningLog.failed,
            ListeningLog.truncated,
            ListeningLog.missed,
        ).where(
            ListeningLog.source_id.in_(ids),
            ListeningLog.hour >= floor_hour(start),
            ListeningLog.hour < end,
        )
    )
    log: dict[int, dict[datetime, Heard]] = defaultdict(dict)
    for source_id, hour, asked, refused, failed, truncated, missed in rows:
        log[source_id][hour] = Heard(
            asked=asked, refused=refused, failed=failed, truncated=truncated, missed=missed
        )
    return log


def _ear(source: Source) -> Ear:
    return Ear(
        id=source.id,
        name=source.name,
        state=source.state,
        interval=timedelta(seconds=source.interval_s),
        since=source.created_at,
        until=source.removed_at,
        last_polled_at=source.last_polled_at,
        next_poll_at=source.next_poll_at,
    )
