"""The catalogue on Procrastinate: the same jobs as periodic tasks on PostgreSQL.

Any number of workers on any number of machines: of each tick one insert wins (a unique index on
task and time), `queueing_lock` keeps at most one tick of a job waiting, and the leases on the
rows share the work between jobs that run at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status
from sqlalchemy.engine import make_url

from app.jobs.catalogue import JOBS, Job, seconds_between
from app.jobs.runner import Runner
from app.services import Services

STALE_AFTER_S = 30.0
CONCURRENCY = 6
"""Jobs at once; listening to streams may hold one of them for minutes."""
_PREPARE_KEY = 7_014_320


def build_app(services: Services, *, jobs: Sequence[Job] = JOBS) -> App:
    """Procrastinate's App with one periodic task per job."""
    app = App(connector=PsycopgConnector(conninfo=conninfo(services.settings.database_url)))
    runner = Runner(services)
    for job in jobs:
        _register(app, runner, job)
    return app


def _register(app: App, runner: Runner, job: Job) -> None:
    async def look(timestamp: int) -> int:
        return await runner.run(job)

    task = app.task(name=job.name, queue="vigie", queueing_lock=job.name)(look)
    cron = cron_for(seconds_between(job.pace, runner.services.settings.tick_s))
    app.periodic(cron=cron, periodic_id=job.name, queueing_lock=job.name)(task)


async def run_worker(services: Services, *, name: str, jobs: Sequence[Job] = JOBS) -> None:
    """Work until a signal says stop. Finished ticks are deleted: the rows hold the history."""
    app = build_app(services, jobs=jobs)
    async with app.open_async():
        await prepare(app, conninfo(services.settings.database_url))
        await app.run_worker_async(
            queues=["vigie"], name=name, concurrency=CONCURRENCY, delete_jobs="always",
            shutdown_graceful_timeout=20.0, stalled_worker_timeout=STALE_AFTER_S,
            fetch_job_polling_interval=max(0.2, services.settings.tick_s / 2),
        )  # fmt: skip


async def prepare(app: App, address: str) -> None:
    """Make Procrastinate's tables where they are missing, and drop the ticks of dead workers.

    A lost tick is only a delay: the next one looks at the same rows. The advisory lock keeps two
    workers that start at once on an empty database from making the tables twice.
    """
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as session:
        await session.execute("SELECT pg_advisory_lock(%s)", (_PREPARE_KEY,))
        found = await session.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
        row = await found.fetchone()
        if not (row and row[0]):
            await app.schema_manager.apply_schema_async()
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALE_AFTER_S):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


def cron_for(seconds: float) -> str:
    """Six-field cron (seconds last) that fires at most every `seconds`."""
    whole = max(1, ceil(seconds))
    if whole < 60:
        return f"* * * * * */{whole}"
    minutes = whole // 60
    return f"*/{minutes} * * * *" if minutes < 60 else "0 * * * *"


def conninfo(url: str) -> str:
    """SQLAlchemy's address as libpq wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
