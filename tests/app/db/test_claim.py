"""Leases: shared without loss, fenced against late writers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db.claim import Claim, LeaseLost, claim, close, release_all
from app.db.engine import Database
from app.models import Source

LEASE = timedelta(seconds=60)


async def add_sources(db: Database, now: datetime, count: int) -> None:
    async with db.write() as session:
        session.add_all(
            Source(
                kind="rss", name=f"s{n}", fingerprint=str(n), next_poll_at=now,
                created_at=now, updated_at=now,
            )
            for n in range(count)
        )  # fmt: skip


async def take(db: Database, now: datetime, limit: int = 10) -> list[Claim]:
    async with db.write() as session:
        return list(
            await claim(
                session, Source, due=Source.next_poll_at <= now, order_by=Source.next_poll_at,
                now=now, lease=LEASE, limit=limit,
            )
        )  # fmt: skip


async def test_two_workers_share_the_due_rows_without_overlap(db: Database, now: datetime) -> None:
    await add_sources(db, now, 12)
    first, second = await asyncio.gather(take(db, now, 6), take(db, now, 6))
    assert len({c.id for c in first} | {c.id for c in second}) == len(first) + len(second)
    assert await take(db, now, 12) == [] or len(first) + len(second) < 12


async def test_a_dead_workers_row_comes_back_when_its_lease_ends(
    db: Database, now: datetime
) -> None:
    await add_sources(db, now, 1)
    await take(db, now)
    assert await take(db, now + LEASE - timedelta(seconds=1)) == []
    assert [c.attempt for c in await take(db, now + LEASE)] == [2]


async def test_a_worker_that_wakes_late_cannot_overwrite_its_successor(
    db: Database, now: datetime
) -> None:
    await add_sources(db, now, 1)
    [late] = await take(db, now)
    [successor] = await take(db, now + LEASE)
    with pytest.raises(LeaseLost):
        async with db.write() as session:
            await close(session, Source, late, {"last_error": "late"})
    async with db.write() as session:
        await close(session, Source, successor, {"last_error": "mine"})
    async with db.read() as session:
        row = (await session.execute(select(Source))).scalar_one()
    assert (row.last_error, row.leased_until) == ("mine", None)


async def test_a_process_that_is_alone_takes_over_at_once_and_fences_the_dead(
    db: Database, now: datetime
) -> None:
    await add_sources(db, now, 2)
    [late, _] = await take(db, now)
    async with db.write() as session:
        assert await release_all(session, Source) == 2
    assert len(await take(db, now)) == 2
    with pytest.raises(LeaseLost):
        async with db.write() as session:
            await close(session, Source, late, {"last_error": "late"})
