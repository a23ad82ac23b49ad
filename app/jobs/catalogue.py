"""The one list of jobs. Both engines run it: `embedded.py` by APScheduler, `queue.py` by
Procrastinate. A job handles one batch and says how many rows it took; the rows are the work,
a tick only says "look now"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from app.alerts.service import evaluate_pending, resolve_due
from app.deliveries.service import drain
from app.digests.service import build_due
from app.enrich.service import enrich_pending
from app.ingest.service import poll_due, rematch_pending
from app.privacy.service import apply_retention
from app.relevance.service import apply_pending, learn_pending
from app.search.service import index_pending
from app.services import Services
from app.sources.service import note_hubs, subscribe_due
from app.trends.rollup import rebuild_stale

Pace = Literal["tick", "minute", "hour"]


@dataclass(frozen=True, slots=True)
class Job:
    """name: also its row in `job_runs` and its metric label. pace: how often to look."""

    name: str
    run: Callable[[Services], Awaitable[int]]
    pace: Pace = "tick"


JOBS: tuple[Job, ...] = (
    Job("poll_sources", poll_due),
    Job("evaluate_rules", evaluate_pending),
    Job("drain_deliveries", drain),
    Job("rematch_queries", rematch_pending),
    Job("learn_relevance", learn_pending),
    Job("apply_relevance", apply_pending),
    Job("enrich_mentions", enrich_pending),
    Job("index_items", index_pending),
    Job("rebuild_rollups", rebuild_stale),
    Job("build_digests", build_due),
    Job("subscribe_pushes", subscribe_due, "minute"),
    Job("note_hubs", note_hubs, "hour"),
    Job("resolve_alerts", resolve_due, "minute"),
    Job("apply_retention", apply_retention, "hour"),
)


def seconds_between(pace: Pace, tick_s: float) -> float:
    """How long between two looks."""
    return {"tick": tick_s, "minute": max(tick_s, 60.0), "hour": 3600.0}[pace]
