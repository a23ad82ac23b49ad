"""A poll that shows what it would store, and stores nothing: neither items nor its cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import select

from app.ingest.poll import next_page, origin_of
from app.ingest.rules import Arrival
from app.ingest.writer import Looked, PageWriter
from app.models import Brand, Source
from app.services import Services
from app.sources.service import (
    build_collector,
    desk_for,
    get_source,
    narrowing_of_watchlist,
    unstored_source,
)
from collectors.api import Listening, Skipped
from collectors.desk import Desk

PAGES = 3
"""That a dry run reads at most: it is a look, not a poll."""


@dataclass(slots=True, kw_only=True)
class DryRun:
    """What a poll found. brands: names by id, of the watchlist; more: it would have gone on."""

    found: list[Looked] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    heard: list[Listening] = field(default_factory=list)
    brands: Mapping[int, str] = field(default_factory=dict)
    removed: int = 0
    asked: int = 0
    more: bool = False


async def dry_run_source(services: Services, watchlist_id: int, source_id: int) -> DryRun:
    """Look with a stored source, from where its next poll would begin.

    Its quotas are really spent. Raises NotFound and CollectorError.
    """
    source = await get_source(services, watchlist_id, source_id)
    return await _look(services, watchlist_id, source, stored=True)


async def dry_run_config(
    services: Services, watchlist_id: int, *, kind: str, config: Mapping[str, Any]
) -> DryRun:
    """Look with a configuration that is not stored. Raises Invalid, NotFound, CollectorError."""
    source = unstored_source(services, kind, config)
    return await _look(services, watchlist_id, source, stored=False)


async def _look(services: Services, watchlist_id: int, source: Source, *, stored: bool) -> DryRun:
    collector = build_collector(services, source)
    desk = desk_for(services, source, collector) if stored else Desk()
    http = services.http.budget(collector.capabilities.max_requests, desk=desk)
    narrowing = await narrowing_of_watchlist(services, watchlist_id)
    arrival = Arrival(now=services.clock.now())
    writer = PageWriter(services, origin_of(source, collector), arrival)
    run = DryRun(brands=await _brands(services, watchlist_id))
    pages = cast("Any", collector.poll(narrowing, dict(source.cursor or {}), http))
    async with aclosing(pages):
        while (page := await next_page(pages)) is not None:
            run.found += await writer.look(page.items)
            run.skipped += page.skipped
            run.heard.append(page.listening)
            run.removed += len(page.removed)
            if len(run.heard) == PAGES:
                run.more = True
                break
    run.asked = http.asked
    return run


async def _brands(services: Services, watchlist_id: int) -> Mapping[int, str]:
    async with services.db.read() as session:
        rows: Sequence[Any] = (
            await session.execute(
                select(Brand.id, Brand.name).where(Brand.watchlist_id == watchlist_id)
            )
        ).all()
    return {row.id: row.name for row in rows}
