"""What is history and what is news, as stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.ingest.service import Arrival, rematch_pending
from app.models import Mention, QueryVersion, WatchlistSource
from app.trends.rollup import check_rollups
from app.watchlists.service import (
    bump_queries_epoch,
    edit_watchlist,
    request_rematch,
    search_of_version,
)
from tests.conftest import NOW
from tests.support.pipeline import House, post


async def flags(house: House) -> list[tuple[bool, bool]]:
    return [(one.backfill, one.rules_pending) for one in await house.mentions()]


async def test_a_fresh_post_is_news_and_waits_for_the_rules(house: House) -> None:
    await house.store(await house.source(), [post(1)])
    assert await flags(house) == [(False, True)]


async def test_an_imported_post_is_history_however_new(house: House) -> None:
    arrival = Arrival(now=NOW, imported=True)
    await house.store(await house.source(), [post(1)], arrival=arrival)
    assert await flags(house) == [(True, False)]


async def test_a_post_seen_a_day_late_is_history(house: House) -> None:
    old = post(1, published_at=NOW - timedelta(hours=25))
    await house.store(await house.source(), [old])
    assert await flags(house) == [(True, False)]


async def test_what_was_there_before_the_source_is_history_until_its_first_poll_is_through(
    house: House,
) -> None:
    source = await house.source()
    first = Arrival(now=NOW, first_poll_of=NOW - timedelta(minutes=10))
    before, since = post(1), post(2, published_at=NOW - timedelta(minutes=5))
    await house.store(source, [before, since], arrival=first)
    assert await flags(house) == [(True, False), (False, True)]


async def test_a_clamped_post_keeps_what_the_platform_said(house: House) -> None:
    wrong = datetime(2099, 1, 1, tzinfo=UTC)
    await house.store(await house.source(), [post(1, published_at=wrong)])
    [item] = await house.items()
    assert (item.published_at, item.published_raw) == (NOW, "2099-01-01T00:00:00+00:00")


async def test_an_edited_query_gets_its_past_at_once_as_history(house: House) -> None:
    await house.store(await house.source(), [post(1), post(2, "Initech is fine"), post(3, "x")])
    await house.set_query("Acme", "initech")
    while await rematch_pending(house.services):
        pass
    found = await house.mentions()
    assert [one.clause for one in found] == ["initech"]
    assert await flags(house) == [(True, False)]
    assert await house.count(QueryVersion, QueryVersion.rematched_at.is_(None)) == 0
    assert await check_rollups(house.services) == []


async def test_a_mention_that_still_matches_names_the_new_wording(house: House) -> None:
    await house.store(await house.source(), [post(1)])
    await house.set_query("Acme", "acme OR initech")
    await rematch_pending(house.services)
    [mention] = await house.mentions()
    versions = await house.all(QueryVersion, QueryVersion.number == 2)
    assert mention.query_version_id == versions[0].id
    assert await flags(house) == [(False, True)]


async def test_a_mention_somebody_worked_on_stays_when_its_match_goes(house: House) -> None:
    await house.store(await house.source(), [post(1), post(2)])
    one, _ = await house.mentions()
    async with house.services.db.write() as session:
        worked_on = await session.get(Mention, one.id)
        assert worked_on is not None
        worked_on.status = "done"
    await house.set_query("Acme", "initech")
    await rematch_pending(house.services)
    assert [left.id for left in await house.mentions()] == [one.id]
    assert await check_rollups(house.services) == []


async def test_the_past_is_searched_in_windows_newest_first(
    house: House, monkeypatch: object
) -> None:
    import app.ingest.rematch as module

    source = await house.source()
    page = [post(n, "Initech", published_at=NOW - timedelta(hours=n + 1)) for n in range(5)]
    await house.store(source, page)
    await house.set_query("Acme", "initech")
    window, module.WINDOW = module.WINDOW, 2  # type: ignore[misc]  # a constant, smaller here
    try:
        assert await rematch_pending(house.services) == 2
        first = [one.published_at for one in await house.mentions()]
        assert min(first) == NOW - timedelta(hours=2)
        while await rematch_pending(house.services):
            pass
    finally:
        module.WINDOW = window  # type: ignore[misc]  # as above
    assert len(await house.mentions()) == 5


async def test_how_far_the_search_is_and_what_it_changed_is_told_window_by_window(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.rematch.WINDOW", 2)
    texts = ["Initech", "Acme", "Acme and Initech", "nothing", "Initech"]
    page = [post(n, text, published_at=NOW - timedelta(hours=n + 1))
            for n, text in enumerate(texts)]  # fmt: skip
    await house.store(await house.source(), page)
    await house.set_query("Acme", "initech")
    told = [await progress(house)]
    while await rematch_pending(house.services):
        told.append(await progress(house))
    assert told == [
        ("waiting", 0, None, 0, (0, 0, 0)),
        ("running", 2, 5, 40, (1, 1, 0)),
        ("running", 4, 5, 80, (1, 1, 1)),
        ("done", 5, 5, 100, (2, 1, 1)),
    ]


async def test_a_search_that_a_newer_wording_cut_short_is_told_as_stopped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.rematch.WINDOW", 1)
    await house.store(await house.source(), [post(1, "Initech"), post(2, "Hooli"), post(3)])
    await house.set_query("Acme", "initech")
    await rematch_pending(house.services)
    house.later(timedelta(seconds=1))
    await house.set_query("Acme", "hooli")
    while await rematch_pending(house.services):
        pass
    assert [(await progress(house, number))[:3] for number in (2, 3)] == [
        ("stopped", 1, 3), ("done", 3, 3),
    ]  # fmt: skip


async def test_an_order_to_search_again_begins_to_count_from_nothing(house: House) -> None:
    await house.store(await house.source(), [post(1, "Initech")])
    await house.set_query("Acme", "initech")
    while await rematch_pending(house.services):
        pass
    async with house.services.db.write() as session:
        await request_rematch(session, house.watchlist_id)
    assert await progress(house) == ("waiting", 0, None, 0, (0, 0, 0))
    while await rematch_pending(house.services):
        pass
    assert (await progress(house))[4] == (0, 0, 1)


async def progress(house: House, number: int = 2) -> tuple[object, ...]:
    [row] = await house.all(QueryVersion, QueryVersion.number == number)
    at = search_of_version(row)
    changed = row.rematch_added, row.rematch_removed, row.rematch_kept
    return at.state, at.searched, at.total, at.percent, changed


async def test_a_superseded_wording_is_not_searched_for(house: House) -> None:
    await house.store(await house.source(), [post(1, "Initech"), post(2, "Hooli")])
    await house.set_query("Acme", "initech")
    await house.set_query("Acme", "hooli")
    while await rematch_pending(house.services):
        pass
    assert [one.clause for one in await house.mentions()] == ["hooli"]


async def test_another_watchlist_does_not_get_what_its_sources_did_not_hear(
    house: House,
) -> None:
    source = await house.source()
    await house.watch({"Other": "acme"}, name="other")
    await house.store(source, [post(1)])
    await house.set_query("Other", "acme OR love")
    while await rematch_pending(house.services):
        pass
    assert {one.brand_id for one in await house.mentions()} == {house.brands["Acme"]}


async def test_a_later_sighting_by_another_watchlists_source_matches_there(house: House) -> None:
    first = await house.source(name="first")
    await house.store(first, [post(1)])
    other = await house.watch({"Other": "acme"}, name="other")
    second = await house.source(name="second", watchlist_id=other)
    stored = await house.store(second, [post(1)])
    assert (stored.new, stored.mentions) == (0, 1)
    brands = {one.brand_id for one in await house.mentions()}
    assert brands == {house.brands["Acme"], house.brands["Other"]}
    assert await check_rollups(house.services) == []


async def test_an_order_given_during_the_search_is_not_taken_for_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house.watchlist_id
    heard = await house.source()
    await house.store(heard, [post(1)])
    other = await house.watch({"Other": "acme"}, name="other")
    await house.set_query("Other", "acme OR love")
    brain = house.services.brain
    linked: list[bool] = []

    async def match(texts: Any, sources: Any, **more: Any) -> Any:
        if not linked:
            linked.append(True)
            async with house.services.db.write() as session:
                await bump_queries_epoch(session)
                session.add(WatchlistSource(watchlist_id=other, source_id=heard))
                await request_rematch(session, other)
        return await type(brain).match(brain, texts, sources, **more)

    monkeypatch.setattr(brain, "match", match)
    while await rematch_pending(house.services):
        pass
    assert other != first
    brands = {one.brand_id for one in await house.mentions()}
    assert brands == {house.brands["Acme"], house.brands["Other"]}


async def test_a_query_tells_the_age_of_a_post_and_the_kind_of_its_source(house: House) -> None:
    source = await house.source()
    old = post("old", "Initech at last", published_at=NOW - timedelta(days=30))
    await house.set_query("Acme", "initech published:-7d.. source:scripted url:shop.example")
    fresh = post("new", "Initech is fine", links=["https://shop.example/1"])
    await house.store(source, [old, fresh])
    assert len(await house.mentions()) == 1
    await house.set_query("Acme", "initech published:..-8d source:scripted")
    while await rematch_pending(house.services):
        pass
    [mention] = await house.mentions()
    assert mention.published_at == NOW - timedelta(days=30)


async def test_the_days_of_a_query_are_those_of_its_watchlist(house: House) -> None:
    source = await house.source()
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)  # in Paris it is February already
    await house.store(source, [post(1, "Initech", published_at=late)])
    for day, matches in (("2026-01-31", 0), ("2026-02-01", 1)):
        await house.set_query("Acme", f"initech published:{day}")
        while await rematch_pending(house.services):
            pass
        assert len(await house.mentions()) == matches


async def test_a_new_zone_searches_the_past_anew_for_queries_that_name_days(house: House) -> None:
    at = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)  # the first of June in Paris
    await house.store(await house.source(), [post(1, "Initech", published_at=at)])
    await house.set_query("Acme", "initech (hooli OR published:2026-06-01)")
    while await rematch_pending(house.services):
        pass
    assert len(await house.mentions()) == 1
    await edit_watchlist(house.services, house.watchlist_id, {"zone": "UTC"})
    waiting = await house.all(QueryVersion, QueryVersion.rematched_at.is_(None))
    assert [one.text for one in waiting] == ["initech (hooli OR published:2026-06-01)"]
    while await rematch_pending(house.services):
        pass
    assert await house.mentions() == []


async def test_an_edit_that_leaves_the_zone_searches_nothing_anew(house: House) -> None:
    await house.set_query("Acme", "initech published:2026-06-01")
    while await rematch_pending(house.services):
        pass
    await edit_watchlist(house.services, house.watchlist_id, {"zone": "Europe/Paris", "name": "v"})
    assert await house.count(QueryVersion, QueryVersion.rematched_at.is_(None)) == 0
