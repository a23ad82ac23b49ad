"""A feed is asked in its own rhythm, and never when it says that nothing is to be had."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.rss.feedfile import read_feed
from collectors.rss.rhythm import LEAST, MOST, Pace, rhythm
from collectors.rss.stated import Stated

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def every(gap: timedelta, *, count: int = 30, since: timedelta = MINUTE) -> list[datetime]:
    return [NOW - since - gap * number for number in range(count)]


@pytest.mark.parametrize(
    ("times", "wait"),
    [
        ([], LEAST),
        (every(MINUTE), LEAST),
        (every(4 * HOUR), 2 * HOUR),
        (every(10 * HOUR), 5 * HOUR),
        (every(30 * 24 * HOUR), MOST),
        (every(HOUR, since=40 * HOUR), 2 * HOUR),
        (every(HOUR, since=400 * 24 * HOUR), MOST),
        (every(timedelta(0), count=5, since=10 * HOUR), 30 * MINUTE),
        ([NOW + 5 * HOUR, datetime(2999, 1, 1, tzinfo=UTC)], LEAST),
        ([*every(2 * HOUR, count=20), *every(MINUTE, count=99, since=900 * HOUR)], HOUR),
    ],
    ids=["no dates", "busy", "every four hours", "every ten", "monthly", "fallen silent", "dead",
         "all at once", "dates to come", "only the newest twenty count"],
)  # fmt: skip
def test_half_the_usual_gap_longer_in_a_silence_between_the_bounds(
    times: list[datetime], wait: timedelta
) -> None:
    assert rhythm(times, NOW) == wait


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.datetimes(), max_size=50),
    st.randoms(use_true_random=False),
)
def test_any_dates_in_any_order_give_one_wait_between_the_bounds(
    naive: list[datetime], luck: object
) -> None:
    times = [one.replace(tzinfo=UTC) for one in naive]
    wait = rhythm(times, NOW)
    assert LEAST <= wait <= MOST
    luck.shuffle(times)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert rhythm(times, NOW) == wait
    pace = Pace.of(times, NOW)
    if pace and pace.newest.year >= 1970:
        again = Pace.from_cursor(json.loads(json.dumps(pace.to_cursor())))
        assert again is not None
        assert abs(again.interval(NOW) - wait) < timedelta(seconds=2)


@pytest.mark.parametrize("kept", [None, [], [1], ["a", "b"], [-1, 5], [1, 1 << 60], {"gap": 1}])
def test_an_unreadable_pace_is_none(kept: object) -> None:
    assert Pace.from_cursor(kept) is None  # type: ignore[arg-type]  # any JSON may stand there


def head(inner: str) -> Stated:
    data = (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f"<title>T</title>{inner}<item><title>a</title></item></channel></rss>"
    )
    return read_feed(data.encode()).head.stated


@pytest.mark.parametrize(
    ("inner", "seconds"),
    [
        ("", 0),
        ("<ttl>60</ttl>", 3600),
        ("<ttl> 90 </ttl>", 5400),
        ("<ttl>99999999</ttl>", 0),
        ("<ttl>100000</ttl>", 86_400),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>-5</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3600),
        (
            (
                "<sy:updatePeriod>\n daily </sy:updatePeriod>"
                "<sy:updateFrequency>4</sy:updateFrequency>"
            ),
            21_600,
        ),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 86_400),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 3600),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", 0),
    ],
)
def test_a_feeds_own_ttl_is_obeyed_up_to_a_day(inner: str, seconds: int) -> None:
    assert head(inner).wait(NOW) == seconds


@pytest.mark.parametrize(
    ("inner", "until"),
    [
        ("<skipHours><hour>12</hour><hour>13</hour></skipHours>", NOW.replace(hour=14, minute=0)),
        ("<skipHours><hour>15</hour></skipHours>", NOW),
        ("<skipHours><hour>24</hour></skipHours><ttl>720</ttl>",
         NOW.replace(day=26, hour=1, minute=0)),
        ("<skipDays><day>Wednesday</day></skipDays>", NOW.replace(day=26, hour=0, minute=0)),
        ("<skipDays>" + "".join(f"<day>{day}</day>" for day in
         ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
         + "</skipDays>", NOW + 24 * HOUR),
    ],
)  # fmt: skip
def test_hours_and_days_to_skip_are_skipped(inner: str, until: datetime) -> None:
    stated = head(inner)
    assert stated.wait(NOW) == (until - NOW).total_seconds()
    assert Stated.from_cursor(json.loads(json.dumps(stated.to_cursor()))) == stated


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_head_gives_a_wait_of_at_most_a_day(noise: bytes) -> None:
    data = b"<rss><channel><ttl>5</ttl><skipHours>" + noise + b"</skipHours><item/></channel></rss>"
    assert 0 <= read_feed(data).head.stated.wait(NOW) <= 86_400
