"""What the demo's people say, before anything is stored."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from typing import Any

import pytest

from app.demo import cast, texts_en, texts_fr
from app.demo.rules import ZONE, Plan, Post, looks, make_plan, posts_of

SLOTS = {"b", "x", "p", "P", "s", "c", "eur", "n"}


@pytest.fixture
def plan(now: datetime) -> Plan:
    return make_plan(now)


def _all(plan: Plan) -> list[Post]:
    days = (plan.today - timedelta(days=back) for back in range(plan.days))
    return [one for day in days for one in posts_of(plan, day)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_strings, value.values()))
    elif isinstance(value, tuple):
        yield from chain.from_iterable(map(_strings, value))


def _templates(module: Any) -> list[str]:
    return [
        text for name in vars(module) if name.isupper() for text in _strings(vars(module)[name])
    ]


def test_there_are_enough_words_in_both_languages() -> None:
    assert len(set(_templates(texts_fr))) >= 150
    assert len(set(_templates(texts_en))) >= 60


@pytest.mark.parametrize("template", _templates(texts_fr) + _templates(texts_en))
def test_a_template_uses_only_the_slots_there_are(template: str) -> None:
    fields = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
    assert fields <= SLOTS


def test_the_same_day_is_told_the_same_way_twice(plan: Plan) -> None:
    day = plan.today - timedelta(days=3)
    assert posts_of(plan, day) == posts_of(plan, day)


def test_every_address_is_one_that_nobody_has(plan: Plan) -> None:
    hosts = {one.url.split("/")[2] for one in _all(plan)}
    assert all(host.endswith(".example") for host in hosts)


def test_no_address_and_no_id_comes_twice(plan: Plan) -> None:
    posts = _all(plan)
    assert len({one.url for one in posts}) == len(posts)
    assert len({one.id for one in posts}) == len(posts)


def test_nothing_is_said_in_the_future_or_before_the_first_day(plan: Plan) -> None:
    assert all(plan.start <= one.at <= plan.end for one in _all(plan))


def test_a_fifth_of_the_talk_is_english_and_most_is_about_somebody(plan: Plan) -> None:
    posts = _all(plan)
    names = [one.name for one in cast.BRANDS]
    spoken = sum(any(name in f"{one.title} {one.text}" for name in names) for one in posts)
    assert 6_000 <= len(posts) <= 12_000
    assert 0.7 <= spoken / len(posts) <= 0.95


def test_the_crisis_comes_at_once_and_is_over_in_four_days(plan: Plan) -> None:
    by_hour = Counter(
        (one.at - plan.crisis_at) // timedelta(hours=1)
        for one in _all(plan)
        if cast.OWN in one.title + one.text
    )
    before = sum(by_hour[hour] for hour in range(-24, 0)) / 24
    assert by_hour[0] > 8 * max(before, 1)
    assert sum(by_hour[hour] for hour in range(96)) > 5 * sum(by_hour[h] for h in range(-96, 0))
    assert sum(by_hour[hour] for hour in range(96, 192)) < sum(by_hour[h] for h in range(96)) / 3


def test_the_week_has_its_rhythm(plan: Plan) -> None:
    quiet = [one for one in _all(plan) if one.source == "reviews"]
    by_day = Counter(one.at.astimezone(ZONE).weekday() for one in quiet)
    assert by_day[5] + by_day[6] > by_day[0] + by_day[1]


def test_papers_print_the_same_words_on_several_sites(plan: Plan) -> None:
    sites: dict[str, set[str]] = {}
    for one in _all(plan):
        if one.source == "press":
            sites.setdefault(one.text, set()).add(one.url.split("/")[2])
    assert sum(len(found) > 1 for found in sites.values()) > 30


def test_a_few_posts_have_nearly_all_the_engagement(plan: Plan) -> None:
    likes = sorted((one.metrics.get("likes", 0) for one in _all(plan)), reverse=True)
    assert sum(likes[: len(likes) // 50]) > sum(likes) / 3


@pytest.mark.parametrize("days", [8, 10, 30, 90])
def test_all_that_happens_fits_into_the_days_there_are(now: datetime, days: int) -> None:
    plan = make_plan(now, days=days)
    first = plan.start.astimezone(ZONE).date()
    for day in (plan.campaign[0], plan.campaign[1], plan.launch, plan.blind,
                plan.crisis_at.astimezone(ZONE).date()):  # fmt: skip
        assert first <= day <= plan.today
    assert plan.crisis_at + timedelta(days=2) < plan.end


def test_looks_go_forward_and_end_now(plan: Plan) -> None:
    found = looks(plan)
    assert found == sorted(set(found))
    assert found[-1] == plan.end
    assert max(b - a for a, b in pairwise(found)) < timedelta(hours=14)


@pytest.mark.parametrize(
    "end", [datetime(2026, 10, 25, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)]
)
def test_a_day_on_which_the_clocks_change_is_told_too(end: datetime) -> None:
    plan = make_plan(end, days=8)
    assert all(posts_of(plan, plan.today - timedelta(days=back)) for back in range(1, 8))
    assert all(one.at <= end for one in posts_of(plan, plan.today))
