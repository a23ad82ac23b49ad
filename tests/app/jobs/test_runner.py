"""The catalogue, the boundary round each job, and the embedded engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import StoreBusy
from app.jobs.catalogue import JOBS, Job, seconds_between
from app.jobs.embedded import running_jobs
from app.jobs.runner import MAX_ROUNDS, Runner
from app.models import JobRun, Source
from app.services import Services
from tests.support.watch import watch_services


def counting(*answers: int | Exception) -> tuple[Job, list[int]]:
    """A job that gives these answers in turn and then finds nothing."""
    calls: list[int] = []

    async def run(services: Services) -> int:
        calls.append(len(calls))
        answer = answers[len(calls) - 1] if len(calls) <= len(answers) else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Job("counted", run), calls


async def stored(db: Database) -> JobRun:
    async with db.read() as session:
        return (await session.execute(select(JobRun))).scalar_one()


def test_each_job_has_a_name_of_its_own() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_a_pace_never_asks_more_often_than_the_tick() -> None:
    assert [seconds_between(pace, 5.0) for pace in ("tick", "minute", "hour")] == [
        5.0,
        60.0,
        3600.0,
    ]


async def test_a_job_runs_until_nothing_is_due(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    job, calls = counting(3, 2)
    async with watch_services(db, clock, tmp_path) as services:
        assert await Runner(services).run(job) == 5
    row = await stored(db)
    assert (len(calls), row.handled, row.failures, row.last_error) == (3, 5, 0, "")


async def test_a_job_that_always_finds_work_lets_the_next_one_have_its_turn(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    job, calls = counting(*[1] * (2 * MAX_ROUNDS))
    async with watch_services(db, clock, tmp_path) as services:
        await Runner(services).run(job)
    assert len(calls) == MAX_ROUNDS


@pytest.mark.parametrize("error", [RuntimeError("a bug"), StoreBusy("locked")])
async def test_what_a_job_raises_is_shown_and_stops_nothing(
    db: Database, clock: ManualClock, tmp_path: Path, error: Exception
) -> None:
    job, _ = counting(error)
    async with watch_services(db, clock, tmp_path) as services:
        runner = Runner(services)
        assert await runner.run(job) == 0
        row = await stored(db)
        assert (row.failures, str(error) in row.last_error) == (1, True)
        clock.at += timedelta(minutes=1)
        await runner.run(Job("counted", counting(1)[0].run))
        assert (await stored(db)).last_error == ""


async def test_the_embedded_engine_ticks_and_takes_over_what_a_dead_process_held(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    now = clock.now()
    async with db.write() as session:
        session.add(
            Source(
                kind="rss", name="held", fingerprint="f", next_poll_at=now, created_at=now,
                updated_at=now, attempt=3, leased_until=now + timedelta(minutes=4),
            )
        )  # fmt: skip
    ticked = asyncio.Event()

    def ticking(event: asyncio.Event) -> Callable[[Services], Awaitable[int]]:
        async def run(services: Services) -> int:
            event.set()
            return 0

        return run

    async with watch_services(db, clock, tmp_path) as services:
        async with running_jobs(services, jobs=[Job("tick", ticking(ticked))]):
            await asyncio.wait_for(ticked.wait(), 10)
        async with db.read() as session:
            source = (await session.execute(select(Source))).scalar_one()
    assert (source.leased_until, source.attempt) == (None, 4)
