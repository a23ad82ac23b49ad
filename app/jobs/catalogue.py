"""The one list of jobs. Both engines run it: `embedded.py` by APScheduler, `queue.py` by
Procrastinate. A job handles one batch and says how many rows it took; the rows are the work,
a tick only says "look now"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from app.accounts.service import read_accounts
from app.alerts.service import evaluate_pending, resolve_due
from app.deliveries.service import drain
from app.digests.service import build_due
from app.enrich.service import enrich_pending
from app.ingest.service import (
    listen_live,
    poll_due,
    read_history,
    refresh_items,
    rematch_pending,
)
from app.privacy.service import apply_retention
from app.relevance.service import apply_pending, learn_pending
from app.search.service import index_pending
from app.services import Services
from app.sources.service import note_hubs, subscribe_due, tell_silent
from app.trends.rollup import rebuild_stale

Pace = Literal["tick", "minute", "hour"]


@dataclass(frozen=True, slots=True)
class Job:
    """name: also its row in `job_runs` and its metric label. pace: how often to look.

    endless: a look takes minutes by its nature; it is cut off, not waited for, at the end, and
    only one round is made, so that the row in `job_runs` stays true.
    """

    name: str
    run: Callable[[Services], Awaitable[int]]
    pace: Pace = "tick"
    endless: bool = False


JOBS: tuple[Job, ...] = (
    Job("poll_sources", poll_due),
    Job("listen_live", listen_live, endless=True),
    Job("read_history", read_history),
    Job("refresh_items", refresh_items),
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
    Job("read_accounts", read_accounts, "minute"),
    Job("tell_silent_sources", tell_silent, "minute"),
    Job("apply_retention", apply_retention, "hour"),
)


def seconds_between(pace: Pace, tick_s: float) -> float:
    """How long between two looks."""
    return {"tick": tick_s, "minute": max(tick_s, 60.0), "hour": 3600.0}[pace]
