"""A source that fell silent tells its owner once, and once more when it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.models import Channel, Delivery, Source
from app.sources.service import tell_silent
from tests.conftest import NOW
from tests.support.pipeline import House


async def channel(house: House) -> None:
    async with house.services.db.write() as session:
        session.add(
            Channel(
                watchlist_id=house.watchlist_id, kind="console", name="c", created_at=NOW,
                updated_at=NOW,
            )
        )  # fmt: skip


async def become(house: House, source: int, **values: object) -> None:
    async with house.services.db.write() as session:
        await session.execute(update(Source).where(Source.id == source).values(**values))


async def told(house: House) -> list[dict[str, object]]:
    async with house.services.db.read() as session:
        rows = await session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.id))
        return [row.payload for row in rows]


@pytest.mark.parametrize("state", ["needs_attention", "failing"])
async def test_it_is_told_once_and_once_more_when_it_is_back(house: House, state: str) -> None:
    source = await house.source(name="Blog", last_ok_at=NOW, interval_s=900)
    await channel(house)
    assert await tell_silent(house.services) == 0
    house.later(timedelta(minutes=31))
    await become(house, source, state=state, last_error="the key is not valid")
    assert await tell_silent(house.services) == 1
    assert await tell_silent(house.services) == 0
    [notice] = await told(house)
    assert "Blog" in str(notice["title"])
    assert "the key is not valid" in str(notice["facts"])
    house.later(timedelta(minutes=5))
    await become(house, source, state="active", last_ok_at=house.clock.now(), last_error="")
    assert await tell_silent(house.services) == 1
    assert [one["severity"] for one in await told(house)] == ["warning", "info"]


async def test_it_is_told_within_two_intervals(house: House) -> None:
    """A source of a quarter of an hour: looked at each minute, told after 30 and before 32."""
    source = await house.source(last_ok_at=NOW, interval_s=900)
    await channel(house)
    await become(house, source, state="failing")
    minutes = 0
    while not await tell_silent(house.services):
        house.later(timedelta(minutes=1))
        minutes += 1
        assert minutes < 60
    assert minutes == 31


async def test_a_second_silence_is_told_again(house: House) -> None:
    source = await house.source(last_ok_at=NOW, interval_s=900)
    await channel(house)
    for _ in range(2):
        await become(house, source, state="needs_attention")
        await tell_silent(house.services)
        house.later(timedelta(minutes=5))
        await become(house, source, state="active", last_ok_at=house.clock.now())
        await tell_silent(house.services)
        house.later(timedelta(minutes=5))
    assert len(await told(house)) == 4


async def test_a_pause_is_a_persons_own_doing(house: House) -> None:
    source = await house.source(last_ok_at=NOW)
    await channel(house)
    await become(house, source, state="paused")
    house.later(timedelta(days=3))
    assert await tell_silent(house.services) == 0
