"""New posts meet the filter of their brand on the way in."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.db.engine import Database
from app.ingest.service import rematch_pending
from app.models import Mention, RelevanceFilter
from app.relevance.service import apply_pending, learn_pending, mark, switch
from app.trends.rollup import check_rollups
from tests.support.pipeline import House, make_services, post

GOOD = "the Acme store opened a new aisle {}"
BAD = "the hill is at its acme of beauty tonight {}"


@pytest.fixture
async def house(db: Database, now: datetime, tmp_path: Path) -> House:
    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": "acme"})
    return house


async def trained(house: House) -> RelevanceFilter:
    source = await house.source()
    posts = [post(n, GOOD.format(n)) for n in range(6)]
    await house.store(source, posts + [post(n + 10, BAD.format(n)) for n in range(6)])
    rows = await house.mentions()
    texts = {item.id: item.text for item in await house.items()}
    watchlist = rows[0].watchlist_id
    for side in (True, False):
        ids = [row.id for row in rows if ("store" in texts[row.item_id]) is side]
        await mark(house.services, watchlist, ids, relevant=side)
    await learn_pending(house.services)
    await switch(house.services, watchlist, rows[0].brand_id, on=True)
    while await apply_pending(house.services):
        pass
    async with house.services.db.read() as session:
        return await session.get_one(RelevanceFilter, rows[0].brand_id)


async def newest(house: House, text: str) -> Mention:
    items = {item.id: item for item in await house.items()}
    return next(row for row in await house.mentions() if items[row.item_id].text == text)


async def test_new_noise_is_stored_marked_and_not_counted(house: House) -> None:
    await trained(house)
    source = await house.source(name="other")
    await house.store(source, [post(50, GOOD.format("z")), post(51, BAD.format("z"))])
    good, bad = await newest(house, GOOD.format("z")), await newest(house, BAD.format("z"))
    assert (good.relevant, good.filtered) == (None, False)
    assert (bad.relevant, bad.filtered) == (False, True)
    assert bad.relevance is not None
    assert good.relevance is not None
    assert bad.relevance < good.relevance
    assert await check_rollups(house.services) == []


async def test_a_filter_that_cannot_be_read_hides_nothing(house: House) -> None:
    row = await trained(house)
    async with house.services.db.write() as session:
        (await session.get_one(RelevanceFilter, row.brand_id)).model = b"of a later version"
    await house.store(await house.source(name="other"), [post(51, BAD.format("z"))])
    bad = await newest(house, BAD.format("z"))
    assert (bad.relevant, bad.filtered, bad.relevance) == (None, False, None)


async def test_what_a_new_query_finds_in_the_past_is_judged_too(house: House) -> None:
    await trained(house)
    source = await house.source(name="other")
    await house.store(source, [post(60, BAD.replace("acme", "zenith").format("y"))])
    await house.set_query("Acme", "acme OR zenith")
    while await rematch_pending(house.services):
        pass
    found = await newest(house, BAD.replace("acme", "zenith").format("y"))
    assert found.relevance is not None
    assert found.filtered == (found.relevant is False)
    assert await check_rollups(house.services) == []


async def test_an_edited_text_meets_the_filter_at_once(house: House) -> None:
    await trained(house)
    source = await house.source(name="other")
    await house.store(source, [post(50, GOOD.format("z")), post(51, BAD.format("z"))])
    house.later(timedelta(minutes=5))
    await house.store(source, [post(50, BAD.format("q")), post(51, GOOD.format("q"))])
    worse, better = await newest(house, BAD.format("q")), await newest(house, GOOD.format("q"))
    assert (worse.relevant, worse.filtered) == (False, True)
    assert (better.relevant, better.filtered) == (None, False)
    assert await check_rollups(house.services) == []


async def test_an_edit_leaves_what_a_person_said(house: House) -> None:
    await trained(house)
    source = await house.source(name="other")
    await house.store(source, [post(50, GOOD.format("z"))])
    kept = await newest(house, GOOD.format("z"))
    await mark(house.services, kept.watchlist_id, [kept.id], relevant=True)
    house.later(timedelta(minutes=5))
    await house.store(source, [post(50, BAD.format("q"))])
    found = await newest(house, BAD.format("q"))
    assert (found.relevant, found.filtered) == (True, False)


async def test_a_new_wording_has_the_mentions_there_are_judged_by_where_it_stands(
    house: House,
) -> None:
    await trained(house)
    text = GOOD.format("z") + ", said the hill at its zenith of beauty tonight"
    await house.store(await house.source(name="other"), [post(60, text)])
    before = (await newest(house, text)).relevance
    await house.set_query("Acme", "zenith")
    while await rematch_pending(house.services):
        pass
    after = await newest(house, text)
    assert after.spans != []
    assert after.relevance is not None
    assert after.relevance != before
    assert await check_rollups(house.services) == []
