"""The demo comes by the real pipeline, can send nothing, and goes without a trace."""

from __future__ import annotations

import socket
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.demo import cast, service
from app.demo.carry import carry
from app.demo.rules import ZONE, make_plan
from app.demo.service import DemoReport, Size, clear_demo, demo_watchlist_id, load_demo
from app.errors import Conflict, NotFound, StoreBusy
from app.ingest.service import poll_due, poll_source
from app.models import (
    Alert,
    Base,
    Campaign,
    Channel,
    Delivery,
    Digest,
    Item,
    Mention,
    QueryVersion,
    Source,
    Theme,
    Watchlist,
)
from app.sources.service import gaps
from app.trends.rollup import check_rollups
from app.watchlists.service import queries_epoch
from tests.support.pipeline import House, make_services, post

SMALL = Size(days=8, per_day=12)
KEPT = {"audit_entries", "epochs", "model_versions"}
"""What a load may leave: who did what, the queries' counter, the names of models."""


@pytest.fixture
def house(db: Database, now: datetime, tmp_path: Path) -> House:
    return House(make_services(db, now, tmp_path), now)


async def _tables(db: Database) -> dict[str, list[str]]:
    async with db.read() as session:
        return {
            table.name: sorted(str(row) for row in await session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in KEPT
        }


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any socket of ours that reaches out fails (libpq's to the test database is not ours)."""

    def refuse(*_: Any) -> None:
        raise AssertionError("the demo asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with socket.socket() as probe, pytest.raises(AssertionError):
        probe.connect(("127.0.0.1", 9))


@pytest.mark.usefixtures("no_network")
async def test_the_demo_arrives_judged_told_and_counted_without_a_network(house: House) -> None:
    steps: list[tuple[int, int]] = []
    report = await load_demo(house.services, size=SMALL, progress=lambda *step: steps.append(step))
    assert report.watchlist_id == await demo_watchlist_id(house.services)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    await _shows_the_whole_job(house, report)
    await _is_marked(house)
    await _rang_within_the_hour(house)
    await _has_a_digest_a_day(house)
    await _shows_where_it_was_blind(house, report.watchlist_id)
    await _leaves_nothing_to_search_again(house)


async def _shows_the_whole_job(house: House, report: DemoReport) -> None:
    assert await house.count(Item) == report.items > 100
    assert await house.count(Mention) == report.mentions > 100
    assert not await house.count(Mention, Mention.rules_pending)
    assert not await house.count(Mention, Mention.backfill)
    assert await house.count(Mention, Mention.owned) > 0
    labels = Counter(one.label for one in await house.mentions())
    assert min(labels["positive"], labels["neutral"], labels["negative"]) > 5
    assert {one.lang for one in await house.items()} >= {"fr", "en"}
    assert await check_rollups(house.services) == []
    assert await house.count(Campaign) == 1
    assert await house.count(Theme) >= 4


async def _is_marked(house: House) -> None:
    [watchlist] = await house.all(Watchlist)
    assert watchlist.is_demo
    assert watchlist.name.startswith("Démo")
    sources = await house.all(Source)
    assert all("dém" in one.name or "demo" in one.name for one in sources)
    assert all(one.kind == "demo" for one in sources)
    assert {one.kind for one in await house.all(Channel)} == {"console"}


async def _rang_within_the_hour(house: House) -> None:
    plan = make_plan(house.now, days=SMALL.days, per_day=SMALL.per_day)
    counts = await house.all(Alert, Alert.reason == "count_over_threshold")
    assert counts
    assert timedelta(0) < counts[0].opened_at - plan.crisis_at <= timedelta(hours=1)
    assert await house.count(Alert, Alert.reason == "new_mention") >= 1
    told = await house.all(Delivery, Delivery.kind == "alert")
    assert len(told) == await house.count(Alert)
    assert {one.state for one in await house.all(Delivery)} == {"sent"}


async def _has_a_digest_a_day(house: House) -> None:
    today = house.now.astimezone(ZONE).date()
    days = [(today - timedelta(days=back)).isoformat() for back in reversed(range(SMALL.days))]
    assert [one.local_date for one in await house.all(Digest)] == days


async def _shows_where_it_was_blind(house: House, watchlist_id: int) -> None:
    plan = make_plan(house.now, days=SMALL.days, per_day=SMALL.per_day)
    async with house.services.db.read() as session:
        found = await gaps(session, watchlist_id, plan.start, house.now, now=house.now)
    [gap] = found
    assert (gap.why, gap.start.astimezone(ZONE).date()) == ("refused", plan.blind)
    assert gap.end - gap.start == timedelta(hours=24)


async def _leaves_nothing_to_search_again(house: House) -> None:
    assert await house.count(QueryVersion) == len(cast.BRANDS) + 1
    assert not await house.count(QueryVersion, QueryVersion.rematched_at.is_(None))
    async with house.services.db.read() as session:
        assert await queries_epoch(session) > 0


async def test_a_second_load_is_refused_and_clearing_leaves_what_was_there(house: House) -> None:
    await house.watch({"Acme": "acme"})
    await house.store(await house.source(), [post(1), post(2, "nothing of interest")])
    before = await _tables(house.services.db)
    report = await load_demo(house.services, size=SMALL)
    with pytest.raises(Conflict):
        await load_demo(house.services, size=SMALL)
    assert await clear_demo(house.services) == report.items
    assert await _tables(house.services.db) == before
    assert await demo_watchlist_id(house.services) is None
    assert await clear_demo(house.services) == 0
    assert await check_rollups(house.services) == []


async def test_what_another_source_saw_too_stays(house: House) -> None:
    await house.watch({"Acme": "acme"})
    mine, demo = await house.source(name="mine"), await house.source(name="d", kind="demo")
    shared = post(1)
    await house.store(demo, [shared, post(2)])
    await house.store(mine, [shared])
    assert await clear_demo(house.services) == 1
    [kept] = await house.items()
    assert kept.external_id == "1"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_load_that_breaks_off_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*given: Any, told: Any, **more: Any) -> None:
        def stop(done: int, total: int) -> None:
            if done > total / 2:
                raise StoreBusy("another writer holds the database")

        await carry(*given, told=stop, **more)

    monkeypatch.setattr(service, "carry", breaks)
    before = await _tables(house.services.db)
    with pytest.raises(StoreBusy):
        await load_demo(house.services, size=SMALL)
    assert await _tables(house.services.db) == before
    assert not list(Path(house.services.settings.data_dir).glob("demo-*"))


async def test_the_demos_sources_are_never_polled(house: House) -> None:
    await house.watch({"Acme": "acme"})
    demo = await house.source(name="d", kind="demo")
    assert await poll_due(house.services) == 0
    with pytest.raises(NotFound):
        await poll_source(house.services, demo)
