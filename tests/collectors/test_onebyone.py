"""Items that can only be read again one by one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.api import Item, Skipped
from collectors.errors import RateLimited
from collectors.http import Http, Policy
from collectors.onebyone import Told, one_by_one

GOOD = Item(external_id="a", url="", text="x", published_at=None)
BAD = Skipped("unreadable", "b")


async def page_of(told: Mapping[str, Told | Exception], *, budget: int = 9) -> tuple[object, ...]:
    async def read(identity: str) -> Told:
        answer = told[identity]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with Http(Policy.parse("")) as http:
        page = await one_by_one([*told, *told], read, http.budget(budget))
    heard = page.listening
    return page.items, page.skipped, page.removed, heard.asked, heard.refused


async def test_each_is_read_once_and_goes_where_its_answer_says() -> None:
    told: Mapping[str, Told] = {"a": GOOD, "b": BAD, "c": "gone", "d": "untold"}
    assert await page_of(told) == ([GOOD], [BAD], ["c"], 4, 0)


async def test_what_was_read_before_a_limit_is_kept() -> None:
    assert await page_of({"a": GOOD, "b": RateLimited("busy")}) == ([GOOD], [], [], 2, 1)


async def test_a_limit_at_once_is_the_platforms_answer() -> None:
    with pytest.raises(RateLimited):
        await page_of({"a": RateLimited("busy")})


async def test_without_a_budget_nothing_is_asked() -> None:
    assert await page_of({"a": GOOD}, budget=0) == ([], [], [], 0, 0)
