"""A walk down the newest reviews ends where all is known, and never above it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collectors.api import Item
from collectors.newest import after_page
from collectors.walk import Walk

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST = NOW - timedelta(days=30)


def reviews(*hours: int) -> list[Item]:
    """So many hours old."""
    return [
        Item(external_id=str(n), url="", text="", published_at=NOW - timedelta(hours=n))
        for n in hours
    ]


def step(walk: Walk, *hours: int, further: str = "2") -> Walk:
    return after_page(walk, reviews(*hours), further, overlap=3_600, first=FIRST, now=NOW)


def at(hours: int) -> str:
    return str(int((NOW - timedelta(hours=hours)).timestamp()))


def test_a_walk_goes_on_until_it_reaches_what_is_known() -> None:
    walk = step(Walk(since=at(10)), 1, 5)
    assert walk == Walk(since=at(10), top=at(1), before="2")
    assert step(walk, 6, 11, further="3").before == "3"
    assert step(walk, 6, 12, further="3") == Walk(since=at(1))


def test_a_first_walk_goes_as_far_as_it_was_told() -> None:
    assert step(Walk(), 1, 700).before == "2"
    assert step(Walk(), 1, 721) == Walk(since=at(1))


def test_the_end_of_the_list_ends_it_and_an_empty_one_forgets_nothing() -> None:
    assert step(Walk(), 3, further="") == Walk(since=at(3))
    assert step(Walk(since=at(9)), further="") == Walk(since=at(9))


def test_a_time_to_come_does_not_hide_what_is_written_until_then() -> None:
    assert step(Walk(), -500, 3, further="") == Walk(since=at(0))


def test_a_page_that_nothing_could_be_read_of_does_not_end_it() -> None:
    assert step(Walk(since=at(9)), further="2").before == "2"
