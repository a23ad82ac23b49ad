"""Several streams at once: in handfuls, nothing lost, errors after what came before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from collectors.errors import Transient
from collectors.gathered import gathered


class Source:
    """Yields what is put in; an error is raised, None ends it."""

    def __init__(self, *given: object) -> None:
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.closed = False
        for one in given:
            self.queue.put_nowait(one)

    async def __call__(self) -> AsyncGenerator[object]:
        try:
            while (one := await self.queue.get()) is not None:
                if isinstance(one, Exception):
                    raise one
                yield one
        finally:
            self.closed = True


async def test_all_comes_and_it_ends_when_all_have_ended() -> None:
    sources = [Source("a", "b", None), Source("c", None)]
    streams = [one() for one in sources]
    got = [one async for handful in gathered(streams, seconds=60, most=100) for one in handful]
    assert sorted(got) == [(0, "a"), (0, "b"), (1, "c")]


async def test_a_handful_comes_when_it_is_full_or_its_time_is_over() -> None:
    source = Source("a", "b")
    async with aclosing(gathered([source()], seconds=0.05, most=2)) as handfuls:
        assert await anext(handfuls) == [(0, "a"), (0, "b")]
        assert await anext(handfuls) == []
        source.queue.put_nowait("c")
        assert await anext(handfuls) == [(0, "c")]
    assert source.closed


async def test_an_error_comes_after_what_came_before_it() -> None:
    sources = [Source("a", Transient("gone")), Source()]
    handfuls = gathered([one() for one in sources], seconds=60, most=100)
    assert await anext(handfuls) == [(0, "a")]
    with pytest.raises(Transient):
        await anext(handfuls)
    assert all(one.closed for one in sources)


async def test_closing_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    handfuls = gathered([Source("a")(), Source()()], seconds=60, most=1)
    assert await anext(handfuls) == [(0, "a")]
    await handfuls.aclose()
    assert asyncio.all_tasks() == before


async def test_a_mistake_is_not_hidden() -> None:
    handfuls = gathered([Source(KeyError("bug"))()], seconds=60, most=1)
    with pytest.raises(KeyError):
        await anext(handfuls)


async def test_handfuls_without_a_pause_let_the_streams_have_their_turn() -> None:
    source = Source("a", None)
    async with asyncio.timeout(5):
        got = [one async for handful in gathered([source()], seconds=0, most=9) for one in handful]
    assert got == [(0, "a")]


async def test_a_full_hand_holds_the_streams_back_and_nothing_is_lost() -> None:
    source = Source(*range(10), None)
    sizes, got = [], []
    async for handful in gathered([source()], seconds=60, most=3):
        sizes.append(len(handful))
        got += [one for _, one in handful]
    assert got == list(range(10))
    assert sizes == [3, 3, 3, 1]
