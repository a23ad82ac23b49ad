"""`list:` finds what is written by people on a list of the watchlist: new posts, stored ones, and
in a search."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.ingest.service import rematch_pending
from app.mentions.service import ItemFilter, list_items
from app.models import Author as StoredAuthor
from app.models import PeopleList, PeopleListMember
from app.querylab.service import preview
from collectors.api import Author
from tests.support.pipeline import House, make_services, post

ANN, BOB = Author(name="Ann", id="a1"), Author(name="Bob", id="b1")


@pytest.fixture
async def house(db: Database, now: datetime, tmp_path: Path) -> House:
    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": 'acme list:"Presse éco"'})
    return house


async def listed(house: House, name: str, author: str, *, watchlist_id: int = 0) -> None:
    """The list has one member, whom a stored post names."""
    async with house.services.db.write() as session:
        row = PeopleList(
            watchlist_id=watchlist_id or house.watchlist_id, name=name, created_at=house.now
        )
        session.add(row)
        await session.flush()
        who = await session.scalar(select(StoredAuthor.id).where(StoredAuthor.name == author))
        assert who is not None
        session.add(PeopleListMember(list_id=row.id, author_id=who))


async def texts_of_mentions(house: House) -> set[str]:
    items = {one.id: one.text for one in await house.items()}
    return {items[one.item_id] for one in await house.mentions()}


async def test_a_new_post_of_somebody_on_the_list_is_a_mention_and_others_are_not(
    house: House,
) -> None:
    source = await house.source()
    await house.store(source, [post(1, "hello", author=ANN), post(2, "hello you", author=BOB)])
    await listed(house, "presse Eco", "Ann")
    await house.store(source, [post(3, "acme one", author=ANN), post(4, "acme two", author=BOB)])
    assert await texts_of_mentions(house) == {"acme one"}


async def test_a_list_of_another_watchlist_is_not_ours(house: House) -> None:
    source = await house.source()
    ours = house.watchlist_id
    await house.store(source, [post(1, "hello", author=ANN)])
    other = await house.watch({"Other": 'acme list:"presse éco"'}, name="other")
    second = await house.source(name="second", watchlist_id=other)
    await listed(house, "Presse éco", "Ann", watchlist_id=other)
    await house.store(source, [post(2, "acme one", author=ANN)])
    assert await house.mentions() == []
    await house.store(second, [post(3, "acme two", author=ANN)])
    assert {one.brand_id for one in await house.mentions()} == {house.brands["Other"]}
    assert (await preview(house.services, ours, "list:presse*")).tally.total.caught == 0


async def test_the_search_of_the_past_the_preview_and_the_search_know_the_lists(
    house: House,
) -> None:
    page = [post(1, "acme one", author=ANN), post(2, "acme two", author=BOB)]
    await house.store(await house.source(), page)
    assert await house.mentions() == []
    await listed(house, "journalists", "Bob")
    await house.set_query("Acme", "list:journalists acme")
    while await rematch_pending(house.services):
        pass
    assert await texts_of_mentions(house) == {"acme two"}
    where = house.watchlist_id
    found = await preview(house.services, where, "acme NOT list:journalists")
    assert [hit.heard.item.text for hit in found.hits] == ["acme one"]
    searched = await list_items(house.services, where, ItemFilter(q="list:journal*"))
    assert [one.item.text for one in searched.rows] == ["acme two"]
