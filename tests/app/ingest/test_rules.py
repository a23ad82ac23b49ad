"""When to come back, what is history, which time to believe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ingest.clean import MAX_TEXT, clean, clean_metrics, engagement
from app.ingest.rules import DAY, MAX_PERMANENT, Arrival, Polled, backoff, believe, next_state
from tests.conftest import NOW

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def after(polled: Polled, *, state: str = "active", failures: int = 0, jitter: float = 0.0):  # type: ignore[no-untyped-def]
    return next_state(
        polled, state=state, failures=failures, interval=QUARTER, now=NOW, jitter=jitter
    )


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(1, QUARTER), (2, 2 * QUARTER), (3, HOUR), (4, 2 * HOUR), (7, 16 * HOUR), (8, DAY), (99, DAY)],
)
def test_each_failure_doubles_the_wait_up_to_a_day(failures: int, delay: timedelta) -> None:
    assert backoff(QUARTER, failures) == delay
    found = after(Polled(outcome="transient"), failures=failures - 1)
    assert (found.state, found.next_poll_at - NOW) == ("failing", delay)


def test_one_success_resets_and_is_told_once() -> None:
    found = after(Polled(outcome="ok"), state="failing", failures=6)
    assert (found.state, found.failures, found.news) == ("active", 0, "back")
    assert after(Polled(outcome="ok")).news == ""


def test_the_longest_of_interval_and_freshness_holds_up_to_a_day() -> None:
    assert after(Polled(outcome="ok", freshness=60)).next_poll_at == NOW + QUARTER
    assert after(Polled(outcome="ok", freshness=7200)).next_poll_at == NOW + 2 * HOUR
    assert after(Polled(outcome="ok", freshness=9e9)).next_poll_at == NOW + DAY


def test_a_named_moment_to_come_back_is_no_failure() -> None:
    found = after(Polled(outcome="rate_limited", retry_after=7200), failures=2)
    assert (found.state, found.failures) == ("active", 2)
    assert found.next_poll_at == NOW + 2 * HOUR


def test_a_refusal_without_a_moment_backs_off() -> None:
    found = after(Polled(outcome="rate_limited"), failures=1)
    assert (found.state, found.next_poll_at) == ("failing", NOW + 2 * QUARTER)


def test_what_a_person_must_mend_pauses_and_is_told_once() -> None:
    first = after(Polled(outcome="needs_attention", message="renew the key"))
    assert (first.state, first.news, first.last_error) == (
        "needs_attention", "needs_attention", "renew the key",
    )  # fmt: skip
    assert after(Polled(outcome="needs_attention"), state="needs_attention").news == ""


@pytest.mark.parametrize("outcome", ["bad_payload", "bug"])
def test_ten_unreadable_answers_in_a_row_ask_for_a_person(outcome: str) -> None:
    polled = Polled(outcome=outcome)  # type: ignore[arg-type]  # from the table above
    assert after(polled, failures=MAX_PERMANENT - 2).state == "failing"
    assert after(polled, failures=MAX_PERMANENT - 1).state == "needs_attention"
    assert after(Polled(outcome="transient"), failures=50).state == "failing"


def test_a_failing_source_is_told_down_once() -> None:
    assert after(Polled(outcome="transient")).news == "down"
    assert after(Polled(outcome="transient"), state="failing", failures=1).news == ""


def test_a_paused_source_that_is_checked_stays_paused() -> None:
    for outcome in ("ok", "transient", "needs_attention"):
        assert after(Polled(outcome=outcome), state="paused").state == "paused"  # type: ignore[arg-type]  # literals


@given(st.floats(0, 1), st.integers(0, 30))
def test_jitter_only_adds_and_at_most_a_tenth(jitter: float, failures: int) -> None:
    plain = after(Polled(outcome="transient"), failures=failures).next_poll_at - NOW
    spread = after(Polled(outcome="transient"), failures=failures, jitter=jitter).next_poll_at - NOW
    assert plain <= spread <= plain * 1.1 + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("said", "held", "raw"),
    [
        (None, NOW, "none"),
        (NOW + timedelta(minutes=5), NOW, ""),
        (NOW + timedelta(days=300), NOW, "2027-09-19T09:00:00+00:00"),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, "1970-01-01T00:00:00+00:00"),
        (NOW - HOUR, NOW - HOUR, ""),
    ],
)
def test_a_time_that_cannot_be_is_clamped_and_flagged(
    said: datetime | None, held: datetime, raw: str
) -> None:
    assert believe(said, now=NOW) == (held, raw)


def test_history_is_what_was_imported_old_or_there_before_the_source() -> None:
    plain = Arrival(now=NOW)
    first = Arrival(now=NOW, first_poll_of=NOW - HOUR)
    assert Arrival(now=NOW, imported=True).is_backfill(NOW, dated=True)
    assert plain.is_backfill(NOW - DAY - HOUR, dated=True)
    assert not plain.is_backfill(NOW - DAY + HOUR, dated=True)
    assert first.is_backfill(NOW - 2 * HOUR, dated=True)
    assert not first.is_backfill(NOW - HOUR / 2, dated=True)
    assert first.is_backfill(NOW, dated=False)
    assert not plain.is_backfill(NOW, dated=False)


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_becomes_one_that_can_be_stored(text: str) -> None:
    cleaned = clean(text + "\0\ud800")
    assert "\0" not in cleaned
    cleaned.encode()
    assert clean(cleaned) == cleaned


def test_a_good_text_is_left_as_it_is_and_a_long_one_cut() -> None:
    text = "é 😀 \u202e مرحبا"
    assert clean(text) == text
    assert clean("\ud83d\ude00") == "😀"
    assert len(clean("x" * 100_000)) == MAX_TEXT


def test_metrics_are_known_whole_and_never_negative() -> None:
    wild = {"likes": 3, "views": -1, "score": 2**80, "quotes": True, "évil\0": 1, "stars": 1.5}
    assert clean_metrics(wild) == {"likes": 3, "views": 0, "score": 10**12}  # type: ignore[arg-type]  # what a careless collector gives
    assert engagement({"likes": 1, "reposts": 2, "views": 50, "comments": 3}) == 6
