"""Exactly one digest for each local date, in every zone (R-28)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.digests.rules import (
    DAY,
    Schedule,
    canonical,
    due_at,
    next_due,
    plan,
    scaled,
    span,
    told_of,
    told_once,
    valid_send_at,
)

FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
TIMES = ("00:00", "00:30", "02:00", "02:30", "03:15", "08:00", "23:59")
ZONES = sorted(z for z in available_timezones() if z not in ("localtime", "Factory"))


def jumps(zone: str) -> list[date]:
    """Local dates on which, or next to which, the clocks of a zone are moved."""
    place, found, before = ZoneInfo(zone), [], None
    day = FIRST
    while day <= LAST:
        offset = datetime(day.year, day.month, day.day, 12, tzinfo=place).utcoffset()
        if before is not None and offset != before:
            found += [day - DAY, day, day + DAY]
        before, day = offset, day + DAY
    return found


def test_in_all_zones_every_local_date_of_three_years_has_one_due_time() -> None:
    checked = 0
    for place, zone in enumerate(ZONES):
        # Around each change of the clocks every time of day; elsewhere a week of each zone.
        start = FIRST + DAY * (place * 37 % 1_000)
        days = sorted({*jumps(zone), *(start + DAY * n for n in range(7))})
        for send_at in TIMES:
            schedule = Schedule(send_at=send_at, zone=zone)
            for day in days:
                instant = due_at(day, schedule)
                following = due_at(day + DAY, schedule)
                assert instant is not None
                assert following is not None
                local = instant.astimezone(ZoneInfo(zone))
                assert (local.date(), f"{local:%H:%M}") >= (day, send_at), (zone, day, send_at)
                # Greenland's clocks skip the last hour of a date: its digest comes at midnight.
                past_midnight = local - timedelta(minutes=1)
                assert day in (local.date(), past_midnight.date()), (zone, day, send_at)
                gap = following - instant
                assert timedelta(hours=22) <= gap <= timedelta(hours=26), (zone, day)
                assert next_due(instant, schedule) == following
                checked += 1
    assert checked > 30_000


@given(
    zone=st.sampled_from(ZONES), send_at=st.sampled_from(TIMES),
    start=st.dates(FIRST, LAST - 40 * DAY),
    looks=st.lists(st.integers(60, 11 * 3_600), min_size=40, max_size=70),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whenever_the_service_looks_no_date_is_lost_or_doubled(
    zone: str, send_at: str, start: date, looks: list[int]
) -> None:
    schedule = Schedule(send_at=send_at, zone=zone)
    now = datetime(start.year, start.month, start.day, tzinfo=UTC)
    due = next_due(now, schedule)
    around = due.astimezone(ZoneInfo(zone)).date()
    [first] = [day for day in (around - DAY, around) if due_at(day, schedule) == due]
    sent: list[date] = []
    for wait in looks:
        now += timedelta(seconds=wait)
        planned = plan(due, schedule, now=now)
        sent += [planned.send] if planned.send else []
        assert planned.skipped == ()
        due = planned.next_due_at
        assert due > now
    assert sent == [first + DAY * n for n in range(len(sent))]
    assert due == due_at(first + DAY * len(sent), schedule)


def test_a_time_that_the_clocks_skip_is_the_first_minute_that_exists() -> None:
    schedule = Schedule(send_at="02:30", zone="Europe/Paris")
    assert due_at(date(2026, 3, 29), schedule) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_the_clocks_show_twice_is_the_first_of_both() -> None:
    schedule = Schedule(send_at="02:30", zone="Europe/Paris")
    assert due_at(date(2026, 10, 25), schedule) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_that_a_zone_never_had_has_no_digest() -> None:
    schedule = Schedule(send_at="08:00", zone="Pacific/Apia")
    assert due_at(date(2011, 12, 30), schedule) is None
    before = due_at(date(2011, 12, 29), schedule)
    assert before is not None
    assert next_due(before, schedule) == due_at(date(2011, 12, 31), schedule)


def test_a_missed_digest_is_sent_late_within_twelve_hours_and_then_skipped() -> None:
    schedule = Schedule(send_at="08:00", zone="Europe/Paris")
    due = datetime(2026, 11, 23, 7, tzinfo=UTC)
    late = plan(due, schedule, now=due + timedelta(hours=12))
    assert (late.send, late.skipped) == (date(2026, 11, 23), ())
    missed = plan(due, schedule, now=due + timedelta(hours=12, seconds=1))
    assert (missed.send, missed.skipped) == (None, (date(2026, 11, 23),))
    assert missed.next_due_at == due + DAY


def test_after_a_long_stop_the_newest_is_sent_and_the_others_recorded() -> None:
    schedule = Schedule(send_at="08:00", zone="Europe/Paris")
    due = datetime(2026, 11, 20, 7, tzinfo=UTC)
    planned = plan(due, schedule, now=datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert planned.send == date(2026, 11, 23)
    assert planned.skipped == tuple(date(2026, 11, d) for d in (20, 21, 22))


def test_the_digest_of_a_date_tells_of_the_day_before() -> None:
    told = told_of(date(2026, 10, 26), "Europe/Paris")
    assert (told.day, told.end - told.start) == (date(2026, 10, 25), timedelta(hours=25))
    assert told.end == span(date(2026, 10, 26), "Europe/Paris").start


@pytest.mark.parametrize(
    ("text", "valid"),
    [("08:00", True), ("23:59", True), ("24:00", False), ("8:00", False), ("ab:cd", False)],
)
def test_a_wall_time_is_hh_mm(text: str, valid: bool) -> None:
    assert valid_send_at(text) is valid


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.a.example/x/?utm_source=rss", "http://a.example/x"),
        ("https://a.example/x#frag", "https://a.example/x"),
        ("https://a.example/x?id=2&fbclid=9", "https://a.example/x?id=2"),
    ],
)
def test_copies_of_one_link_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_other_pages_stay_other_pages() -> None:
    assert canonical("https://a.example/x?id=2") != canonical("https://a.example/x?id=3")
    assert canonical("https://[broken") == "https://[broken"


def test_the_same_link_or_the_same_text_is_told_once_with_its_copies() -> None:
    posts = [
        ("https://a.example/1", 11, "first"), ("https://b.example/9", 11, "same text"),
        ("https://b.example/9?utm_medium=x", 12, "same link as the second"),
        ("", 0, "no link, no text"), ("", 0, "another"),
    ]  # fmt: skip
    assert told_once(posts, most=5) == [("first", 3), ("no link, no text", 1), ("another", 1)]
    assert told_once(posts, most=1) == [("first", 3)]


@given(st.lists(st.integers(0, 10**9), max_size=12))
@settings(max_examples=50)
def test_what_is_not_zero_is_seen_in_a_bar(values: list[int]) -> None:
    for value, bar in zip(values, scaled(values, height=56), strict=True):
        assert 0 <= bar <= 56
        assert (bar > 0) == (value > 0)
