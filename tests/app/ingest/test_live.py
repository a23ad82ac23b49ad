"""Sources that are streams: listened to, stored as things happen, opened again where they broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.ingest import poll as polling
from app.ingest.service import listen_live, poll_due
from app.models import Source
from collectors.api import Cursor, Narrowing, Page
from collectors.errors import Transient
from collectors.http import Http
from tests.support.pipeline import House, Scripted, post


class Stream(Scripted):
    """Plays its script to whoever listens, then stays silent until it is closed."""

    live = True
    closed = 0

    async def listen(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        self.cursors.append(cursor)
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                assert isinstance(step, Page)
                yield step
            await asyncio.Event().wait()
        finally:
            self.closed += 1


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> Any:
    def play(*script: Any) -> Stream:
        one = Stream(*script)
        monkeypatch.setattr(polling, "build_collector", lambda services, source: one)
        return one

    return play


async def row(house: House) -> Source:
    [found] = await house.all(Source)
    assert isinstance(found, Source)
    return found


async def test_a_stream_is_listened_to_and_not_polled(house: House, plays: Any) -> None:
    one = plays(Page(items=[post(1)], cursor={"at": 1}))
    await house.source(live=True)
    assert await poll_due(house.services) == 0
    assert await listen_live(house.services, seconds=0.5) == 1
    assert [item.external_id for item in await house.items()] == ["1"]
    assert one.closed == 1, "a session is closed when its time is over"


async def test_a_session_that_ended_well_is_opened_again_from_its_cursor(
    house: House, plays: Any
) -> None:
    one = plays(Page(items=[post(1)], cursor={"at": 1}))
    await house.source(live=True)
    for _ in range(2):
        await listen_live(house.services, seconds=0.5)
    assert one.cursors == [{}, {"at": 1}]
    source = await row(house)
    assert (source.state, source.leased_until, source.cursor) == ("active", None, {"at": 1})
    assert source.first_poll_done_at is not None


async def test_a_stream_that_breaks_off_keeps_what_came_and_waits_a_little(
    house: House, plays: Any
) -> None:
    plays(Page(items=[post(1)], cursor={"at": 1}), Transient("connection lost"))
    await house.source(live=True)
    await listen_live(house.services, seconds=0.5)
    source = await row(house)
    assert (source.state, source.cursor, source.failures) == ("failing", {"at": 1}, 1)
    wait = source.next_poll_at - house.clock.now()
    assert timedelta(seconds=30) <= wait <= timedelta(seconds=33)
    assert len(await house.items()) == 1


async def test_a_stream_that_ends_by_itself_is_not_opened_in_a_circle(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = plays()

    async def ends(narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        one.cursors.append(cursor)
        return
        yield

    monkeypatch.setattr(one, "listen", ends)
    await house.source(live=True)
    await listen_live(house.services, seconds=0.5)
    source = await row(house)
    assert (source.state, len(one.cursors)) == ("active", 1)
    assert source.next_poll_at >= house.clock.now() + timedelta(seconds=30)


async def test_what_a_stream_brings_late_was_seen_late(
    house: House, plays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is its own, not cut to the moment at which the session began."""
    one = plays()
    said = house.clock.now() + timedelta(minutes=3)

    async def later(narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        house.later(timedelta(minutes=3))
        yield Page(items=[post(1, published_at=said)], cursor={"at": 1})

    monkeypatch.setattr(one, "listen", later)
    await house.source(live=True)
    await listen_live(house.services, seconds=0.5)
    [item] = await house.items()
    assert (item.published_at, item.first_seen_at) == (said, said)


async def test_a_timeout_of_the_collectors_own_is_a_fault_and_not_the_end(
    house: House, plays: Any
) -> None:
    plays(TimeoutError())
    await house.source(live=True)
    await listen_live(house.services, seconds=0.5)
    assert (await row(house)).state == "failing"


async def test_nothing_to_listen_to_costs_one_look(house: House, plays: Any) -> None:
    await house.source(live=False)
    assert await listen_live(house.services, seconds=60) == 0
