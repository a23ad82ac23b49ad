"""Marks, learning, hiding and bringing back: nothing deleted, every count right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Invalid, NotFound
from app.mentions.service import MentionFilter, list_mentions
from app.models import DayRollup, Item, Mention, RelevanceFilter
from app.privacy.service import erase_author
from app.relevance import learning
from app.relevance.service import (
    apply_pending,
    learn_pending,
    mark,
    relevance,
    suggestions,
    switch,
)
from app.services import Services
from app.trends.rollup import check_rollups, rebuild
from tests.support.watch import (
    audited,
    count,
    store_author,
    store_item,
    store_mention,
    watch_services,
    watchlist_with,
)

SHOP = "Mes courses au magasin Carrefour {}, la caisse est fermée"
ROAD = "Accident grave au carrefour de la rue {}, un vélo blessé"


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


class Watched:
    """A brand with mentions in two senses, counted."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shop: list[int] = []
        self.road: list[int] = []

    async def fill(self, each: int) -> Watched:
        made, [brand] = await watchlist_with(self.services, ("Carrefour", "own"))
        self.watchlist, self.brand = made.id, brand
        for n in range(each):
            for sense, ids in ((SHOP, self.shop), (ROAD, self.road)):
                ids.append(await self.add(sense.format(n), minutes=len(self.shop + self.road)))
        await rebuild(self.services, self.watchlist)
        return self

    async def add(self, text: str, *, minutes: int, author_id: int | None = None) -> int:
        at = self.services.clock.now() - timedelta(minutes=minutes + 1)
        item = await store_item(self.services, at, text=text, author_id=author_id)
        start = text.lower().index("carrefour")
        one = await store_mention(
            self.services, self.brand, item, spans=[["text", start, start + 9]]
        )
        return one.id

    async def mark_all(self, each: int) -> None:
        await mark(self.services, self.watchlist, self.shop[:each], relevant=True)
        await mark(self.services, self.watchlist, self.road[:each], relevant=False)

    async def work(self) -> None:
        """Both jobs until nothing waits."""
        while await learn_pending(self.services) or await apply_pending(self.services):
            pass

    async def counted(self) -> int:
        async with self.services.db.read() as session:
            return int(await session.scalar(select(func.sum(DayRollup.n))) or 0)

    async def rows(self) -> dict[int, Mention]:
        async with self.services.db.read() as session:
            return {row.id: row for row in await session.scalars(select(Mention))}

    async def learned(self) -> RelevanceFilter:
        async with self.services.db.read() as session:
            return await session.get_one(RelevanceFilter, self.brand.id)


@pytest.fixture
async def watched(services: Services) -> Watched:
    return await Watched(services).fill(9)


async def test_a_mark_leaves_every_count_and_one_click_brings_it_back(watched: Watched) -> None:
    [one] = watched.road[:1]
    await mark(watched.services, watched.watchlist, [one], relevant=False, actor="member:1")
    assert await watched.counted() == 17
    assert await check_rollups(watched.services) == []
    assert await count(watched.services, Mention) == 18
    await mark(watched.services, watched.watchlist, [one], relevant=None)
    assert await watched.counted() == 18
    assert await check_rollups(watched.services) == []
    assert (await audited(watched.services)).count("mention.relevance") == 2


async def test_a_mention_of_another_watchlist_is_not_there(watched: Watched) -> None:
    other, _ = await watchlist_with(watched.services, ("Leclerc", "own"), name="Autre")
    with pytest.raises(NotFound):
        await mark(watched.services, other.id, watched.road[:1], relevant=False)
    with pytest.raises(NotFound):
        await relevance(watched.services, other.id, watched.brand.id)


async def test_it_cannot_be_switched_on_before_a_precision_can_be_shown(watched: Watched) -> None:
    await watched.mark_all(3)
    await watched.work()
    with pytest.raises(Invalid, match="at least 5") as refused:
        await switch(watched.services, watched.watchlist, watched.brand.id, on=True)
    assert "au moins 5" in (refused.value.fr or "")
    await watched.mark_all(6)
    with pytest.raises(Invalid, match="learning"):
        await switch(watched.services, watched.watchlist, watched.brand.id, on=True)


async def test_what_it_would_hide_is_shown_with_its_precision_first(watched: Watched) -> None:
    await watched.mark_all(6)
    await watched.work()
    view = await relevance(watched.services, watched.watchlist, watched.brand.id)
    assert (view.on, view.relevant, view.noise, view.refusal) == (False, 6, 6, None)
    assert view.figures["precision"]["n"] >= 5
    assert view.figures["precision"]["low"] < view.figures["precision"]["value"]
    assert {one.mention_id for one in view.examples} == set(watched.road[6:])
    assert (view.looked_at, view.would_hide, view.hidden) == (6, 3, 0)
    assert set(view.mark_next) <= {*watched.shop[6:], *watched.road[6:]}
    assert await watched.counted() == 12  # six are marked; the filter hides nothing yet


async def test_on_hides_the_stored_noise_and_off_brings_all_of_it_back(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "WINDOW", 2)  # many windows
    await watched.mark_all(6)
    await watched.work()
    await switch(watched.services, watched.watchlist, watched.brand.id, on=True)
    await watched.work()
    rows = await watched.rows()
    assert all(rows[one].filtered and rows[one].relevant is False for one in watched.road[6:])
    assert all(rows[one].relevant is None for one in watched.shop[6:])
    assert all(0.0 < (rows[one].relevance or 0.0) < 0.5 for one in watched.road[6:])
    assert await watched.counted() == 9
    assert await check_rollups(watched.services) == []
    hidden = await list_mentions(watched.services, watched.watchlist, MentionFilter(relevant=False))
    assert len(hidden.rows) == 9
    await switch(watched.services, watched.watchlist, watched.brand.id, on=False)
    await watched.work()
    rows = await watched.rows()
    assert not any(row.filtered for row in rows.values())
    assert all(rows[one].relevance is None for one in watched.road[6:])
    assert all(rows[one].relevant is False for one in watched.road[:6])  # people's marks stay
    assert await watched.counted() == 12
    assert await check_rollups(watched.services) == []
    assert {"relevance.on", "relevance.off"} <= set(await audited(watched.services))


async def test_a_persons_word_stands_against_the_filter(watched: Watched) -> None:
    await watched.mark_all(6)
    await watched.work()
    await switch(watched.services, watched.watchlist, watched.brand.id, on=True)
    await watched.work()
    one = watched.road[8]
    assert (await watched.rows())[one].filtered
    await mark(watched.services, watched.watchlist, [one], relevant=True)
    await watched.work()  # learned and applied again
    row = (await watched.rows())[one]
    assert (row.relevant, row.filtered) == (True, False)
    assert await check_rollups(watched.services) == []


async def test_a_mark_made_while_the_filter_learns_is_learned_next(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.mark_all(6)
    real = learning._keep

    async def late(services: Services, *rest: Any) -> None:
        monkeypatch.undo()
        await mark(services, watched.watchlist, watched.road[6:7], relevant=False)
        await real(services, *rest)

    monkeypatch.setattr(learning, "_keep", late)
    await learn_pending(watched.services)
    first = await watched.learned()
    await learn_pending(watched.services)
    second = await watched.learned()
    assert (first.pending, first.figures["noise"]) == (True, 6)
    assert (second.pending, second.figures["noise"]) == (False, 7)


async def test_without_enough_marks_left_an_active_filter_lets_go(watched: Watched) -> None:
    await watched.mark_all(6)
    await watched.work()
    await switch(watched.services, watched.watchlist, watched.brand.id, on=True)
    await watched.work()
    await mark(watched.services, watched.watchlist, watched.road[:6], relevant=None)
    await watched.work()
    row = await watched.learned()
    assert (row.on, row.model) == (False, None)
    assert not any(one.filtered for one in (await watched.rows()).values())
    assert await watched.counted() == 18
    assert await check_rollups(watched.services) == []


async def test_an_erasure_makes_the_filter_learn_from_what_is_left(watched: Watched) -> None:
    now = watched.services.clock.now()
    author = await store_author(watched.services, "Zoé", now)
    mine = await watched.add(ROAD.format("zzz"), minutes=90, author_id=author.id)
    await rebuild(watched.services, watched.watchlist)
    await watched.mark_all(6)
    await mark(watched.services, watched.watchlist, [mine], relevant=False)
    await watched.work()
    before = await watched.learned()
    await erase_author(watched.services, "Zoé")
    assert (await watched.learned()).pending
    await watched.work()
    after = await watched.learned()
    assert after.digest != before.digest
    assert after.figures["noise"] == 6
    async with watched.services.db.read() as session:
        assert await session.scalar(select(Item.text).where(Item.author_id == author.id)) in (
            "",
            None,
        )


async def test_suggestions_are_measured_on_the_marks(watched: Watched) -> None:
    await watched.mark_all(6)
    await watched.work()
    found = await suggestions(watched.services, watched.watchlist, watched.brand.id)
    assert found.found.exclusions
    assert (found.found.noise, found.found.relevant_lost) == (6, 0)
    assert found.found.noise_removed == 6
    assert found.found.applied(found.query).startswith(f"({found.query}) NOT ")
