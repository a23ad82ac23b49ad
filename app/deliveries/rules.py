"""What becomes of a message after a try: pure, on the plan of requirements R-24 and §4.

A try ends in one of the outcomes below; `decide` answers with a named step. Nothing here knows
which transport spoke.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PLAN_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds to wait before the n-th counted try: ten of them over 76 hours (Standard Webhooks)."""
JITTER = 0.2
HOLD_DEFAULT_S = 30.0
"""A 429 that names no time."""
LONGEST_HOLD_S = 86_400.0
REST_S = 60.0
"""After a passing fault the channel's other messages wait this long at most: a dead receiver is
asked once a minute, not once per message, and one poisoned message cannot stop the rest."""
FAILING_FOR = timedelta(days=5)
"""A channel with nothing but failures for so long is disabled (R-25)."""
REPLAYABLE_FOR = timedelta(days=7)
"""Messages of a channel that takes none are kept waiting so long, then are dead letters."""


class Outcome(StrEnum):
    """How one try ended, named as the transport's errors."""

    SENT = "sent"
    RETRY = "retry"
    HOLD = "hold"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NEEDS_CONFIG = "needs_config"
    GONE = "gone"
    GIVE_UP = "give_up"


class Why(StrEnum):
    """The named reason of a step; logged and counted."""

    DELIVERED = "delivered"
    RETRY_PLANNED = "retry_planned"
    PLAN_OVER = "plan_over"
    CHANNEL_HELD = "channel_held"
    PLAIN_NEXT = "plain_next"
    REFUSED_TWICE = "refused_twice"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CHANNEL_NEEDS_ATTENTION = "channel_needs_attention"
    CHANNEL_GONE = "channel_gone"
    CHANNEL_FAILED_TOO_LONG = "channel_failed_too_long"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A try and what was known before it."""

    outcome: Outcome
    tries: int
    """Counted tries before this one."""
    plain: bool = False
    """It was the plain-text form."""
    after_s: float | None = None
    """What the receiver asked us to wait."""
    idempotent: bool = True
    """A second copy is recognised by the receiver (webhook-id, Message-ID)."""
    never_twice: bool = False
    unknown_before: bool = False
    """An earlier try of this message already ended in the unknown."""
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to write: the message's new state and, where it changes, the channel's."""

    why: Why
    state: str
    due_at: datetime
    tries: int
    plain: bool = False
    hold_until: datetime | None = None
    channel_state: str | None = None
    failing: bool = False
    """Counts towards `failing_since`."""


def decide(tried: Tried, *, now: datetime, jitter: float) -> Step:
    """The step after a try. jitter: −1 … 1, drawn by the caller."""
    step = _STEPS[tried.outcome](tried, now, jitter)
    since = tried.failing_since
    if step.failing and step.channel_state is None and since and now - since >= FAILING_FOR:
        return Step(
            why=Why.CHANNEL_FAILED_TOO_LONG, state=step.state, due_at=step.due_at,
            tries=step.tries, plain=step.plain, channel_state="disabled", failing=True,
        )  # fmt: skip
    return step


def delay_s(tries: int, jitter: float) -> float | None:
    """Seconds before the next counted try after `tries` of them; None where the plan is over."""
    if tries >= len(PLAN_S):
        return None
    return PLAN_S[tries] * (1 + JITTER * max(-1.0, min(1.0, jitter)))


def _delivered(tried: Tried, now: datetime, _jitter: float) -> Step:
    return Step(why=Why.DELIVERED, state="sent", due_at=now, tries=tried.tries + 1)


def _retry(tried: Tried, now: datetime, jitter: float) -> Step:
    tries = tried.tries + 1
    wait = delay_s(tries, jitter)
    rest = now + timedelta(seconds=min(REST_S, REST_S if wait is None else wait))
    if wait is None:
        return Step(
            why=Why.PLAN_OVER, state="dead", due_at=now, tries=tries,
            hold_until=rest, failing=True,
        )  # fmt: skip
    if tried.after_s is not None:
        wait = min(tried.after_s, LONGEST_HOLD_S)
    return Step(
        why=Why.RETRY_PLANNED, state="pending", due_at=now + timedelta(seconds=wait),
        tries=tries, plain=tried.plain, hold_until=rest, failing=True,
    )  # fmt: skip


def _hold(tried: Tried, now: datetime, _jitter: float) -> Step:
    asked = HOLD_DEFAULT_S if tried.after_s is None else tried.after_s
    until = now + timedelta(seconds=min(asked, LONGEST_HOLD_S))
    return Step(
        why=Why.CHANNEL_HELD, state="pending", due_at=until, tries=tried.tries,
        plain=tried.plain, hold_until=until,
    )  # fmt: skip


def _refused(tried: Tried, now: datetime, _jitter: float) -> Step:
    if tried.plain:
        return Step(why=Why.REFUSED_TWICE, state="dead", due_at=now, tries=tried.tries + 1)
    return Step(why=Why.PLAIN_NEXT, state="pending", due_at=now, tries=tried.tries + 1, plain=True)


def _unknown(tried: Tried, now: datetime, jitter: float) -> Step:
    last = tried.never_twice or (not tried.idempotent and tried.unknown_before)
    if last:
        return Step(
            why=Why.OUTCOME_UNKNOWN, state="unknown", due_at=now, tries=tried.tries + 1,
            failing=True,
        )  # fmt: skip
    return _retry(tried, now, jitter)


def _needs_config(tried: Tried, now: datetime, _jitter: float) -> Step:
    # The message waits: once a person has put the channel right, it goes out.
    return Step(
        why=Why.CHANNEL_NEEDS_ATTENTION, state="pending", due_at=now, tries=tried.tries,
        plain=tried.plain, channel_state="needs_attention", failing=True,
    )  # fmt: skip


def _gone(tried: Tried, now: datetime, _jitter: float) -> Step:
    return Step(
        why=Why.CHANNEL_GONE, state="pending", due_at=now, tries=tried.tries,
        plain=tried.plain, channel_state="disabled", failing=True,
    )  # fmt: skip


def _give_up(tried: Tried, now: datetime, _jitter: float) -> Step:
    return Step(why=Why.GIVEN_UP, state="dead", due_at=now, tries=tried.tries + 1)


_STEPS = {
    Outcome.SENT: _delivered,
    Outcome.RETRY: _retry,
    Outcome.HOLD: _hold,
    Outcome.REFUSED: _refused,
    Outcome.UNKNOWN: _unknown,
    Outcome.NEEDS_CONFIG: _needs_config,
    Outcome.GONE: _gone,
    Outcome.GIVE_UP: _give_up,
}
