"""One poll from claim to closing write, and every way it can end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app.db.claim import claim
from app.errors import Conflict, NotFound, StoreBusy, StoreFull
from app.ingest import poll as polling
from app.ingest.service import IMPORT_KIND, poll_due, poll_source
from app.models import Item, ListeningLog, Quarantine, Source, Verdict
from collectors.api import Listening, Page, Skipped
from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from tests.support.pipeline import House, Scripted, post

TWO_PAGES = (
    Page(items=[post(1), post(2)], cursor={"after": 2}),
    Page(items=[post(3, "nothing here")], cursor={"after": 3}),
)


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have every source played by one script."""

    def play(*script: Any) -> Scripted:
        one = Scripted(*script)
        monkeypatch.setattr(polling, "build_collector", lambda services, source: one)
        return one

    return play


async def row(house: House, source_id: int) -> Source:
    [found] = await house.all(Source, Source.id == source_id)
    assert isinstance(found, Source)
    return found


async def heard(house: House) -> ListeningLog:
    from sqlalchemy import select

    async with house.services.db.read() as session:
        return (await session.scalars(select(ListeningLog))).one()


async def test_a_poll_stores_its_pages_with_their_cursor_and_the_listening_log(
    house: House, plays: Any
) -> None:
    plays(*TWO_PAGES)
    source = await house.source(first_poll_done_at=None)
    report = await poll_source(house.services, source)
    assert (report.outcome, report.pages, report.got, report.stored.new) == ("ok", 2, 3, 3)
    after = await row(house, source)
    assert after.cursor == {"after": 3}
    assert after.first_poll_done_at == after.last_ok_at == after.last_new_at == house.now
    assert after.leased_until is None
    assert after.next_poll_at >= house.now + timedelta(seconds=after.interval_s)
    log = await heard(house)
    assert (log.asked, log.got, log.new, log.failed) == (2, 3, 3, 0)


async def test_the_next_poll_starts_from_the_stored_cursor(house: House, plays: Any) -> None:
    script = plays(*TWO_PAGES)
    source = await house.source()
    await poll_source(house.services, source)
    await poll_source(house.services, source)
    assert script.cursors == [{}, {"after": 3}]
    assert len(await house.items()) == 3


async def test_a_poll_without_news_is_listening_all_the_same(house: House, plays: Any) -> None:
    plays()
    await poll_source(house.services, await house.source())
    log = await heard(house)
    assert (log.asked, log.got, log.failed) == (1, 0, 0)


async def test_what_a_page_says_of_our_hearing_is_kept(house: House, plays: Any) -> None:
    listening = Listening(asked=3, refused=1, truncated=True, missed=True, note="only 100 shown")
    plays(Page(items=[post(1)], listening=listening))
    await poll_source(house.services, await house.source())
    log = await heard(house)
    assert (log.asked, log.refused, log.truncated, log.missed) == (3, 1, 1, 1)
    assert log.note == "only 100 shown"


@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [
        (Transient("a.example: 503"), "failing", "transient"),
        (BadPayload("a.example: no feed"), "failing", "bad_payload"),
        (NeedsAttention("a.example: renew the key"), "needs_attention", "needs_attention"),
        (RateLimited("a.example: 429", 7200.0), "active", "rate_limited"),
        (ZeroDivisionError("bug"), "failing", "bug"),
    ],
)
async def test_an_error_in_the_middle_keeps_what_was_stored_and_its_cursor(
    house: House, plays: Any, error: Exception, state: str, outcome: str
) -> None:
    plays(TWO_PAGES[0], error)
    source = await house.source()
    report = await poll_source(house.services, source)
    after = await row(house, source)
    assert (report.outcome, after.state) == (outcome, state)
    assert (after.cursor, len(await house.items())) == ({"after": 2}, 2)
    assert after.last_error
    log = await heard(house)
    assert log.failed + log.refused == 1
    assert (log.refused == 1) == (outcome == "rate_limited")


async def test_a_source_that_needs_a_person_is_not_polled_by_itself(
    house: House, plays: Any
) -> None:
    script = plays(NeedsAttention("renew the key"))
    source = await house.source()
    assert await poll_due(house.services) == 1
    house.later(timedelta(days=2))
    assert await poll_due(house.services) == 0
    assert len(script.cursors) == 1
    plays(*TWO_PAGES)
    await poll_source(house.services, source)
    assert (await row(house, source)).state == "active"


async def test_going_down_and_coming_back_are_told_once_each(house: House, plays: Any) -> None:
    source = await house.source()
    with structlog.testing.capture_logs() as logs:
        for script in ([Transient("x")], [Transient("x")], [], []):
            plays(*script)
            await poll_source(house.services, source)
    events = [one["event"] for one in logs if one["event"].startswith("source.")]
    assert events == ["source.down", "source.back"]


async def test_a_bad_record_is_quarantined_and_the_rest_stored(house: House, plays: Any) -> None:
    bad = Skipped("line 2: not JSON\0", external_id="x\ud800", raw="{oops\0")
    plays(Page(items=[post(1)], skipped=[bad], cursor={"line": 2}))
    report = await poll_source(house.services, await house.source())
    assert (report.skipped, len(await house.items())) == (1, 1)
    [kept] = await house.all(Quarantine)
    assert (kept.stage, kept.reason, kept.raw) == ("collect", "line 2: not JSON", "{oops")
    assert (await heard(house)).skipped == 1


async def test_a_worker_that_lost_its_lease_writes_nothing(house: House, plays: Any) -> None:
    source = await house.source()

    async def stolen() -> None:
        async with house.services.db.write() as session:
            await claim(
                session, Source, due=Source.id == source, order_by=Source.id,
                now=house.now + timedelta(hours=1), lease=timedelta(minutes=5), limit=1,
            )  # fmt: skip

    plays(stolen, *TWO_PAGES)
    report = await poll_source(house.services, source)
    assert report.outcome == "lost"
    assert await house.count(Item) == 0
    after = await row(house, source)
    assert (after.cursor, after.last_polled_at) == ({}, None)


async def test_a_source_that_is_being_polled_is_a_conflict_and_an_unknown_one_not_found(
    house: House, plays: Any
) -> None:
    plays()
    source = await house.source(leased_until=house.now + timedelta(minutes=1))
    with pytest.raises(Conflict):
        await poll_source(house.services, source)
    with pytest.raises(NotFound):
        await poll_source(house.services, 1)
    drop = await house.source(name="imported", kind=IMPORT_KIND)
    with pytest.raises(NotFound):
        await poll_source(house.services, drop)


async def test_due_sources_are_polled_and_the_others_left(house: House, plays: Any) -> None:
    script = plays()
    await house.source(name="due")
    await house.source(name="failing", state="failing")
    await house.source(name="later", next_poll_at=house.now + timedelta(minutes=1))
    await house.source(name="paused", state="paused")
    await house.source(name="gone", removed_at=house.now)
    await house.source(name="imported", kind=IMPORT_KIND)
    assert await poll_due(house.services) == 2
    assert len(script.cursors) == 2


async def test_a_slow_source_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    done: list[str] = []

    def build(services: Any, source: Source) -> Scripted:
        async def step() -> None:
            if source.name == "slow":
                await gate.wait()
            done.append(source.name)
            if len(done) == 12:
                gate.set()

        return Scripted(step)

    monkeypatch.setattr(polling, "build_collector", build)
    monkeypatch.setattr("app.ingest.service.LOOK_S", 0.0)
    await house.source(name="slow", next_poll_at=house.now - timedelta(hours=1))
    for number in range(12):
        await house.source(name=f"quick{number}")
    assert await poll_due(house.services) == 13
    assert done[-1] == "slow"


async def test_a_slow_source_holds_up_no_other_after_the_round_is_over_either(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    done: list[str] = []

    def build(services: Any, source: Source) -> Scripted:
        async def step() -> None:
            if source.name == "slow":
                monkeypatch.setattr("app.ingest.service.ROUND_S", -1.0)
                await house.source(name="quick")
                async with asyncio.timeout(5):
                    await gate.wait()
            done.append(source.name)
            gate.set()

        return Scripted(step)

    monkeypatch.setattr(polling, "build_collector", build)
    await house.source(name="slow")
    assert await poll_due(house.services) == 2
    assert done == ["quick", "slow"]


@pytest.mark.parametrize("refusal", [StoreBusy("locked"), StoreFull("full")])
async def test_a_store_that_refuses_leaves_the_cursor_and_blames_no_source(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    from app.ingest import writer

    tries: list[int] = []

    async def refuse(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise refusal

    monkeypatch.setattr(writer, "store", refuse)
    plays(*TWO_PAGES)
    source = await house.source()
    report = await poll_source(house.services, source)
    after = await row(house, source)
    assert report.outcome in ("store-busy", "store-full")
    assert len(tries) == (3 if isinstance(refusal, StoreBusy) else 1)
    assert (after.cursor, after.state, after.failures, after.leased_until) == (
        {},
        "active",
        0,
        None,
    )
    assert after.next_poll_at == house.now + timedelta(minutes=1)


async def test_a_query_that_changes_during_the_analysis_is_matched_all_the_same(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays(Page(items=[post(1, "Initech rises")]))
    source = await house.source()
    think = house.services.brain.analyse
    rounds: list[int] = []

    async def analyse(texts: Any, queries: Any) -> Any:
        found = await think(texts, queries)
        rounds.append(queries.epoch)
        if len(rounds) == 1:
            await house.set_query("Acme", "initech")
        return found

    monkeypatch.setattr(house.services.brain, "analyse", analyse)
    await poll_source(house.services, source)
    assert rounds == [1, 2]
    assert [one.clause for one in await house.mentions()] == ["initech"]


async def test_a_text_that_no_analyzer_survives_is_stored_and_set_aside(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.enrich.values import failed

    plays(Page(items=[post(1), post(2, "poison Acme")]))
    think = house.services.brain.analyse

    async def analyse(texts: Any, queries: Any) -> Any:
        found = list(await think(texts, queries))
        return [
            failed(None) if "poison" in t.body else f for t, f in zip(texts, found, strict=True)
        ]

    monkeypatch.setattr(house.services.brain, "analyse", analyse)
    await poll_source(house.services, await house.source())
    assert len(await house.items()) == 2
    [aside] = await house.all(Quarantine)
    assert (aside.stage, aside.external_id) == ("analyse", "2")
    assert await house.count(Verdict, Verdict.abstain == "failed") == 1
    assert [one.label for one in await house.mentions()] == ["positive"]


async def test_a_poll_that_takes_too_long_goes_on_at_the_next_tick(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "POLL_SECONDS", -1.0)
    plays(*TWO_PAGES)
    source = await house.source(first_poll_done_at=None)
    report = await poll_source(house.services, source)
    after = await row(house, source)
    assert (report.outcome, report.pages, after.cursor) == ("unfinished", 1, {"after": 2})
    assert (after.next_poll_at, after.first_poll_done_at) == (house.now, None)


async def test_a_source_is_left_alone_for_as_long_as_its_pages_ask(
    house: House, plays: Any
) -> None:
    source = await house.source()
    plays(Page(items=[post(1)], cursor={"after": 1}, freshness=7_200.0), Page(cursor={"after": 2}))
    await poll_source(house.services, source)
    after = await row(house, source)
    assert (after.cursor, after.state) == ({"after": 2}, "active")
    assert after.next_poll_at >= house.now + timedelta(hours=2)


async def test_a_page_that_only_says_when_to_come_back_is_not_stored(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await house.source(cursor={"after": 1})
    plays(Page(cursor={"after": 1}, freshness=7_200.0, listening=Listening(asked=0)))
    monkeypatch.setattr(polling, "_store", None)
    report = await poll_source(house.services, source)
    assert (report.outcome, report.pages) == ("ok", 0)
    after = await row(house, source)
    assert after.next_poll_at >= house.now + timedelta(hours=2)
    assert (await heard(house)).asked == 1
