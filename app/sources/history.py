"""A source's walk into the past, as a person sees it: begun, watched, stopped.

The walking itself is app/ingest/history.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.db.keys import key_at
from app.errors import Invalid, NotFound
from app.models import HistoryRun, Source
from app.sources import queries
from app.sources.kinds import collector_class
from collectors.api import History

if TYPE_CHECKING:
    from app.services import Services

MOST_DAYS = 365


async def begin_history(
    session: AsyncSession, source: Source, *, days: int, now: datetime
) -> HistoryRun | None:
    """Let a new source read what was before it; None where its kind cannot, or for 0 days.

    A walk that is there already is left as it is.
    """
    if days < 1 or not issubclass(collector_class(source.kind), History):
        return None
    found: HistoryRun | None = await session.scalar(
        select(HistoryRun).where(HistoryRun.source_id == source.id)
    )
    return found or _start(session, source, days=days, now=now)


async def start_history(
    services: Services, watchlist_id: int, source_id: int, *, days: int, actor: str = "system"
) -> HistoryRun:
    """Read a source's past anew, so many days back. Raises NotFound, Invalid."""
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(
            f"Give a number of days from 1 to {MOST_DAYS}.",
            fr=f"Donnez un nombre de jours de 1 à {MOST_DAYS}.", field="days",
        )  # fmt: skip
    now = services.clock.now()
    async with services.db.write() as session:
        source = await queries.source(session, watchlist_id, source_id, to_change=True)
        if not issubclass(collector_class(source.kind), History):
            raise Invalid(
                "This kind of source cannot read what was before it was added.",
                fr="Ce type de source ne sait pas lire ce qui précède son ajout.", field="kind",
            )  # fmt: skip
        old = await session.scalar(select(HistoryRun).where(HistoryRun.source_id == source_id))
        if old is not None:
            await session.delete(old)
            await session.flush()
        run = _start(session, source, days=days, now=now)
        audit.record(
            session, now=now, actor=actor, action="source.history", subject="source",
            subject_id=source_id, detail={"days": days},
        )  # fmt: skip
        return run


def _start(session: AsyncSession, source: Source, *, days: int, now: datetime) -> HistoryRun:
    run = HistoryRun(
        id=key_at(now), source_id=source.id, state="running", since=now - timedelta(days=days),
        reached=None, cursor={}, pages=0, got=0, new=0, mentions=0, next_at=now, attempt=0,
        leased_until=None, failures=0, last_error="", created_at=now, finished_at=None,
    )  # fmt: skip
    session.add(run)
    return run


async def stop_history(
    services: Services, watchlist_id: int, source_id: int, *, actor: str = "system"
) -> HistoryRun:
    """Read no further back; what was read stays. Raises NotFound."""
    now = services.clock.now()
    async with services.db.write() as session:
        await queries.source(session, watchlist_id, source_id, to_change=True)
        run: HistoryRun | None = await session.scalar(
            select(HistoryRun).where(HistoryRun.source_id == source_id).with_for_update()
        )
        if run is None:
            raise NotFound(
                "This source has no history to stop.",
                fr="Cette source n’a pas d’historique à arrêter.",
            )
        if run.state == "running":
            run.state, run.finished_at = "stopped", now
            # A walk under way finds its lease gone.
            run.attempt, run.leased_until = run.attempt + 1, None
            audit.record(
                session, now=now, actor=actor, action="source.history_stop", subject="source",
                subject_id=source_id,
            )  # fmt: skip
        return run


async def histories(services: Services, source_ids: Sequence[int]) -> Mapping[int, HistoryRun]:
    """The walks of these sources, by source."""
    async with services.db.read() as session:
        rows = await session.scalars(select(HistoryRun).where(HistoryRun.source_id.in_(source_ids)))
        return {row.source_id: row for row in rows}


def share_done(run: HistoryRun) -> float:
    """How much of the way is walked, 0..1; by time, as the number of posts is not known."""
    if run.state == "done":
        return 1.0
    if run.reached is None:
        return 0.0
    whole = run.created_at - run.since
    return min(max((run.created_at - run.reached) / whole, 0.0), 1.0)
