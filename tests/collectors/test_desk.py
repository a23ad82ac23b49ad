"""Quotas are counted in the platform's own windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.desk import (
    Document,
    Level,
    MemoryLedger,
    MemoryShelf,
    MemoryTokens,
    Quota,
    Token,
    seconds_until,
    settle,
)
from collectors.errors import RateLimited

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BUCKET = Quota(name="calls", limit=60, window="rolling", per=timedelta(minutes=1))
PACIFIC = Quota(name="searches", limit=100, window="day", zone="America/Los_Angeles")
MONTH = Quota(name="posts", limit=10, window="month")


def test_a_bucket_empties_evenly() -> None:
    assert settle(BUCKET, Level(30, NOON), NOON + timedelta(seconds=10)) == 20


def test_a_bucket_never_holds_less_than_nothing() -> None:
    assert settle(BUCKET, Level(30, NOON), NOON + timedelta(hours=1)) == 0


def test_a_clock_that_went_back_gives_nothing_away() -> None:
    assert settle(BUCKET, Level(30, NOON), NOON - timedelta(hours=1)) == 30


def test_a_day_is_the_platforms_own_day() -> None:
    """Midnight in Los Angeles is 8 h UTC in winter."""
    before = Level(100, datetime(2026, 11, 25, 7, 59, tzinfo=UTC))
    assert settle(PACIFIC, before, datetime(2026, 11, 25, 7, 59, 30, tzinfo=UTC)) == 100
    assert settle(PACIFIC, before, datetime(2026, 11, 25, 8, 0, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 25, 8, tzinfo=UTC), 24),
        (datetime(2026, 11, 1, 7, tzinfo=UTC), 25),  # the clocks go back that night
        (datetime(2026, 3, 8, 8, tzinfo=UTC), 23),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(now: datetime, hours: int) -> None:
    assert (PACIFIC.ends(now) - PACIFIC.starts(now)) == timedelta(hours=hours)


def test_a_month_ends_with_the_month() -> None:
    assert MONTH.starts(NOON) == datetime(2026, 11, 1, tzinfo=UTC)
    assert MONTH.ends(datetime(2026, 1, 31, 23, tzinfo=UTC)) == datetime(2026, 2, 1, tzinfo=UTC)
    assert MONTH.ends(datetime(2026, 12, 5, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_wait_is_until_there_is_room() -> None:
    assert seconds_until(BUCKET, 60, 1, NOON) == pytest.approx(1)
    assert seconds_until(MONTH, 9, 1, NOON) == 0
    assert seconds_until(MONTH, 10, 1, NOON) == (MONTH.ends(NOON) - NOON).total_seconds()


def test_more_than_the_whole_never_fits_and_waits_no_longer_than_the_whole() -> None:
    assert seconds_until(BUCKET, 0, 500, NOON) == 60


async def test_spending_beyond_the_limit_is_refused_with_the_wait() -> None:
    ledger = MemoryLedger([MONTH], now=lambda: NOON)
    await ledger.spend("posts", 10)
    with pytest.raises(RateLimited) as caught:
        await ledger.spend("posts")
    assert caught.value.retry_after == (MONTH.ends(NOON) - NOON).total_seconds()
    assert ledger.spent == {"posts": 10}


async def test_what_an_answer_cost_counts_even_beyond_the_limit() -> None:
    ledger = MemoryLedger([MONTH], now=lambda: NOON)
    await ledger.owe("posts", 25)
    assert await ledger.left("posts") == 0


async def test_an_undeclared_quota_is_a_bug() -> None:
    with pytest.raises(KeyError):
        await MemoryLedger([MONTH], now=lambda: NOON).spend("wishes")


async def test_a_token_shows_in_no_repr() -> None:
    token = Token(value="canary-1", refresh="canary-2")
    assert "canary" not in repr(token)
    tokens = MemoryTokens()
    await tokens.put("session", token)
    assert await tokens.get("session") == token
    await tokens.put("session", None)
    assert await tokens.get("session") is None


async def test_the_newest_document_of_a_name_is_given() -> None:
    shelf = MemoryShelf()
    shelf.store([Document(name="p", text="one"), Document(name="p", text="two")])
    assert await shelf.latest("p") == Document(name="p", text="two")
    assert await shelf.names() == ["p"]
