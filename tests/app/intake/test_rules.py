"""Which calls are believed, and how many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.intake.rules import Rate, is_signed, is_timely, records_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("timestamp", "timely"),
    [(str(AT), True), (str(AT - 300), True), (str(AT + 300), True), (str(AT - 301), False),
     (str(AT + 301), False), ("", False), ("soon", False), ("-1", False), ("1e9", False),
     ("9" * 400, False), ("١٢٣", False), (f" {AT} ", True)],
)  # fmt: skip
def test_a_call_is_believed_for_five_minutes(timestamp: str, timely: bool) -> None:
    assert is_timely(timestamp, now=NOW) is timely


def test_one_of_several_signatures_is_enough_and_none_is_not() -> None:
    assert is_signed("v1,old v1,new", ["v1,new"])
    assert is_signed("v1,old", ["v1,new", "v1,old"])
    assert not is_signed("v1,ne", ["v1,new"])
    assert not is_signed("", ["v1,new"])
    assert not is_signed("v1,new", [])
    assert not is_signed("v1,né \ud800", ["v1,new"])


def test_a_body_is_a_post_a_list_or_a_list_under_items() -> None:
    assert records_of({"text": "a"}) == [{"text": "a"}]
    assert records_of([1, 2]) == [1, 2]
    assert records_of({"items": [1]}) == [1]
    assert records_of({"items": "no", "text": "a"}) == [{"items": "no", "text": "a"}]
    assert records_of("text") is None
    assert records_of(None) is None


def test_calls_beyond_the_minutes_ceiling_wait_for_the_oldest_to_pass() -> None:
    rate = Rate(sources=2)
    assert [rate.wait(1, most=2, at=at) for at in (0.0, 10.0, 20.0)] == [0, 0, 41]
    assert rate.wait(2, most=2, at=20.0) == 0
    assert rate.wait(1, most=2, at=60.0) == 0
    assert rate.wait(3, most=1, at=61.0) == 0  # the source of the longest silence is forgotten
    assert rate.wait(2, most=1, at=61.0) == 0
