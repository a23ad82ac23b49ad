"""Loading the demo, and taking it away again without a trace of what it said."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.clock import ManualClock
from app.db import fulltext
from app.db.engine import Database
from app.demo.carry import carry
from app.demo.rules import FULL_DAYS, FULL_PER_DAY, Plan, looks, make_plan
from app.demo.stage import Stage, set_up
from app.demo.walk import Walk
from app.errors import Conflict
from app.ingest.service import DEMO_KIND
from app.models import (
    Alert,
    Author,
    Base,
    Digest,
    Epoch,
    Item,
    Sighting,
    Source,
    Watchlist,
)
from app.search import service as search
from app.services import Services
from app.watchlists.service import bump_queries_epoch, remove_watchlist

__all__ = ["DemoReport", "Size", "clear_demo", "demo_watchlist_id", "load_demo"]

Progress = Callable[[int, int], None]

_CLEAR_BATCH = 1_000
_CARRY_STEPS = 60
"""Steps of the progress bar that the carrying over is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of it. Tests load less; per_day: everyday posts of a mean day."""

    days: int = FULL_DAYS
    per_day: int = FULL_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demo brought."""

    watchlist_id: int
    items: int
    mentions: int
    alerts: int
    digests: int


async def load_demo(
    services: Services, *, progress: Progress | None = None, size: Size | None = None
) -> DemoReport:
    """Live through the demo's days up to now and bring them in. Raises Conflict where it is here.

    progress: steps done, steps in all. The days pass in a scratch database (see `carry`); the house
    sees short transactions only, and nothing of it at all where this fails.
    """
    if await demo_watchlist_id(services) is not None:
        raise _here_already()
    size = size or Size()
    plan = make_plan(services.clock.now(), days=size.days, per_day=size.per_day)
    steps = len(looks(plan))

    def tell(done: int) -> None:
        if progress:
            progress(done, steps + _CARRY_STEPS)

    with TemporaryDirectory(prefix="demo-", dir=_folder(services)) as folder:
        scratch = Database(f"sqlite:///{folder}/demo.db")
        try:
            walk = await _live(services, scratch, plan, tell)
            report = await _report(scratch, walk)
            await _bring(services, scratch, walk.stage, lambda part: tell(steps + part))
        finally:
            await scratch.close()
    return report


async def _live(
    services: Services, scratch: Database, plan: Plan, tell: Callable[[int], None]
) -> Walk:
    """All days, on the virtual clock, in the scratch database."""
    clock = ManualClock(plan.start - timedelta(hours=1))
    virtual = replace(services, db=scratch, clock=clock)
    async with scratch.write() as session:
        await (await session.connection()).run_sync(_create_all)
        # The brain tells query sets apart by their epoch alone: ours must be nobody's.
        session.add(Epoch(name="queries", value=-secrets.randbits(40) - 1_000_000))
    stage = await set_up(virtual, plan)
    walk = Walk(virtual, clock, plan, stage)
    await walk.go(tell)
    return walk


def _create_all(connection: Connection) -> None:
    Base.metadata.create_all(connection)
    fulltext.create(connection)


async def _report(scratch: Database, walk: Walk) -> DemoReport:
    async with scratch.read() as session:
        alerts = await session.scalar(select(func.count()).select_from(Alert))
        digests = await session.scalar(select(func.count()).select_from(Digest))
    return DemoReport(
        watchlist_id=walk.stage.watchlist_id, items=walk.items, mentions=walk.mentions,
        alerts=alerts or 0, digests=digests or 0,
    )  # fmt: skip


async def _bring(
    services: Services, scratch: Database, stage: Stage, tell: Callable[[int], None]
) -> None:
    mine = False

    async def first(session: AsyncSession) -> None:
        nonlocal mine
        if await _demo_id(session) is not None:
            raise _here_already()
        audit.record(
            session, now=services.clock.now(), actor="demo", action="demo.load",
            subject="watchlist", subject_id=stage.watchlist_id,
        )  # fmt: skip
        await bump_queries_epoch(session)
        mine = True

    def told(done: int, total: int) -> None:
        tell(_CARRY_STEPS * done // total)

    try:
        await carry(scratch, services.db, first=first, told=told)
    except BaseException:
        if mine:
            await clear_demo(services)
        raise


async def clear_demo(services: Services) -> int:
    """Remove the demo: watchlist, sources, items, authors; how many items went.

    An item that a source of somebody else saw too stays. Does nothing where there is no demo, and
    finishes what an earlier call left half done.
    """
    async with services.db.read() as session:
        watchlists = (await session.scalars(select(Watchlist.id).where(Watchlist.is_demo))).all()
    for watchlist_id in watchlists:
        await remove_watchlist(services, watchlist_id, actor="demo")
    removed = 0
    while batch := await _some_items(services):
        removed += await _remove_items(services, batch)
    async with services.db.write() as session:
        await session.execute(delete(Source).where(Source.kind == DEMO_KIND))
    return removed


async def demo_watchlist_id(services: Services) -> int | None:
    """The demo's watchlist, if it is loaded."""
    async with services.db.read() as session:
        return await _demo_id(session)


async def _demo_id(session: AsyncSession) -> int | None:
    found: int | None = await session.scalar(
        select(Watchlist.id).where(Watchlist.is_demo).order_by(Watchlist.id).limit(1)
    )
    return found


def _only_demo() -> Select[int]:
    """Items that nobody but the demo's sources saw."""
    ours = select(Source.id).where(Source.kind == DEMO_KIND)
    others = exists().where(Sighting.item_id == Item.id, Sighting.source_id.not_in(ours))
    seen = exists().where(Sighting.item_id == Item.id, Sighting.source_id.in_(ours))
    return select(Item.id).where(seen, ~others)


async def _some_items(services: Services) -> Sequence[int]:
    async with services.db.read() as session:
        return (await session.scalars(_only_demo().limit(_CLEAR_BATCH))).all()


async def _remove_items(services: Services, item_ids: Sequence[int]) -> int:
    """Items with what hangs on them, and the authors that are left without any."""
    async with services.db.write() as session:
        wrote = set(
            await session.scalars(select(Item.author_id).where(Item.id.in_(item_ids)).distinct())
        ) - {None}
        gone = await session.scalars(delete(Item).where(Item.id.in_(item_ids)).returning(Item.id))
        count = len(gone.all())
        await search.forget(session, item_ids)
        await session.execute(
            delete(Author)
            .where(Author.id.in_(wrote), ~exists().where(Item.author_id == Author.id))
            .execution_options(synchronize_session=False)
        )
    return count


def _folder(services: Services) -> Path:
    folder = services.settings.data_dir.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _here_already() -> Conflict:
    return Conflict(
        "The demo is loaded already: `vigie demo clear` takes it away.",
        fr="La démo est déjà chargée : `vigie demo clear` l’enlève.",
    )
