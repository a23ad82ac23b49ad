"""Decisions about a poll: when to come back, what is history, which time to believe. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

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
