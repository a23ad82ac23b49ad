"""The index keeps step with the items, and an answer is complete at every moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.db import fulltext
from app.mentions import rules
from app.mentions.service import (
    ItemFilter,
    MentionFilter,
    count_items,
    count_mentions,
    list_items,
    list_mentions,
)
from app.models import Item, SearchPending
from app.search import check, queries, service
from app.search.rules import TOP
from nlp.query import parse
from tests.support.pipeline import House, post


async def indexed(house: House) -> None:
    while await service.index_pending(house.services):
        pass


async def candidates(house: House, query: str, **more: int) -> list[str]:
    """External ids of the index's candidates."""
    span: dict[str, int] = {"below": TOP, "limit": 100, **more}
    async with house.services.db.read() as session:
        plan = service.search_plan(parse(query))
        found = await service.candidates(session, plan, **span)
        rows = await session.execute(
            select(Item.id, Item.external_id).where(Item.id.in_(found.ids))
        )
        names = {row.id: row.external_id for row in rows}
    return [names[one] for one in found.ids]


async def searched(house: House, query: str) -> list[str]:
    page = await list_items(house.services, house.watchlist_id, ItemFilter(q=query))
    assert page.complete
    return [view.item.external_id for view in page.rows]


@pytest.fixture
async def source(house: House) -> int:
    return await house.source()


async def test_a_new_item_is_found_at_once_and_by_its_words_once_indexed(
    house: House, source: int
) -> None:
    await house.store(source, [post(1, "Acme rocks"), post(2, "Globex #AcmeDay")])
    assert len(await candidates(house, "nothing")) == 2  # both wait: each is looked at
    assert sorted(await searched(house, "acme")) == ["1", "2"]
    await indexed(house)
    assert await candidates(house, "nothing") == []
    assert await candidates(house, "rocks") == ["1"]
    assert sorted(await searched(house, "acme")) == ["1", "2"]
    assert not (await check.check(house.services)).bad


async def test_an_edit_is_found_at_once_and_the_old_words_no_more(
    house: House, source: int
) -> None:
    await house.store(source, [post(1, "Acme before")])
    await indexed(house)
    await house.store(source, [post(1, "Acme after")])
    assert (await searched(house, "after"), await searched(house, "before")) == (["1"], [])
    await indexed(house)
    assert await candidates(house, "before") == []
    assert await candidates(house, "after") == ["1"]
    assert not (await check.check(house.services)).bad


async def test_an_edit_while_its_item_is_being_indexed_waits_again(
    house: House, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.store(source, [post(1, "Acme before")])
    read = queries.texts

    async def read_then_edited(session: Any, ids: Sequence[int]) -> Any:
        found = await read(session, ids)
        monkeypatch.setattr(queries, "texts", read)
        await house.store(source, [post(1, "Acme after")])
        return found

    monkeypatch.setattr(queries, "texts", read_then_edited)
    await service.index_pending(house.services)
    async with house.services.db.read() as session:
        assert await service.waiting(session) == 1
    assert await searched(house, "after") == ["1"]
    await indexed(house)
    assert await candidates(house, "after") == ["1"]
    assert not (await check.check(house.services)).bad


async def test_two_workers_that_meet_index_everything_once(house: House, source: int) -> None:
    await house.store(source, [post(n, f"Acme {n}") for n in range(50)])
    await asyncio.gather(*(service.index_pending(house.services) for _ in range(3)))
    assert await candidates(house, "nothing") == []
    assert len(await candidates(house, "acme")) == 50
    assert not (await check.check(house.services)).bad


async def test_what_the_platform_took_away_leaves_the_index_in_the_same_transaction(
    house: House, source: int
) -> None:
    await house.store(source, [post(1, "Acme canary"), post(2, "Acme waits")])
    await indexed(house)
    await house.store(source, [post(3, "Globex canary")])
    await house.store(source, [], removed=["1", "3"])
    async with house.services.db.read() as session:
        ids = (await session.scalars(select(Item.id).where(Item.removed_at.is_not(None)))).all()
        assert len(ids) == 2
        assert await fulltext.held_words(session, ids) == {}
        assert await service.waiting(session) == 0
    assert await candidates(house, "canary") == []
    assert not (await check.check(house.services)).bad


async def test_candidates_come_newest_first_whether_they_are_indexed_or_wait(
    house: House, source: int, now: Any
) -> None:
    def at(hours: int) -> dict[str, Any]:
        return {"published_at": now - timedelta(hours=hours)}

    await house.store(source, [post(n, "Acme", **at(n)) for n in (1, 3, 5)])
    await indexed(house)
    await house.store(source, [post(n, "Acme", **at(n)) for n in (2, 4, 6)])
    assert await candidates(house, "acme") == ["1", "2", "3", "4", "5", "6"]
    assert await candidates(house, "acme", limit=2) == ["1", "2"]
    async with house.services.db.read() as session:
        plan = service.search_plan(parse("acme"))
        first = await service.candidates(session, plan, below=TOP, limit=4)
        rest = await service.candidates(session, plan, below=first.ids[-1], limit=4)
    assert (len(first.ids), first.ended) == (4, False)
    assert (len(rest.ids), rest.ended) == (2, True)


async def test_batches_hold_the_watchlists_own_items_in_the_span(house: House, now: Any) -> None:
    source = await house.source()
    mine = house.watchlist_id
    other = await house.watch({"Other": "other"}, name="other")
    elsewhere = await house.source(name="elsewhere", watchlist_id=other)
    await house.store(source, [post(n, "Acme", published_at=now - timedelta(hours=n))
                               for n in range(1, 8)])  # fmt: skip
    await house.store(elsewhere, [post("x", "Acme of others")])
    await indexed(house)
    async with house.services.db.read() as session:
        batches = [
            list(batch)
            async for batch in service.candidate_batches(
                session, mine, [parse("acme")], since=now - timedelta(hours=6),
                until=now - timedelta(hours=1, minutes=30), batch=2,
            )
        ]  # fmt: skip
        ids = [one for batch in batches for one in batch]
        rows = await session.execute(select(Item.id, Item.external_id).where(Item.id.in_(ids)))
        names = {row.id: row.external_id for row in rows}
    assert [names[one] for one in ids] == ["2", "3", "4", "5", "6"]
    assert max(map(len, batches)) <= 2


async def test_pages_of_a_search_miss_and_repeat_nothing(house: House, source: int) -> None:
    """All in one second, each a mention of both brands: only the cursor keeps them apart."""
    await house.store(source, [post(n, "Acme and Globex") for n in range(7)])
    await indexed(house)
    whole = await list_mentions(house.services, house.watchlist_id, MentionFilter(q="acme"))
    assert len(whole.rows) == 14
    seen: list[int] = []
    cursor = None
    while True:
        page = await list_mentions(
            house.services, house.watchlist_id, MentionFilter(q="acme"), cursor=cursor, limit=3
        )
        seen += [view.mention.id for view in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [view.mention.id for view in whole.rows]
    assert len(set(seen)) == 14


async def test_a_watchlist_that_heard_few_of_the_hits_is_walked_up_to_a_cap(
    house: House, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = house.watchlist_id
    other = await house.watch({"Other": "other"}, name="other")
    elsewhere = await house.source(name="elsewhere", watchlist_id=other)
    old = post("old", "a rare acme", published_at=house.now - timedelta(days=3))
    await house.store(source, [old])
    await house.store(elsewhere, [post(n, "acme elsewhere") for n in range(30)])
    await indexed(house)
    monkeypatch.setattr(service, "MAX_WALKED", 10)
    monkeypatch.setattr(service, "first_batch", lambda page: 5)
    monkeypatch.setattr(service, "next_batch", lambda size: 5)
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = await list_items(house.services, mine, ItemFilter(q="acme"), cursor=cursor)
        found += [view.item.external_id for view in page.rows]
        assert page.complete == (page.next is None)
        cursor, pages = page.next, pages + 1
    assert (found, pages) == (["old"], 4)


async def test_counts_say_at_least_where_a_cap_stopped_them(
    house: House, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.store(source, [post(n, f"Acme {n % 2}") for n in range(6)])
    await indexed(house)
    mine = house.watchlist_id
    count = await count_mentions(house.services, mine, MentionFilter(q='"acme 1"'))
    assert (count.count, count.at_least, count.searched) == (3, False, 3)
    count = await count_items(house.services, mine, ItemFilter(q="acme -1"))
    assert (count.count, count.at_least, count.searched) == (3, False, 6)
    assert (await count_mentions(house.services, mine)).count == 6
    monkeypatch.setattr(rules, "MAX_COUNTED", 4)
    monkeypatch.setattr(rules, "MAX_ROWS_COUNTED", 5)
    for count in (
        await count_mentions(house.services, mine, MentionFilter(q="acme")),
        await count_items(house.services, mine, ItemFilter(q="acme")),
    ):
        assert (count.count, count.at_least, count.searched) == (4, True, 4)
    for count in (
        await count_mentions(house.services, mine), await count_items(house.services, mine)
    ):  # fmt: skip
        assert (count.count, count.at_least, count.searched) == (5, True, None)


async def test_a_check_finds_missing_wrong_and_stray_words_and_a_rebuild_mends_them(
    house: House, source: int
) -> None:
    await house.store(source, [post(n, f"Acme {n}") for n in range(4)])
    await indexed(house)
    first, second, *_ = [item.id for item in await house.items()]
    async with house.services.db.write() as session:
        await fulltext.remove_items(session, [first])
        await fulltext.index_items(session, [(second, ["other"]), (5, ["nobody"])])
        await session.execute(delete(SearchPending))
    found = await check.check(house.services)
    assert (found.missing, found.wrong, found.stray) == ([first], [second], [5])
    assert found.bad
    assert await check.rebuild(house.services) == 4
    assert not (found := await check.check(house.services)).bad
    assert (found.items, found.waiting) == (4, 0)


async def test_a_check_goes_through_page_after_page(
    house: House, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "PAGE", 3)
    await house.store(source, [post(n, f"Acme {n}") for n in range(10)])
    await indexed(house)
    await house.store(source, [post("w", "waits")])
    async with house.services.db.write() as session:
        await fulltext.index_items(session, [(number, ["stray"]) for number in range(1, 9)])
    found = await check.check(house.services)
    assert (found.items, found.waiting, len(found.stray)) == (11, 1, 8)
    assert (found.missing, found.wrong) == ([], [])
