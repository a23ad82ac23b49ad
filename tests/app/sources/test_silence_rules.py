"""Silence and forecasts are decided by pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.sources.rules import Silence, forecast, silence_of
from collectors.desk import Quota

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def one(**more: object) -> Silence:
    values = {
        "state": "active", "polled": True, "interval": HOUR, "last_ok_at": NOW,
        "next_poll_at": NOW + HOUR,
    }  # fmt: skip
    return Silence(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (one(), None),
        (one(state="needs_attention"), "needs_attention"),
        (one(state="failing", last_ok_at=NOW - HOUR), None),
        (one(state="failing", last_ok_at=NOW - 2 * HOUR), None),
        (one(state="failing", last_ok_at=NOW - 2.1 * HOUR), "failed"),
        (one(last_ok_at=NOW - 5 * HOUR), None),  # the platform named a moment to come back
        (one(last_ok_at=NOW - 9 * HOUR, next_poll_at=NOW - 3 * HOUR), "not_asked"),
        (one(state="paused", last_ok_at=NOW - 99 * HOUR), None),
        (one(state="needs_attention", polled=False), None),
    ],
)
def test_a_source_is_silent_after_two_intervals(source: Silence, why: str | None) -> None:
    assert silence_of(source, now=NOW) == why


def quota(**more: object) -> Quota:
    values = {
        "name": "q", "limit": 100, "window": "day", "per": timedelta(days=1), "price": Decimal(0),
        "currency": "USD",
    }  # fmt: skip
    return Quota(**{**values, **more})  # type: ignore[arg-type]


def test_a_day_is_as_many_polls_as_fit_in_it() -> None:
    [line] = forecast([quota()], {"q": 2}, interval=HOUR)
    assert (line.per_day, line.share, line.fits) == (48, 0.48, True)


def test_what_does_not_fit_says_so_and_is_not_paid() -> None:
    [line] = forecast(
        [quota(window="month", limit=300, price=Decimal("0.01"))], {"q": 1}, interval=HOUR
    )
    assert not line.fits
    assert line.cost_per_month == 3.0, "the cap is hard: 300 at a cent"


def test_a_bucket_allows_what_flows_into_it_in_a_day() -> None:
    [line] = forecast(
        [quota(window="rolling", limit=60, per=timedelta(minutes=1))], {"q": 1}, interval=HOUR
    )
    assert line.limit_per_day == 86_400


def test_what_is_known_of_the_day_beats_the_guess_by_the_poll() -> None:
    [line] = forecast([quota(price=Decimal("0.5"))], {"q": 1}, interval=HOUR, per_day={"q": 10})
    assert (line.per_day, line.cost_per_month) == (10, 150.0)


def test_a_limit_of_nothing_fits_nothing() -> None:
    [line] = forecast([quota(limit=0)], {"q": 1}, interval=HOUR)
    assert not line.fits
