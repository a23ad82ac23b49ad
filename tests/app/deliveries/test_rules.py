"""What becomes of a message after a try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deliveries.rules import PLAN_S, Outcome, Step, Tried, Why, decide, delay_s
from tests.conftest import NOW


def step(outcome: Outcome, *, now: datetime = NOW, jitter: float = 0, **known: Any) -> Step:
    return decide(Tried(outcome=outcome, **{"tries": 0, **known}), now=now, jitter=jitter)


def test_a_dead_receiver_is_tried_ten_times_over_76_hours() -> None:
    at, waits, tries = NOW, [], 0
    while (done := step(Outcome.RETRY, now=at, tries=tries)).state == "pending":
        waits.append((done.due_at - at).total_seconds())
        at, tries = done.due_at, done.tries
    assert waits == list(PLAN_S[1:])
    assert (done.why, done.state, done.tries) == (Why.PLAN_OVER, "dead", 10)
    assert timedelta(hours=75) < at - NOW < timedelta(hours=77)


@given(tries=st.integers(0, 9), jitter=st.floats(-5, 5))
@settings(max_examples=50)
def test_jitter_stays_within_a_fifth(tries: int, jitter: float) -> None:
    wait = delay_s(tries, jitter)
    assert wait is not None
    assert PLAN_S[tries] * 0.8 <= wait <= PLAN_S[tries] * 1.2


def test_retry_after_holds_the_channel_and_counts_no_try() -> None:
    held = step(Outcome.HOLD, tries=3, after_s=120)
    assert (held.why, held.tries, held.state) == (Why.CHANNEL_HELD, 3, "pending")
    assert held.hold_until == held.due_at == NOW + timedelta(seconds=120)
    assert held.channel_state is None


def test_a_wait_is_never_longer_than_a_day() -> None:
    held = step(Outcome.HOLD, after_s=10**9)
    assert held.hold_until == NOW + timedelta(days=1)


def test_retry_after_wins_over_the_plan() -> None:
    assert step(Outcome.RETRY, after_s=90).due_at == NOW + timedelta(seconds=90)


def test_a_refused_payload_goes_once_more_as_plain_text_then_to_the_dead_letters() -> None:
    first = step(Outcome.REFUSED)
    assert (first.why, first.plain, first.state, first.due_at) == (
        Why.PLAIN_NEXT, True, "pending", NOW,
    )  # fmt: skip
    assert step(Outcome.REFUSED, plain=True).why is Why.REFUSED_TWICE
    assert step(Outcome.REFUSED, plain=True).state == "dead"


def test_the_plain_form_is_kept_over_a_passing_fault() -> None:
    assert step(Outcome.RETRY, plain=True).plain


@pytest.mark.parametrize(
    ("outcome", "channel", "why"),
    [
        (Outcome.NEEDS_CONFIG, "needs_attention", Why.CHANNEL_NEEDS_ATTENTION),
        (Outcome.GONE, "disabled", Why.CHANNEL_GONE),
    ],
)
def test_a_permanent_answer_stops_the_channel_and_keeps_its_message(
    outcome: Outcome, channel: str, why: Why
) -> None:
    done = step(outcome, tries=2)
    assert (done.channel_state, done.why, done.state, done.tries) == (channel, why, "pending", 2)


def test_an_unknown_outcome_is_tried_once_more_where_copies_cannot_be_told() -> None:
    assert step(Outcome.UNKNOWN, idempotent=False).state == "pending"
    again = step(Outcome.UNKNOWN, idempotent=False, unknown_before=True)
    assert (again.state, again.why) == ("unknown", Why.OUTCOME_UNKNOWN)


def test_an_unknown_outcome_is_tried_on_the_plan_where_the_id_tells_copies() -> None:
    assert step(Outcome.UNKNOWN, unknown_before=True).why is Why.RETRY_PLANNED


def test_never_twice_leaves_the_unknown_at_once() -> None:
    assert step(Outcome.UNKNOWN, idempotent=True, never_twice=True).state == "unknown"


def test_five_days_of_failures_disable_the_channel() -> None:
    since = NOW - timedelta(days=5)
    done = step(Outcome.RETRY, failing_since=since)
    assert (done.channel_state, done.why) == ("disabled", Why.CHANNEL_FAILED_TOO_LONG)
    assert step(Outcome.RETRY, failing_since=since + timedelta(seconds=1)).channel_state is None
    assert step(Outcome.HOLD, failing_since=since).channel_state is None


@given(
    outcome=st.sampled_from(list(Outcome)), tries=st.integers(0, 12), plain=st.booleans(),
    idempotent=st.booleans(), never=st.booleans(), before=st.booleans(),
    after=st.none() | st.floats(0, 10**7), jitter=st.floats(-1, 1),
)  # fmt: skip
@settings(max_examples=200)
def test_no_message_is_ever_left_without_a_next_step(
    outcome: Outcome, tries: int, plain: bool, idempotent: bool, never: bool, before: bool,
    after: float | None, jitter: float,
) -> None:  # fmt: skip
    done = step(
        outcome, tries=tries, plain=plain, idempotent=idempotent, never_twice=never,
        unknown_before=before, after_s=after, jitter=jitter,
    )  # fmt: skip
    assert done.state in {"pending", "sent", "dead", "unknown"}
    assert NOW <= done.due_at <= NOW + timedelta(hours=24 * 1.2)
    if done.hold_until is not None:
        assert NOW <= done.hold_until <= NOW + timedelta(days=1)
