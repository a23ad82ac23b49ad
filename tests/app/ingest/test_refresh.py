"""Mentions' items are read again: figures, edits, deletions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.ingest import poll as polling
from app.ingest import refresh as refreshing
from app.ingest.rules import REFRESH_AFTER, next_refresh
from app.ingest.service import poll_source, refresh_items
from app.models import ItemRefresh
from collectors.api import Page
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http
from tests.conftest import NOW
from tests.support.pipeline import House, Scripted, post


class Fresh(Scripted):
    """Answers a refresh with what it is told to."""

    answer: Page | Exception = Page()
    asked: Sequence[str] = ()

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        self.asked = ids
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Any:
    def play(one: Scripted) -> Scripted:
        for module in (polling, refreshing):
            monkeypatch.setattr(module, "build_collector", lambda services, source: one)
        return one

    return play


async def plans(house: House) -> Sequence[ItemRefresh]:
    from sqlalchemy import select

    async with house.services.db.read() as session:
        return (await session.scalars(select(ItemRefresh))).all()


async def polled(house: House, one: Scripted) -> None:
    source = await house.source()
    await poll_source(house.services, source)


def test_a_post_is_read_again_ever_more_rarely() -> None:
    at, found = NOW, []
    while (later := next_refresh(NOW, at)) is not None:
        found.append(later - NOW)
        at = later
    assert found == list(REFRESH_AFTER)
    assert next_refresh(NOW - timedelta(days=40), NOW) is None


async def test_only_what_somebody_is_shown_is_planned(house: House, plays: Any) -> None:
    one = plays(Fresh(Page(items=[post(1), post(2, "nothing here")], cursor={})))
    await polled(house, one)
    [plan] = await plans(house)
    assert plan.due_at == NOW - timedelta(minutes=30) + REFRESH_AFTER[0]


async def test_a_collector_that_cannot_refresh_plans_nothing(house: House, plays: Any) -> None:
    one = plays(Scripted(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    assert not await plans(house)


async def test_figures_and_texts_are_brought_up_to_date(house: House, plays: Any) -> None:
    one = plays(Fresh(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    assert await refresh_items(house.services) == 0, "nothing is due yet"
    house.later(timedelta(hours=1))
    one.answer = Page(items=[post(1, "I hate Acme, awful", metrics={"likes": 40})])
    assert await refresh_items(house.services) == 1
    assert list(one.asked) == ["1"]
    [item] = await house.items()
    assert (item.metrics, item.engagement, item.text) == ({"likes": 40}, 40, "I hate Acme, awful")
    [plan] = await plans(house)
    assert plan.due_at == NOW - timedelta(minutes=30) + REFRESH_AFTER[1]


async def test_what_the_platform_took_away_is_taken_away_here(house: House, plays: Any) -> None:
    one = plays(Fresh(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    house.later(timedelta(hours=1))
    one.answer = Page(removed=["1"])
    await refresh_items(house.services)
    [item] = await house.items()
    assert item.removed_at is not None
    assert item.text == ""
    house.later(timedelta(hours=6))
    one.asked = ()
    await refresh_items(house.services)
    assert not one.asked, "what is gone is not asked for again"
    assert not await plans(house)


async def test_a_busy_platform_is_asked_later(house: House, plays: Any) -> None:
    one = plays(Fresh(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    house.later(timedelta(hours=1))
    one.answer = RateLimited("busy", retry_after=7_200)
    await refresh_items(house.services)
    [plan] = await plans(house)
    assert plan.due_at == house.clock.now() + timedelta(hours=2)


async def test_a_refusal_waits_for_the_next_step_of_the_plan(house: House, plays: Any) -> None:
    one = plays(Fresh(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    house.later(timedelta(hours=1))
    one.answer = NeedsAttention("no")
    await refresh_items(house.services)
    [plan] = await plans(house)
    assert plan.due_at == NOW - timedelta(minutes=30) + REFRESH_AFTER[1]


async def test_a_plan_whose_source_can_no_longer_refresh_is_dropped(
    house: House, plays: Any
) -> None:
    one = plays(Fresh(Page(items=[post(1)], cursor={})))
    await polled(house, one)
    plays(Scripted())
    house.later(timedelta(hours=1))
    await refresh_items(house.services)
    assert not await plans(house)
