"""Searches read in turn: nothing is lost, none is starved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Cursor, Item, Page
from collectors.errors import BadPayload
from collectors.turns import Step, back_in_turn, by_time, floor_of, in_turn, short_key
from collectors.walk import Walk


@dataclass(frozen=True)
class Words:
    """A search of a list of times, newest first, `size` an answer."""

    key: str
    times: tuple[int, ...]
    size: int = 3

    def step(self, walk: Walk, floor: int = 0) -> Step:
        top = int(walk.before) if walk.before else 10**9
        below = sorted((t for t in self.times if floor <= t <= top), reverse=True)
        told, more = below[: self.size], len(below) > self.size
        items = [
            Item(external_id=str(t), url="", text="", published_at=datetime.fromtimestamp(t, UTC))
            for t in told
        ]
        step = by_time(walk, told, records=len(told), more=more, floor=floor)
        return Step(
            page=Page(items=items, listening=step.page.listening), walk=step.walk, more=step.more
        )


class Budget:
    """So many requests; the first is not asked for."""

    def __init__(self, left: int) -> None:
        self.left = left

    async def may_ask(self) -> bool:
        self.left -= 1
        return self.left > 0


async def read(
    searches: list[Words], cursor: Cursor, budget: int = 1_000, *, overlap: int = 0
) -> tuple[list[str], Cursor, list[Page]]:
    async def ask(one: Words, walk: Walk) -> Step:
        return one.step(walk, floor_of(walk, overlap=overlap, first=0))

    pages = [page async for page in in_turn(searches, cursor, ask, Budget(budget).may_ask)]
    ids = [item.external_id for page in pages for item in page.items]
    return ids, json.loads(json.dumps(pages[-1].cursor)) if pages else cursor, pages


TIMES = st.sets(st.integers(1, 500), max_size=30).map(tuple)


@settings(deadline=None, max_examples=60)
@given(st.lists(TIMES, min_size=1, max_size=3), st.integers(1, 4))
async def test_whatever_a_poll_may_ask_all_is_read_in_the_end(
    lists: list[tuple[int, ...]], budget: int
) -> None:
    searches = [Words(str(n), times) for n, times in enumerate(lists)]
    got: set[str] = set()
    cursor: Cursor = {}
    for _ in range(60):
        ids, cursor, _ = await read(searches, cursor, budget)
        got |= set(ids)
    assert got == {str(t) for times in lists for t in times}


async def test_what_two_searches_find_comes_once() -> None:
    ids, _, _ = await read([Words("a", (1, 2)), Words("b", (2, 3))], {})
    assert sorted(ids) == ["1", "2", "3"]


async def test_the_next_poll_begins_behind_the_search_that_was_read_last() -> None:
    searches = [Words(name, (n + 1,)) for n, name in enumerate("abc")]
    seen = []
    cursor: Cursor = {}
    for _ in range(3):
        ids, cursor, pages = await read(searches, cursor, budget=1)
        seen += ids
        assert "2 searches are read at the next polls" in pages[-1].listening.note
    assert seen == ["1", "2", "3"]


async def test_where_nothing_is_new_there_is_no_page() -> None:
    searches = [Words("a", ()), Words("b", (7,))]
    _, cursor, _ = await read(searches, {})
    _, _, pages = await read([Words("a", ()), Words("b", ())], cursor)
    assert pages == []


async def test_a_platform_that_says_stop_is_not_asked_again() -> None:
    async def ask(one: Words, walk: Walk) -> Step:
        step = one.step(walk)
        return Step(page=step.page, walk=step.walk, more=step.more, spent=True)

    pages = [p async for p in in_turn([Words("a", (1,)), Words("b", (2,))], {}, ask, always)]
    assert [item.external_id for page in pages for item in page.items] == ["1"]


async def always() -> bool:
    return True


async def test_the_past_is_walked_once_and_may_be_cut() -> None:
    searches = [Words("a", tuple(range(1, 11))), Words("b", (20,))]
    got: list[str] = []
    cursor: Cursor = {}
    for _ in range(20):
        budget = Budget(2)

        async def ask(one: Words, walk: Walk) -> Step:
            return one.step(walk, 4)

        pages = [p async for p in back_in_turn(searches, cursor, ask, budget.may_ask)]
        if not pages:
            break
        got += [item.external_id for page in pages for item in page.items]
        cursor = json.loads(json.dumps(pages[-1].cursor))
    assert pages == []
    assert {int(one) for one in got} == {*range(4, 11), 20}


def test_a_second_that_fills_an_answer_is_passed_and_told() -> None:
    step = by_time(Walk(top="9", before="5"), [5, 5, 5], records=3, more=True, floor=0)
    assert step.walk.before == "4"
    assert step.page.listening.truncated


def test_an_answer_of_which_no_time_can_be_read_does_not_move_the_cursor() -> None:
    with pytest.raises(BadPayload):
        by_time(Walk(), [], records=3, more=True, floor=0)


def test_a_key_is_short_whatever_the_words() -> None:
    assert len(short_key("\ud800" * 1_000, "b")) == 10
    assert short_key("a", "b") != short_key("ab")
