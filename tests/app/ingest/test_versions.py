"""Versions of watched pages can be looked at and compared."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import NotFound
from app.sources.rules import compare
from app.sources.service import shelve, version, versions
from collectors.desk import Document
from tests.conftest import NOW
from tests.support.pipeline import House

PAGE = "https://acme.example/tarifs"


async def shelved(house: House, source: int, *texts: str) -> None:
    for number, text in enumerate(texts):
        documents = [
            Document(name=PAGE, text=text),
            Document(name=f"{PAGE} state", text="{}", kind="state"),
        ]
        async with house.services.db.write() as session:
            await shelve(session, source, documents, now=NOW + timedelta(days=number))


def test_a_difference_is_told_line_by_line_in_the_order_of_the_page() -> None:
    assert compare("a\nb\nc", "a\nB\nc\nd") == ["− b", "+ B", "+ d"]
    assert compare("a", "a") == []
    assert compare("", "") == []


async def test_versions_are_listed_newest_first_without_what_the_collector_keeps_for_itself(
    house: House,
) -> None:
    source = await house.source()
    await shelved(house, source, "Pro 29 €", "Pro 39 €")
    found = await versions(house.services, house.watchlist_id, source)
    assert [(one.name, one.size) for one in found] == [(PAGE, 8), (PAGE, 8)]
    assert found[0].at > found[1].at


async def test_a_version_is_compared_with_the_one_before(house: House) -> None:
    source = await house.source()
    await shelved(house, source, "Tarifs\nPro 29 €", "Tarifs\nPro 39 €")
    newest, oldest = await versions(house.services, house.watchlist_id, source)
    found = await version(house.services, house.watchlist_id, source, newest.id)
    assert (found.changes, found.before) == (["− Pro 29 €", "+ Pro 39 €"], oldest.at)
    first = await version(house.services, house.watchlist_id, source, oldest.id)
    assert (first.changes, first.before, first.text) == ((), None, "Tarifs\nPro 29 €")


async def test_a_version_of_another_source_or_watchlist_is_not_there(house: House) -> None:
    source, other = await house.source(name="a"), await house.source(name="b")
    await shelved(house, source, "x")
    [one] = await versions(house.services, house.watchlist_id, source)
    with pytest.raises(NotFound):
        await version(house.services, house.watchlist_id, other, one.id)
    with pytest.raises(NotFound):
        await version(house.services, house.watchlist_id + 1, source, one.id)
