"""What sources spend, will spend, and what is proposed for a brand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from app.models import Source
from app.sources import budget, proposals
from app.sources.service import forecast_for, narrowing_of_watchlist, propose_for, spent
from collectors.api import (
    CollectorConfig,
    Narrowing,
    Proposal,
    Volume,
    Wanted,
)
from collectors.desk import Quota
from collectors.errors import Transient
from collectors.http import Http
from collectors.registry import Catalogue
from tests.app.ingest.test_desk import desk
from tests.support.pipeline import House, Scripted


class Priced(Scripted):
    """Costs half a cent a post read; the platform can count them."""

    kind: ClassVar[str] = "priced"
    told: Volume | Exception = Volume(items=700, days=7)

    def __init__(self, config: CollectorConfig) -> None:
        super().__init__()

    def quotas(self) -> Sequence[Quota]:
        return [
            Quota(
                name="posts read",
                limit=6_000,
                window="month",
                price=Decimal("0.005"),
                of_items=True,
            ),
            Quota(name="calls", limit=450),
        ]

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {"posts read": 100, "calls": max(len(narrowing.any_of), 1)}

    async def count(self, narrowing: Narrowing, http: Http) -> Volume:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> type[Priced]:
    monkeypatch.setattr(budget, "collector_class", lambda kind: Priced)
    return Priced


async def told(house: House, **more: Any) -> Any:
    narrowing = await narrowing_of_watchlist(house.services, house.watchlist_id)
    return await forecast_for(
        house.services, kind="priced", config={}, narrowing=narrowing, interval_s=3_600, **more
    )


async def test_a_forecast_adds_up_the_polls_of_a_day(house: House, priced: type) -> None:
    found = await told(house)
    assert found.polls_per_day == 24
    lines = {line.name: line for line in found.lines}
    assert (lines["posts read"].per_day, lines["posts read"].fits) == (2_400, False)
    assert lines["posts read"].cost_per_month == 30.0, "capped at 6,000 posts"
    assert (lines["calls"].per_day, lines["calls"].fits) == (48, True), "two brands, two clauses"


async def test_what_the_platform_counts_beats_the_guess(house: House, priced: type) -> None:
    found = await told(house, ask=True)
    [posts] = [line for line in found.lines if line.name == "posts read"]
    assert (posts.per_day, posts.fits, posts.cost_per_month) == (100, True, 15.0)


async def test_a_platform_that_does_not_count_is_no_reason_to_fail(
    house: House, priced: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priced, "told", Transient("no answer"))
    found = await told(house, ask=True)
    assert (found.counted, found.message) == (None, "no answer")


async def test_the_line_of_the_month_adds_up_days_and_leaves_out_last_month(house: House) -> None:
    one = await desk(house)
    await one.ledger.spend("reads", 2)
    house.clock.at = house.clock.at.replace(month=12, day=1)
    await one.ledger.spend("reads", 3)
    house.clock.at = house.clock.at.replace(day=2)
    await one.ledger.spend("reads", 4)
    [line] = await spent(house.services, house.watchlist_id)
    assert (line.amount, line.cost, line.currency) == (7, pytest.approx(0.035), "USD")


class Proposing(Scripted):
    kind: ClassVar[str] = "proposing"

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        return [
            Proposal(name=f"{wanted.name} feed", config={}, why="feed"),
            Proposal(name="unfit", config={"no such option": 1}),
        ]


class Failing(Scripted):
    kind: ClassVar[str] = "failing"

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        raise Transient("no answer")


class Broken(Scripted):
    kind: ClassVar[str] = "broken"

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        raise ValueError("secret")


async def test_every_kind_is_asked_and_one_that_fails_stops_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: Any = {one.kind: one for one in (Proposing, Failing, Broken, Scripted)}
    monkeypatch.setattr(proposals.registry, "catalogue", lambda: Catalogue(kinds, ()))
    monkeypatch.setattr(proposals, "collector_class", lambda kind: kinds[kind])
    found = await propose_for(house.services, house.watchlist_id, house.brands["Acme"])
    assert [(one.kind, one.name, one.there) for one in found.found] == [
        ("proposing", "Acme feed", False)
    ]
    assert found.failed == {
        "failing": "no answer", "broken": "ValueError in the collector",
    }  # fmt: skip
    assert not await house.all(Source)
