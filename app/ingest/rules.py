"""Decisions about a poll: when to come back, what is history, which time to believe. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from collectors.errors import CollectorError, NeedsAttention, RateLimited

IMPORT_KIND = "import"
"""Kind of the sources behind `vigie import`: never polled."""
DEMO_KIND = "demo"
"""Kind of the demo's sources: what they said was made up, there is nobody to ask."""
INTAKE_KIND = "webhook"
"""Kind of the sources that others push posts into: there is nobody to ask."""
NOT_POLLED = (IMPORT_KIND, DEMO_KIND, INTAKE_KIND)

DAY = timedelta(hours=24)
OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Before it nothing was posted: such a date is a default value."""
SKEW = timedelta(minutes=10)
"""A platform's clock may be that much ahead of ours without being flagged."""
MAX_PERMANENT = 10
"""Unreadable answers in a row after which a person has to look (R-13)."""

Outcome = Literal["ok", "rate_limited", "transient", "bad_payload", "needs_attention", "bug"]
Health = Literal["active", "failing", "needs_attention", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How a poll ended. freshness, retry_after: seconds that the platform named."""

    outcome: Outcome
    message: str = ""
    freshness: float | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextState:
    """What the source's row becomes; `news` names a change that is told once."""

    state: Health
    failures: int
    next_poll_at: datetime
    last_error: str
    news: Literal["", "down", "back", "needs_attention"]


def next_state(
    polled: Polled, *, state: str, failures: int, interval: timedelta, now: datetime, jitter: float
) -> NextState:
    """State and next poll after a poll (R-11, R-13, R-14).

    jitter: 0..1, drawn by the caller; up to a tenth of the delay is added, nothing ever taken.
    A source that a person paused and had checked once stays paused.
    """
    after = _next_state(
        polled, state=state, failures=failures, interval=interval, now=now, jitter=jitter
    )
    return replace(after, state="paused", news="") if state == "paused" else after


def _next_state(
    polled: Polled, *, state: str, failures: int, interval: timedelta, now: datetime, jitter: float
) -> NextState:
    if polled.outcome == "ok":
        news: Literal["", "back"] = "back" if state in ("failing", "needs_attention") else ""
        delay = max(interval, _seconds(polled.freshness))
        return NextState(
            state="active", failures=0, last_error="", news=news,
            next_poll_at=now + _spread(delay, jitter),
        )  # fmt: skip
    if polled.outcome == "rate_limited" and polled.retry_after is not None:
        # The platform named the moment: that is order, not failure.
        delay = max(interval, _seconds(polled.retry_after), _seconds(polled.freshness))
        kept: Health = "failing" if state == "failing" else "active"
        return NextState(
            state=kept, failures=failures, last_error=polled.message, news="",
            next_poll_at=now + _spread(delay, jitter),
        )  # fmt: skip
    return _failed(
        polled, state=state, failures=failures + 1, interval=interval, now=now, jitter=jitter
    )


def _failed(
    polled: Polled, *, state: str, failures: int, interval: timedelta, now: datetime, jitter: float
) -> NextState:
    hopeless = polled.outcome in ("bad_payload", "bug") and failures >= MAX_PERMANENT
    stop = polled.outcome == "needs_attention" or hopeless
    after: Health = "needs_attention" if stop else "failing"
    told = state in (after, "needs_attention")
    news: Literal["", "down", "needs_attention"] = (
        "" if told else "needs_attention" if stop else "down"
    )
    delay = max(backoff(interval, failures), _seconds(polled.retry_after))
    return NextState(
        state=after, failures=failures, last_error=polled.message, news=news,
        next_poll_at=now + _spread(delay, jitter),
    )  # fmt: skip


def backoff(interval: timedelta, failures: int) -> timedelta:
    """interval, 2 × interval, 4 × … after the first, second, third failure in a row; ≤ 24 h."""
    doublings = min(max(failures - 1, 0), 20)
    return min(interval * (1 << doublings), DAY)


def _seconds(value: float | None) -> timedelta:
    return timedelta(seconds=min(max(value or 0.0, 0.0), DAY.total_seconds()))


def _spread(delay: timedelta, jitter: float) -> timedelta:
    return min(delay, DAY) * (1 + 0.1 * jitter)


def believe(published: datetime | None, *, now: datetime) -> tuple[datetime, str]:
    """The time to count an item at, and what the platform said where that cannot be (R-18)."""
    if published is None:
        return now, "none"
    if published > now:
        return now, (published.isoformat() if published > now + SKEW else "")
    if published < OLDEST:
        return now, published.isoformat()
    return published, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How items come in, for the question whether they are history (DESIGN §2).

    imported: by `vigie import` or a history job. first_poll_of: when the source was added, while
    its first poll is not complete; None afterwards.
    """

    now: datetime
    imported: bool = False
    first_poll_of: datetime | None = None

    def is_backfill(self, published: datetime, *, dated: bool) -> bool:
        """dated: False where the platform gave no usable date; in a first poll that is history."""
        if self.imported or published < self.now - DAY:
            return True
        return self.first_poll_of is not None and (not dated or published < self.first_poll_of)


REFRESH_AFTER = (
    timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3),
    timedelta(days=7), timedelta(days=30),
)  # fmt: skip
"""How old a post is when it is read again: figures move most on the first day."""


def next_refresh(published: datetime, now: datetime) -> datetime | None:
    """When a post is to be read again; None once it is too old to bother the platform."""
    return next((published + age for age in REFRESH_AFTER if published + age > now), None)


WALK_PAUSE = timedelta(minutes=1)
"""Between two calls of one walk into the past: the polls of the same host come first."""
WALK_BACKOFF = timedelta(minutes=5)
MAX_WALK_FAILURES = 8
"""Failures in a row after which a walk is given up; five minutes, ten … some ten hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWalk:
    """What a walk into the past becomes after one call."""

    state: Literal["running", "done", "failed"]
    failures: int
    next_at: datetime
    last_error: str


def after_walk(
    error: Exception | None, *, pages: int, failures: int, now: datetime, jitter: float
) -> NextWalk:
    """A walk ends where a call yields nothing more, or where a person would have to act.

    pages: stored by this call; what failed after a page begins to count anew.
    """
    if error is None:
        return NextWalk(
            state="running" if pages else "done", failures=0,
            next_at=now + _spread(WALK_PAUSE, jitter), last_error="",
        )  # fmt: skip
    failures = 1 if pages else failures + 1
    if isinstance(error, RateLimited) and error.retry_after is not None:
        # The platform named the moment: that is order, not failure.
        delay, failures = max(_seconds(error.retry_after), WALK_PAUSE), failures - 1
    else:
        delay = backoff(WALK_BACKOFF, failures)
    hopeless = isinstance(error, NeedsAttention) or failures >= MAX_WALK_FAILURES
    known = isinstance(error, CollectorError) or hasattr(error, "message")
    return NextWalk(
        state="failed" if hopeless else "running", failures=failures,
        next_at=now + _spread(delay, jitter),
        last_error=str(error) if known else f"{type(error).__name__} in the collector",
    )  # fmt: skip
