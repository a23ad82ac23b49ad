"""Reading mentions' items again: figures move, texts are edited, posts are taken away (R-52).

Often while a post is young and ever more rarely after, as `REFRESH_AFTER` has it. The plan is one
row an item and source; it is moved on before the platform is asked, so that two workers never ask
for the same, and moved back where the platform was only busy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import AppError, StoreBusy, StoreFull
from app.ingest.clean import short
from app.ingest.identity import alias_of
from app.ingest.poll import listen, row_of
from app.ingest.prepare import Origin
from app.ingest.rules import Arrival, next_refresh
from app.ingest.store import Stored
from app.ingest.writer import Incoming, PageWriter
from app.models import Item, ItemRefresh, Sighting, Source
from app.services import Services
from app.sources.service import build_collector, desk_for
from collectors.api import Collector, Page, Refreshes
from collectors.errors import CollectorError, NeedsAttention, RateLimited, Transient

WAIT = timedelta(minutes=15)
"""Until a refresh that failed for a passing reason is tried again."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Items of one source that are due. ids: what the platform calls them, by item."""

    source: Source
    collector: Collector
    ids: Mapping[int, str]


async def refresh_items(services: Services) -> int:
    """Read one batch of one source again; how many items: 0 where nothing is due."""
    now = services.clock.now()
    source = await _due_source(services, now)
    if source is None:
        return 0
    collector = _built(services, source)
    if collector is None or not isinstance(collector, Refreshes):
        return await _forget(services, source.id)
    ids = await _take(services, source.id, collector.capabilities.refresh_batch, now)
    if ids:
        await _refresh(services, _Batch(source, collector, ids), now)
    return len(ids)


def _built(services: Services, source: Source) -> Collector | None:
    try:
        return build_collector(services, source)
    except (AppError, NeedsAttention):
        return None  # its polls tell the person what is wrong


async def _due_source(services: Services, now: datetime) -> Source | None:
    async with services.db.read() as session:
        found: Source | None = await session.scalar(
            select(Source)
            .join(ItemRefresh, ItemRefresh.source_id == Source.id)
            .where(ItemRefresh.due_at <= now, Source.state == "active", Source.removed_at.is_(None))
            .order_by(ItemRefresh.due_at)
            .limit(1)
        )
    return found


async def _forget(services: Services, source_id: int) -> int:
    """The source can no longer read items again: what was planned is dropped."""
    async with services.db.write() as session:
        gone = await session.execute(
            delete(ItemRefresh)
            .where(ItemRefresh.source_id == source_id)
            .returning(ItemRefresh.item_id)
        )
        return len(gone.all())


async def _take(services: Services, source_id: int, limit: int, now: datetime) -> Mapping[int, str]:
    """Due items with what the platform calls them; their plan is moved on."""
    async with services.db.write() as session:
        rows = (
            await session.execute(
                select(
                    ItemRefresh.item_id, ItemRefresh.published_at, Item.external_id,
                    Sighting.external_id.label("alias"), Item.removed_at,
                )
                .join(Item, Item.id == ItemRefresh.item_id)
                .join(
                    Sighting,
                    (Sighting.item_id == ItemRefresh.item_id)
                    & (Sighting.source_id == ItemRefresh.source_id),
                )
                .where(ItemRefresh.source_id == source_id, ItemRefresh.due_at <= now)
                .order_by(ItemRefresh.due_at, ItemRefresh.item_id)
                .limit(limit)
                .with_for_update(of=ItemRefresh, skip_locked=True)
            )
        ).all()  # fmt: skip
        steps = {
            row.item_id: None if row.removed_at else next_refresh(row.published_at, now)
            for row in rows
        }
        await _move_on(session, source_id, steps)
    return {row.item_id: row.external_id or row.alias for row in rows if row.removed_at is None}


async def _move_on(
    session: AsyncSession, source_id: int, steps: Mapping[int, datetime | None]
) -> None:
    """Each item's next step; None: it has come to the end of its plan."""
    ended = [item_id for item_id, due in steps.items() if due is None]
    await session.execute(
        delete(ItemRefresh).where(
            ItemRefresh.source_id == source_id, ItemRefresh.item_id.in_(ended)
        )
    )
    moved = [
        {"item_id": item_id, "source_id": source_id, "due_at": due}
        for item_id, due in steps.items()
        if due is not None
    ]
    if moved:
        await session.execute(
            update(ItemRefresh).execution_options(synchronize_session=False), moved
        )


async def _refresh(services: Services, batch: _Batch, now: datetime) -> None:
    log = structlog.get_logger().bind(source_id=batch.source.id, kind=batch.source.kind)
    assert isinstance(batch.collector, Refreshes)
    http = services.http.budget(
        batch.collector.capabilities.max_requests,
        desk=desk_for(services, batch.source, batch.collector),
    )
    try:
        page = await batch.collector.refresh(list(batch.ids.values()), http)
        await _store(services, batch, page, now)
    except (Transient, StoreBusy, StoreFull) as passing:
        wait = passing.retry_after if isinstance(passing, RateLimited) else None
        again = now + max(timedelta(seconds=wait or 0), WAIT)
        await _put_back(services, batch, again)
        log.info("refresh.later", reason=str(passing))
    except (CollectorError, AppError) as refusal:
        # The next step of the plan tries again; the polls tell a person.
        log.info("refresh.refused", reason=str(refusal))
    except Exception:  # foreign code: one must not stop the others
        log.exception("refresh.bug")


async def _put_back(services: Services, batch: _Batch, due: datetime) -> None:
    """A plan that had come to its end stays there: the item was old."""
    async with services.db.write() as session:
        await session.execute(
            update(ItemRefresh)
            .where(
                ItemRefresh.source_id == batch.source.id,
                ItemRefresh.item_id.in_(list(batch.ids)),
            )
            .values(due_at=due)
            .execution_options(synchronize_session=False)
        )


async def _store(services: Services, batch: _Batch, page: Page, now: datetime) -> None:
    source = batch.source
    origin = Origin(source.id, source.name, source.kind, batch.collector.platform)
    writer = PageWriter(services, origin, Arrival(now=now))
    incoming = Incoming(
        items=page.items,
        removed=[alias_of(short(one)) for one in page.removed],
        skipped=page.skipped,
    )

    async def guard(session: AsyncSession) -> None:
        return None

    async def after(session: AsyncSession, stored: Stored) -> None:
        await listen(session, row_of(source.id, now, page.listening), note="")

    await writer.write(incoming, guard=guard, after=after)
