"""/healthz (is the process well?) and /readyz (can it do its work?)."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import APIRouter, FastAPI, Response
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.api import ServicesDep
from app.db.versions import newest_version
from app.errors import AppError
from app.models import JobRun
from app.services import Services

LEAST_FREE_BYTES = 16 * 2**20
"""Below that the disk counts as full: a transaction and its log need room."""
JOBS_WITHIN = timedelta(minutes=2)
"""Jobs write their row at least every thirty seconds while they run."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def jobs_check(*, last: datetime | None, started: datetime, now: datetime) -> Check:
    """Whether somebody does the jobs: recent, or the service has only just started."""
    if last is None and now - started <= JOBS_WITHIN:
        return Check("jobs", True, "starting")
    if last is None:
        return Check("jobs", False, "no job has run: start `vigie worker`")
    age = int((now - last).total_seconds())
    fresh = now - last <= JOBS_WITHIN or now - started <= JOBS_WITHIN
    return Check("jobs", fresh, f"last run {age} s ago")


async def readiness(services: Services, *, started: datetime) -> list[Check]:
    """The database answers, is of this version, and the jobs run."""
    try:
        async with services.db.read() as session:
            version = await session.scalar(text("SELECT version_num FROM alembic_version"))
            last = await session.scalar(select(func.max(JobRun.started_at)))
    except (AppError, DBAPIError, OSError) as error:
        return [Check("database", False, type(error).__name__)]
    head = await asyncio.to_thread(newest_version)
    same = version == head
    return [
        Check("database", True, "answers"),
        Check("version", same, f"{version}" if same else f"{version}, expected {head}: migrate"),
        jobs_check(last=last, started=started, now=services.clock.now()),
    ]


def disk_check(services: Services) -> Check:
    """Red where nothing can be written: by the last write's word, or by the space left."""
    if services.db.is_full:
        return Check("disk", False, "the last write found the disk full")
    free = shutil.disk_usage(services.settings.data_dir.absolute().parent).free
    return Check("disk", free >= LEAST_FREE_BYTES, f"{free // 2**20} MiB free")


def _report(response: Response, checks: list[Check]) -> dict[str, object]:
    ok = all(check.ok for check in checks)
    response.status_code = 200 if ok else 503
    return {
        "status": "ok" if ok else "failing",
        "checks": {c.name: {"ok": c.ok, "detail": c.detail} for c in checks},
    }


def health_router(app: FastAPI) -> APIRouter:
    """Both answer without a key and tell nothing of the data."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz(services: ServicesDep, response: Response) -> dict[str, object]:
        check = await asyncio.to_thread(partial(disk_check, services))
        return _report(response, [check])

    @router.get("/readyz")
    async def readyz(services: ServicesDep, response: Response) -> dict[str, object]:
        return _report(response, await readiness(services, started=app.state.started_at))

    return router
