"""A person who changes what is watched, and a worker who stores a page, never wait crosswise."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select

from app.clock import ManualClock
from app.db.engine import Database
from app.ingest.writer import held_epoch
from app.models import Brand, Watchlist
from app.watchlists.service import NewBrand, add_brand
from tests.support.watch import watch_services, watchlist_with


async def test_a_brand_is_added_while_a_worker_stores_a_page(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    async with watch_services(db, clock, tmp_path) as services:
        watchlist, _ = await watchlist_with(services)
        async with db.write() as worker:
            await held_epoch(worker)
            person = asyncio.create_task(add_brand(services, watchlist.id, NewBrand(name="Acme")))
            # Time for the other side to take its first lock, were that another one than ours.
            await asyncio.wait({person}, timeout=0.3)
            await worker.execute(select(Watchlist.id).with_for_update(read=True))
        await person
        async with db.read() as session:
            assert (await session.execute(select(Brand.name))).scalars().all() == ["Acme"]
