"""Runs one job until nothing is due, and keeps its `job_runs` row true.

The job boundary is the only place with a broad catch: a bug in one job is logged, counted and
shown, and every other job goes on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog

from app.db.upsert import put
from app.errors import StoreBusy, StoreFull
from app.jobs.catalogue import Job
from app.models import JobRun
from app.services import Services

MAX_ROUNDS = 50
"""Batches one look may take before the next job has its turn again."""
QUIET_S = 30.0
"""A job that found nothing writes its row at most this often."""


@dataclass(slots=True)
class Runner:
    """Runs jobs for one process."""

    services: Services
    failures: dict[str, int] = field(default_factory=dict)
    _written: dict[str, float] = field(default_factory=dict)

    async def run(self, job: Job) -> int:
        """All batches that are due now. Returns the rows handled; never raises a job's error."""
        log = structlog.get_logger().bind(job=job.name)
        started = self.services.clock.now()
        handled, error = 0, ""
        try:
            for _ in range(1 if job.endless else MAX_ROUNDS):
                count = await job.run(self.services)
                handled += count
                if not count:
                    break
        except (StoreBusy, StoreFull) as passing:
            error = str(passing)
            log.warning("job.store_unavailable", reason=error)
        except Exception as bug:
            error = f"{type(bug).__name__}: {bug}"
            log.exception("job.bug")
        if handled:
            log.info("job.handled", rows=handled)
        self.failures[job.name] = self.failures.get(job.name, 0) + bool(error)
        await self._record(job, started=started, handled=handled, error=error)
        return handled

    async def _record(self, job: Job, *, started: object, handled: int, error: str) -> None:
        moment = time.monotonic()
        quiet = not handled and not error
        if quiet and moment - self._written.get(job.name, -QUIET_S) < QUIET_S:
            return
        self._written[job.name] = moment
        row = {
            "name": job.name, "started_at": started, "finished_at": self.services.clock.now(),
            "handled": handled, "failures": self.failures[job.name], "last_error": error[:500],
        }  # fmt: skip
        try:
            async with self.services.db.write() as session:
                await put(session, JobRun, [row], keys=["name"])
        except (StoreBusy, StoreFull):
            # The row is for people to see; the next run writes it.
            self._written.pop(job.name, None)
