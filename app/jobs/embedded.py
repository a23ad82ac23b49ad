"""The catalogue on APScheduler: one process, memory store, interval ticks in UTC.

Cron triggers are not used: they skip and double at DST changes (requirements.md §1.1). Due
times live in the database; a lost tick costs a delay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.db.claim import release_all
from app.jobs.catalogue import JOBS, Job, seconds_between
from app.jobs.runner import Runner
from app.models import Delivery, HistoryRun, Source
from app.services import Services

STOP_WITHIN_S = 20.0


@asynccontextmanager
async def running_jobs(services: Services, *, jobs: Sequence[Job] = JOBS) -> AsyncIterator[Runner]:
    """Run the jobs while the block lasts; on leaving, no new work starts and what runs is given
    twenty seconds to end (R-39). A batch cut off is done again when its lease ends."""
    # The scheduler lock is ours, so whoever held a lease is dead: its rows need not wait.
    async with services.db.write() as session:
        for leased in (Source, HistoryRun, Delivery):
            await release_all(session, leased)
    runner = Runner(services)
    busy: set[asyncio.Task[int]] = set()
    endless: set[asyncio.Task[int]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC)

    async def look(job: Job) -> None:
        task = asyncio.create_task(runner.run(job))
        for held in (busy, *([endless] if job.endless else [])):
            held.add(task)
            task.add_done_callback(held.discard)
        await asyncio.shield(task)

    for job in jobs:
        every = seconds_between(job.pace, services.settings.tick_s)
        scheduler.add_job(
            look, IntervalTrigger(seconds=every, timezone=UTC), args=[job], id=job.name,
            max_instances=1, coalesce=True, misfire_grace_time=None,
            next_run_time=scheduler_now(),
        )  # fmt: skip
    scheduler.start()
    try:
        yield runner
    finally:
        scheduler.shutdown(wait=False)
        for task in endless:
            task.cancel()
        if busy:
            await asyncio.wait(busy, timeout=STOP_WITHIN_S)
        for task in busy:
            task.cancel()


def scheduler_now() -> object:
    """The machine's time: ticks follow it even where the service lives in a replay."""
    from app.clock import SystemClock

    return SystemClock().now()
