"""/metrics: what each stage did, how far it is behind, in Prometheus' text format.

Figures of the store are asked for at each scrape, by indexes only: no figure may grow dearer
with the number of mentions. Figures of this process (requests) are counted as they happen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.api import ServicesDep
from app.db.keys import first_key_at
from app.models import (
    DayRollup,
    Delivery,
    JobRun,
    ListeningLog,
    Mention,
    QueryVersion,
    Source,
)
from app.services import Services

_LISTENING = ("asked", "got", "new", "refused", "failed", "skipped", "truncated", "missed")
_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What the store says at one moment."""

    mentions: dict[str, int]
    listening: dict[str, int]
    deliveries: dict[str, int]
    oldest_pending: datetime | None
    sources: dict[str, int]
    queues: dict[str, int]
    jobs: list[JobRun] = field(default_factory=list)


async def figures(session: AsyncSession, *, now: datetime) -> StoreFigures:
    """All figures in one read transaction."""
    return StoreFigures(
        mentions=await _mentions(session),
        listening=await _listening(session, since=now - _DAY),
        deliveries=await _deliveries(session, since=now - _DAY),
        oldest_pending=await session.scalar(
            select(Delivery.created_at)
            .where(Delivery.state == "pending")
            .order_by(Delivery.due_at)
            .limit(1)
        ),
        sources=await _sources(session),
        queues=await _queues(session),
        jobs=list((await session.scalars(select(JobRun).order_by(JobRun.name))).all()),
    )


async def _mentions(session: AsyncSession) -> dict[str, int]:
    found = await session.execute(
        select(DayRollup.label, func.sum(DayRollup.n)).group_by(DayRollup.label)
    )
    return {label: int(n) for label, n in found}


async def _listening(session: AsyncSession, *, since: datetime) -> dict[str, int]:
    sums = [func.coalesce(func.sum(getattr(ListeningLog, name)), 0) for name in _LISTENING]
    # Joined from `sources`, so that the key (source, hour) finds the last day's rows.
    found = await session.execute(
        select(*sums).select_from(Source).join(
            ListeningLog, (ListeningLog.source_id == Source.id) & (ListeningLog.hour >= since)
        )
    )  # fmt: skip
    return dict(zip(_LISTENING, (int(n) for n in found.one()), strict=True))


async def _deliveries(session: AsyncSession, *, since: datetime) -> dict[str, int]:
    found = await session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.id >= first_key_at(since))
        .group_by(Delivery.state)
    )
    counts = {state: int(n) for state, n in found}
    waiting = await session.scalar(
        select(func.count()).select_from(Delivery).where(Delivery.state == "pending")
    )
    return counts | {"pending": int(waiting or 0)}


async def _sources(session: AsyncSession) -> dict[str, int]:
    found = await session.execute(
        select(Source.state, func.count()).where(Source.removed_at.is_(None)).group_by(Source.state)
    )
    return {state: int(n) for state, n in found}


async def _queues(session: AsyncSession) -> dict[str, int]:
    # The bare column is the condition of the partial index; `= true` would not use it.
    def waiting(flag: str) -> object:
        return select(func.count()).select_from(Mention).where(text(flag)).scalar_subquery()

    stale = (
        select(func.count())
        .select_from(QueryVersion)
        .where(QueryVersion.rematched_at.is_(None))
        .scalar_subquery()
    )
    row = (
        await session.execute(
            select(waiting("rules_pending"), waiting("entities_pending"), stale)  # type: ignore[call-overload]  # scalar subqueries are columns
        )
    ).one()
    return dict(zip(("rules", "entities", "rematch"), (int(n) for n in row), strict=True))


class Metrics:
    """One app's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "vigie_http_requests", "Requests answered by this process.", ["method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "vigie_http_request_seconds", "Time to answer a request.",
            buckets=(0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10), registry=self.registry,
        )  # fmt: skip

    def answered(self, *, method: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests.labels(known, str(status)).inc()
        self._seconds.observe(seconds)

    async def render(self, services: Services) -> bytes:
        """This process's figures and the store's."""
        now = services.clock.now()
        async with services.db.read() as session:
            found = await figures(session, now=now)
        return generate_latest(self.registry) + generate_latest(_store_registry(found, now=now))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _store_registry(found: StoreFigures, *, now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, text: str, label: str, values: dict[str, int]) -> None:
        metric = Gauge(f"vigie_{name}", text, [label], registry=registry)
        for value, n in values.items():
            metric.labels(value).set(n)

    gauge("mentions", "Mentions counted in the roll-ups, by label.", "label", found.mentions)
    gauge("listening_24h", "What sources were asked and gave, last 24 h.", "what", found.listening)
    gauge(
        "deliveries", "Deliveries: all that are pending, others made in the last 24 h.",
        "state", found.deliveries,
    )  # fmt: skip
    gauge("sources", "Sources by state.", "state", found.sources)
    gauge("queue_depth", "Rows that wait for a job.", "queue", found.queues)
    items = Gauge("vigie_items_new_24h", "Items first seen in the last 24 h.", registry=registry)
    items.set(found.listening["new"])
    oldest = Gauge(
        "vigie_delivery_oldest_pending_seconds", "Age of the oldest pending delivery.",
        registry=registry,
    )  # fmt: skip
    oldest.set((now - found.oldest_pending).total_seconds() if found.oldest_pending else 0)
    _add_jobs(registry, found.jobs)
    return registry


def _add_jobs(registry: CollectorRegistry, jobs: list[JobRun]) -> None:
    started = Gauge("vigie_job_last_run_timestamp_seconds", "When the job last ran.", ["job"],
                    registry=registry)  # fmt: skip
    handled = Gauge("vigie_job_last_handled", "Rows the job's last run handled.", ["job"],
                    registry=registry)  # fmt: skip
    failures = Gauge("vigie_job_failures", "Failed runs since the process started.", ["job"],
                     registry=registry)  # fmt: skip
    for job in jobs:
        started.labels(job.name).set(job.started_at.timestamp())
        handled.labels(job.name).set(job.handled)
        failures.labels(job.name).set(job.failures)


def metrics_router(metrics: Metrics) -> APIRouter:
    """Behind the gate like everything else: it needs a key."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def show_metrics(services: ServicesDep) -> Response:
        return Response(await metrics.render(services), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
