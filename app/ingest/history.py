"""Walking a source back into its past, a budget at a time, beside its polls.

What the walk brings is backfill: it counts in the trends by its own date, never alerts, and is
not new in a digest. What was published after the walk began is left to the polls.
"""

from __future__ import annotations

import random
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.claim import Claim, LeaseLost, claim, close, hold
from app.errors import AppError, StoreBusy, StoreFull
from app.ingest.clean import short
from app.ingest.poll import LEASE, listen, next_page, origin_of, row_of
from app.ingest.rules import Arrival, after_walk
from app.ingest.store import Stored
from app.ingest.writer import Incoming, PageWriter
from app.models import HistoryRun, Source
from app.services import Services
from app.sources.service import build_collector, desk_for, narrowing_of, shelve
from collectors.api import Collector, History, Page
from collectors.errors import CollectorError


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One call of a collector's backfill under way."""

    services: Services
    mine: Claim
    run: HistoryRun
    source: Source
    collector: Collector
    pages: int = 0


async def read_history(services: Services) -> int:
    """Walk one source a budget further back; how many were walked: 0 where nothing is due."""
    now = services.clock.now()
    polled = select(Source.id).where(
        Source.state.in_(("active", "failing")), Source.removed_at.is_(None)
    )
    due = and_(
        HistoryRun.state == "running", HistoryRun.next_at <= now,
        HistoryRun.source_id.in_(polled),
    )  # fmt: skip
    async with services.db.write() as session:
        claims = await claim(
            session, HistoryRun, due=due, order_by=HistoryRun.next_at, now=now, lease=LEASE,
            limit=1,
        )  # fmt: skip
    for mine in claims:
        await _walk(services, mine)
    return len(claims)


async def _walk(services: Services, mine: Claim) -> None:
    async with services.db.read() as session:
        run = await session.get(HistoryRun, mine.id)
        source = await session.get(Source, run.source_id) if run else None
    if run is None or source is None:
        return
    error: Exception | None = None
    pages = 0
    try:
        walk = _Walk(
            services=services, mine=mine, run=run, source=source,
            collector=build_collector(services, source),
        )  # fmt: skip
        try:
            await _pages(walk)
        finally:
            pages = walk.pages
    except LeaseLost:
        return
    except (CollectorError, AppError) as told:
        error = told
    except Exception as bug:  # foreign code: one must not stop the others
        structlog.get_logger().exception("history.bug", source_id=source.id, kind=source.kind)
        error = bug
    await _finish(services, mine, run, error, pages=pages)


async def _pages(walk: _Walk) -> None:
    services, collector, run = walk.services, walk.collector, walk.run
    if not isinstance(collector, History):
        return
    async with services.db.read() as session:
        narrowing = await narrowing_of(session, walk.source)
    origin = origin_of(walk.source, collector)
    arrival = Arrival(now=services.clock.now(), imported=True)
    writer = PageWriter(services, origin, arrival)
    http = services.http.budget(
        collector.capabilities.max_requests, desk=desk_for(services, walk.source, collector)
    )
    pages = cast("Any", collector.backfill(narrowing, run.since, dict(run.cursor), http))
    async with aclosing(pages):
        while (page := await next_page(pages)) is not None:
            await _store(walk, writer, page)


async def _store(walk: _Walk, writer: PageWriter, page: Page) -> None:
    """A page, its cursor and the new counts, or none of them."""
    run, now = walk.run, walk.services.clock.now()
    items = [one for one in page.items if _is_past(one.published_at, run)]
    told = [one.published_at for one in items if one.published_at is not None]
    run.reached = min([*told, run.reached or run.created_at])

    async def guard(session: AsyncSession) -> None:
        values = {"cursor": dict(page.cursor), "leased_until": walk.services.clock.now() + LEASE}
        await hold(session, HistoryRun, walk.mine, values)

    async def after(session: AsyncSession, stored: Stored) -> None:
        await shelve(session, walk.source.id, page.keep, now=now)
        values = {
            "reached": max(run.reached or run.since, run.since), "pages": run.pages + 1,
            "got": run.got + len(items), "new": run.new + stored.new,
            "mentions": run.mentions + stored.mentions,
        }  # fmt: skip
        await hold(session, HistoryRun, walk.mine, values)
        # What the past holds says nothing of how well we hear now: only the asking is logged.
        heard = replace(page.listening, truncated=False, missed=False)
        await listen(session, row_of(walk.source.id, now, heard), note="")

    stored = await writer.write(
        Incoming(items=items, skipped=page.skipped), guard=guard, after=after
    )
    run.pages, run.got = run.pages + 1, run.got + len(items)
    run.new, run.mentions = run.new + stored.new, run.mentions + stored.mentions
    walk.pages += 1


def _is_past(published: datetime | None, run: HistoryRun) -> bool:
    return published is None or run.since <= published < run.created_at


async def _finish(
    services: Services, mine: Claim, run: HistoryRun, error: Exception | None, *, pages: int
) -> None:
    now = services.clock.now()
    after = after_walk(
        error,
        pages=pages,
        failures=run.failures,
        now=now,
        jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
    )
    values = {
        "state": after.state, "failures": after.failures, "next_at": after.next_at,
        "last_error": short(after.last_error),
        "finished_at": None if after.state == "running" else now,
    }  # fmt: skip
    try:
        async with services.db.write() as session:
            await close(session, HistoryRun, mine, values)
    except LeaseLost:
        return
    except (StoreBusy, StoreFull):
        # The lease ends by itself, and the walk goes on from the same cursor.
        return
    if after.state != "running":
        structlog.get_logger().info(
            "history.ended", source_id=run.source_id, state=after.state, new=run.new,
            mentions=run.mentions,
        )  # fmt: skip
