from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.trends.counts import Counted, deltas
from app.trends.rules import (
    HOUR,
    Counts,
    Slot,
    Window,
    change,
    day_places,
    day_start,
    heard_slots,
    local_day,
    places,
    previous,
    share,
    total,
    window,
)

ZONES = [
    "Europe/Paris", "UTC", "America/New_York", "America/Havana", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "Pacific/Apia",
]  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone to naive bounds
    datetime(2027, 12, 31),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)


def day_window(day: date, zone: ZoneInfo, *, bucket: str = "hour") -> Window:
    start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    return window(bucket, start, end, zone)  # type: ignore[arg-type]  # a name from the table


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_at_a_clock_change_has_23_or_25_hours(day: str, hours: int) -> None:
    found = day_window(date.fromisoformat(day), ZoneInfo("Europe/Paris"))
    assert len(found.slots) == hours
    assert len({slot.key for slot in found.slots}) == hours


def test_a_day_without_midnight_begins_at_its_first_instant() -> None:
    # In Cairo the clock went from 23:59:59 on Thursday 24 April 2025 to 01:00 on Friday.
    start = day_start(date(2025, 4, 25), ZoneInfo("Africa/Cairo"))
    assert start.astimezone(ZoneInfo("Africa/Cairo")).hour == 1


@settings(max_examples=200, deadline=None)
@given(zones, st.dates(date(2025, 1, 1), date(2027, 12, 31)))
@example(ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4))
@example(ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5))
@example(ZoneInfo("America/Havana"), date(2026, 11, 1))
def test_the_hours_of_a_day_follow_each_other_and_fill_it(zone: ZoneInfo, day: date) -> None:
    found = day_window(day, zone)
    assert found.start == day_start(day, zone)
    assert found.end == day_start(day + timedelta(days=1), zone)
    for before, after in zip(found.slots, found.slots[1:], strict=False):
        assert before.end == after.start
    assert all(slot.start < slot.end for slot in found.slots)


@settings(max_examples=60, deadline=None)
@given(zones, st.lists(instants, min_size=1, max_size=20))
@example(ZoneInfo("Australia/Lord_Howe"), [datetime(2026, 10, 3, 15, 45, tzinfo=UTC)])
@example(ZoneInfo("Australia/Lord_Howe"), [datetime(2026, 4, 4, 15, 10, tzinfo=UTC)])
def test_the_hour_buckets_of_a_local_day_sum_to_its_day_roll_up(
    zone: ZoneInfo, times: list[datetime]
) -> None:
    moved = deltas([(_counted(at), 1) for at in times], {1: zone})
    by_table = {table.__tablename__: cells for table, cells in moved.counts.items()}
    days = Counter({key[1]: value[0] for key, value in by_table["rollup_days"].items()})
    for day, n in days.items():
        hours = day_window(date.fromisoformat(day), zone)
        found = sum(
            value[0]
            for key, value in by_table["rollup_hours"].items()
            if places(hours)(key[1]) is not None
        )
        assert found == n
    assert sum(days.values()) == len(times)


def _counted(at: datetime) -> Counted:
    return Counted(
        brand_id=1, source_id=1, author_id=None, published_at=at, lang=None, label="none",
        owned=False, syndicated=False, engagement=0, relevant=None,
    )  # fmt: skip


@given(zones, instants)
def test_every_instant_lies_in_the_bucket_of_its_local_date(zone: ZoneInfo, at: datetime) -> None:
    days = window("day", at - timedelta(days=3), at + timedelta(days=3), zone)
    found = places(days)(at)
    assert found is not None
    assert days.slots[found].key == local_day(at, zone).isoformat()
    assert day_places(days)[local_day(at, zone).isoformat()] == found


def test_weeks_begin_on_monday_and_are_whole() -> None:
    zone = ZoneInfo("Europe/Paris")
    found = window("week", _at("2026-10-21"), _at("2026-11-03"), zone)
    assert [slot.key for slot in found.slots] == ["2026-10-19", "2026-10-26", "2026-11-02"]
    # The week in which summer time ends lasts an hour longer.
    assert found.slots[0].end - found.slots[0].start == timedelta(days=7, hours=1)
    places = day_places(found)
    assert (places["2026-10-25"], places["2026-10-26"], len(places)) == (0, 1, 21)


@pytest.mark.parametrize(
    ("bucket", "start", "end", "before"),
    [
        ("day", "2026-10-26", "2026-11-02", ("2026-10-19", "2026-10-25")),
        ("week", "2026-10-26", "2026-11-09", ("2026-10-12", "2026-10-25")),
    ],
)
def test_the_previous_period_has_the_same_number_of_local_days(
    bucket: str, start: str, end: str, before: tuple[str, str]
) -> None:
    zone = ZoneInfo("Europe/Paris")
    first, last = day_start(date.fromisoformat(start), zone), date.fromisoformat(end)
    now = window(bucket, first, day_start(last, zone), zone)  # type: ignore[arg-type]  # table
    past = previous(now)
    assert (past.first.isoformat(), past.last.isoformat()) == before
    assert past.end == now.start


def test_the_previous_hours_are_as_long() -> None:
    zone = ZoneInfo("Europe/Paris")
    now = window("hour", _at("2026-11-23", 9), _at("2026-11-23", 15), zone)
    past = previous(now)
    assert (past.start, past.end) == (_at("2026-11-23", 3), _at("2026-11-23", 9))


def test_a_bucket_was_heard_where_a_source_answered_in_an_hour_that_touches_it() -> None:
    kathmandu = window(
        "hour", _at("2026-11-23", 1), _at("2026-11-23", 4), ZoneInfo("Asia/Kathmandu")
    )
    assert [slot.start.minute for slot in kathmandu.slots] == [15, 15, 15, 15]
    assert heard_slots(kathmandu, [_at("2026-11-23", 2)]) == [False, True, True, False]
    days = window("day", _at("2026-11-21"), _at("2026-11-24"), ZoneInfo("UTC"))
    assert heard_slots(days, [_at("2026-11-22", 23)]) == [False, True, False]
    assert heard_slots(days, [_at("2026-11-20", 23), _at("2026-11-24")]) == [False] * 3


def test_not_judged_is_not_neutral_and_neutral_counts_among_the_judged() -> None:
    counts = Counts(n=10, labels={"positive": 3, "neutral": 1, "negative": 1, "none": 5})
    assert (counts.judged, counts.not_judged) == (5, 5)
    assert counts.net_sentiment == pytest.approx(0.4)
    assert Counts(n=3, labels={"none": 3}).net_sentiment is None


def test_sums_shares_and_changes_say_none_where_there_is_nothing_to_divide_by() -> None:
    parts = [Counts(2, 1, 0, 5, {"none": 2}), Counts(1, 0, 1, 2, {"none": 1})]
    assert total(parts) == Counts(3, 1, 1, 7, {"none": 3})
    assert total(parts).earned == 2
    assert (share(1, 3), share(0, 0)) == (0.25, None)
    assert (change(3, 2), change(3, 0)) == (0.5, None)


def test_an_instant_outside_is_in_no_slot() -> None:
    found = window("hour", _at("2026-11-23"), _at("2026-11-24"), ZoneInfo("UTC"))
    assert places(found)(found.start - HOUR / 60) is None
    assert places(found)(found.end) is None
    assert found.slots[places(found)(found.start) or 0] == Slot(
        "2026-11-23T00:00:00Z", found.start, found.start + HOUR
    )


def _at(day: str, hour: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=hour)
