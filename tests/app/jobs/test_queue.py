"""The same catalogue on Procrastinate: two workers share the ticks, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.jobs.catalogue import JOBS, Job
from app.jobs.queue import build_app, conninfo, cron_for, prepare
from app.jobs.runner import Runner
from app.services import Services
from tests.support.postgres import Postgres
from tests.support.watch import watch_services


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    postgres.create("vigie_queue", template=postgres.template)
    yield postgres.url("vigie_queue")
    postgres.drop("vigie_queue")


@pytest.mark.parametrize(
    ("seconds", "cron"),
    [
        (0.1, "* * * * * */1"), (5.0, "* * * * * */5"), (60.0, "*/1 * * * *"),
        (3600.0, "0 * * * *"),
    ],
)  # fmt: skip
def test_a_pace_becomes_a_cron_line(seconds: float, cron: str) -> None:
    assert cron_for(seconds) == cron


async def test_every_job_of_the_catalogue_is_a_periodic_task(
    url: str, clock: ManualClock, tmp_path: Path
) -> None:
    database = Database(url)
    async with watch_services(database, clock, tmp_path, database=url) as services:
        app = build_app(services)
        assert {name for name, _ in app.periodic_registry.periodic_tasks} == {j.name for j in JOBS}
    await database.close()


async def test_two_workers_share_the_ticks_of_one_job(
    url: str, clock: ManualClock, tmp_path: Path
) -> None:
    done: Counter[str] = Counter()
    enough = asyncio.Event()

    async def run(services: Services) -> int:
        done["ticks"] += 1
        if done["ticks"] >= 4:
            enough.set()
        return 0

    database = Database(url)
    async with watch_services(database, clock, tmp_path, database=url, tick_s=1.0) as services:
        workers = [asyncio.create_task(_work(services, url, run)) for _ in range(2)]
        await asyncio.wait_for(enough.wait(), 30)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    await database.close()
    with psycopg.connect(conninfo(url)) as session:
        row = session.execute(
            "SELECT count(*), count(DISTINCT defer_timestamp) FROM procrastinate_periodic_defers"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1], "of each tick one insert wins, however many workers there are"


async def _work(services: Services, url: str, run: object) -> None:
    app = build_app(services, jobs=[Job("counted", run)])  # type: ignore[arg-type] # a local job
    async with app.open_async():
        await prepare(app, conninfo(url))
        await app.run_worker_async(
            queues=["vigie"], install_signal_handlers=False, delete_jobs="always",
            fetch_job_polling_interval=0.2, listen_notify=False,
        )  # fmt: skip


async def test_a_bug_in_one_job_is_recorded_and_raises_nothing(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    async def broken(services: Services) -> int:
        raise RuntimeError("a bug")

    async with watch_services(db, clock, tmp_path) as services:
        runner = Runner(services)
        assert await runner.run(Job("broken", broken)) == 0
        assert runner.failures == {"broken": 1}
