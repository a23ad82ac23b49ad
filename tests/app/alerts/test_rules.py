"""When a rule tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.alerts.rules import (
    WINDOWS_S,
    Candidate,
    Episode,
    Filter,
    NewMentions,
    cools_down,
    count_over,
    count_subject,
    decide_mentions,
    new_mentions,
    passes,
    window_at,
    windows_of,
)
from tests.conftest import NOW

ONE = Candidate(
    mention_id=1, item_id=1, brand_id=7, source_id=3, published_at=NOW, first_seen_at=NOW,
    label="negative", lang="fr", engagement=10, followers=500,
)  # fmt: skip
ZONES = ("Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC")


@pytest.mark.parametrize(
    ("wanted", "passed"),
    [
        (Filter(), True),
        (Filter(brands=frozenset({7, 8})), True),
        (Filter(brands=frozenset({8})), False),
        (Filter(labels=frozenset({"negative"})), True),
        (Filter(labels=frozenset({"none"})), False),
        (Filter(langs=frozenset({"en"})), False),
        (Filter(sources=frozenset({3})), True),
        (Filter(sources=frozenset({4})), False),
        (Filter(min_followers=500), True),
        (Filter(min_followers=501), False),
        (Filter(min_engagement=11), False),
        (Filter(owned=False), True),
        (Filter(owned=True), False),
        (Filter(syndicated=True), False),
    ],
)
def test_each_part_of_a_filter_decides(wanted: Filter, passed: bool) -> None:
    assert passes(wanted, ONE) is passed


def test_history_and_what_is_not_about_us_never_pass() -> None:
    assert not passes(Filter(), replace(ONE, backfill=True))
    assert not passes(Filter(), replace(ONE, relevant=False))
    assert new_mentions(Filter(), [replace(ONE, backfill=True)]) is None


def test_an_author_without_known_followers_does_not_pass_a_minimum() -> None:
    assert not passes(Filter(min_followers=1), replace(ONE, followers=None))


def test_a_count_alerts_above_its_threshold_only() -> None:
    window = window_at(NOW, window_s=3_600, zone="Europe/Paris")
    assert count_over(250, threshold=250, window=window) is None
    over = count_over(251, threshold=250, window=window)
    assert over is not None
    assert (over.name, over.count) == ("count_over_threshold", 251)


def test_without_a_cool_down_each_mention_is_an_alert() -> None:
    reason = NewMentions(candidates=(ONE, replace(ONE, mention_id=2)))
    decided = decide_mentions(reason, cooldown_s=0, last={}, now=NOW)
    assert [o.subject for o in decided.opened] == ["mention:1", "mention:2"]


def test_with_a_cool_down_each_brand_is_an_alert_that_others_join() -> None:
    other = replace(ONE, mention_id=2, brand_id=8)
    reason = NewMentions(candidates=(ONE, other, replace(ONE, mention_id=3)))
    last = {7: Episode(id=99, opened_at=NOW - timedelta(seconds=599))}
    decided = decide_mentions(reason, cooldown_s=600, last=last, now=NOW)
    assert [(o.subject, o.brand_id) for o in decided.opened] == [("brand:8", 8)]
    [joined] = decided.joined
    assert (joined.episode.id, len(joined.reason.candidates)) == (99, 2)


def test_a_cool_down_ends_to_the_second() -> None:
    last = Episode(id=1, opened_at=NOW)
    assert cools_down(last, cooldown_s=60, now=NOW + timedelta(seconds=59))
    assert not cools_down(last, cooldown_s=60, now=NOW + timedelta(seconds=60))
    assert not cools_down(None, cooldown_s=60, now=NOW)


def test_the_subject_is_the_brand_where_there_is_one() -> None:
    assert count_subject(Filter(brands=frozenset({7}))) == ("brand:7", 7)
    assert count_subject(Filter()) == ("all", None)


@given(
    at=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made aware below
    zone=st.sampled_from(ZONES),
    window_s=st.sampled_from(WINDOWS_S),
)
@settings(max_examples=200)
def test_a_window_holds_its_moment_and_starts_on_the_local_clock(
    at: datetime, zone: str, window_s: int
) -> None:
    moment = at.replace(tzinfo=UTC)
    window = window_at(moment, window_s=window_s, zone=zone)
    assert window.start <= moment < window.end
    assert window_at(window.start, window_s=window_s, zone=zone) == window
    local = window.start.astimezone(ZoneInfo(zone))
    wall = local.hour * 3_600 + local.minute * 60 + local.second
    assert wall % min(window_s, 3_600) == 0


def test_a_day_has_25_hours_when_the_clocks_go_back() -> None:
    at = datetime(2026, 10, 25, 12, tzinfo=UTC)
    window = window_at(at, window_s=86_400, zone="Europe/Paris")
    assert window.end - window.start == timedelta(hours=25)


def test_both_hours_of_that_name_are_windows_of_their_own() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    found = windows_of(
        [replace(ONE, published_at=first), replace(ONE, published_at=first + timedelta(hours=1))],
        window_s=3_600, zone="Europe/Paris",
    )  # fmt: skip
    assert [w.start.hour for w in found] == [0, 1]
