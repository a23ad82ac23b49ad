"""However many hits there are, the cap of 1,000 loses none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Term
from collectors.hackernews.collector import HITS, HackerNews, HackerNewsConfig, render
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NEWEST = 1_795_000_000


class Algolia(ReplayServer):
    """Answers as the search does: newest first, within numericFilters, HITS at most."""

    def __init__(self, times: list[int]) -> None:
        super().__init__()
        self.times = sorted(times, reverse=True)

    def _answer(self, asked: Asked) -> bytes:
        low, high = 0, 2**40
        for bound in asked.query.get("numericFilters", "").split(","):
            if bound.startswith("created_at_i>="):
                low = int(bound.removeprefix("created_at_i>="))
            elif bound.startswith("created_at_i<="):
                high = int(bound.removeprefix("created_at_i<="))
        found = [(n, at) for n, at in enumerate(self.times) if low <= at <= high]
        hits = [hit(len(self.times) - n, at) for n, at in found[:HITS]]
        self.instead = Exchange(path="", body=json.dumps({"hits": hits}))
        return super()._answer(asked)


def hit(identity: int, at: int) -> dict[str, Any]:
    return {"objectID": str(identity), "author": "a", "created_at_i": at, "title": "t"}


async def polled(server: Algolia, cursor: Cursor, *, days: int = 7) -> tuple[list[str], Cursor]:
    collector = HackerNews(HackerNewsConfig(base_url=f"{server.base}/s", first_days=days))
    async with Http(Policy.parse("127.0.0.1/32")) as http:
        pages = [page async for page in collector.poll(Narrowing(), cursor, http)]
    return [item.external_id for page in pages for item in page.items], pages[-1].cursor


async def test_more_than_a_thousand_hits_are_read_slice_by_slice() -> None:
    times = [NEWEST - 60 * (n // 3) for n in range(3_500)]
    async with Algolia(times) as server:
        ids, _ = await polled(server, {})
    assert len(ids) == len(set(ids)) == len(times)


async def test_the_next_poll_reads_what_is_new_and_an_overlap() -> None:
    async with Algolia([NEWEST - 600 * n for n in range(100)]) as server:
        _, cursor = await polled(server, {})
        server.times = [NEWEST + 50, *server.times]
        ids, cursor = await polled(server, cursor)
        assert ids[0] == "101"
        assert len(ids) == 1 + 7
        assert next(iter(cursor.values()))[0] == str(NEWEST + 50)  # type: ignore[index]  # a Walk


async def test_the_first_poll_reaches_back_the_days_that_were_chosen() -> None:
    hourly = [NEWEST - 600 * n for n in range(20_000)]
    async with Algolia(hourly) as server:
        ids, _ = await polled(server, {}, days=14)
    assert 14 * 144 <= len(ids) < 14 * 144 + HITS


async def test_a_thousand_hits_in_one_second_do_not_hang_the_walk() -> None:
    async with Algolia([NEWEST] * (HITS + 200) + [NEWEST - 5]) as server:
        ids, _ = await polled(server, {})
    assert "1" in ids


async def past(server: Algolia, since: int, *, requests: int) -> tuple[list[str], int]:
    """Ids of a whole walk through the past, and the calls that it took."""
    collector = HackerNews(HackerNewsConfig(base_url=f"{server.base}/s"))
    cursor: Cursor = {}
    ids: list[str] = []
    async with Http(Policy.parse("127.0.0.1/32")) as http:
        for calls in range(20):
            budget = http.budget(requests)
            walk = collector.backfill(
                Narrowing(), datetime.fromtimestamp(since, UTC), cursor, budget
            )
            pages = [page async for page in walk]
            if not pages:
                return ids, calls
            cursor = json.loads(json.dumps(pages[-1].cursor))
            ids += [item.external_id for page in pages for item in page.items]
    raise AssertionError("the walk does not end")


async def test_the_past_is_walked_down_to_its_bound_over_several_calls() -> None:
    times = [NEWEST - 60 * n for n in range(5_500)]
    async with Algolia(times) as server:
        ids, calls = await past(server, NEWEST - 60 * 4_999, requests=2)
    assert len(set(ids)) == 5_000
    assert calls == 3


async def test_a_refresh_stops_at_its_budget_and_asks_for_numbers_only() -> None:
    async with ReplayServer() as server:
        server.instead = Exchange(path="", body='{"deleted": true}')
        collector = HackerNews(HackerNewsConfig(items_url=f"{server.base}/item"))
        async with Http(Policy.parse("127.0.0.1/32")) as http:
            page = await collector.refresh(["../x", "1", "²", "2", "3"], http.budget(2))
    assert [asked.path for asked in server.asked] == ["/item/1.json", "/item/2.json"]
    assert page.removed == ["1", "2"]


def clause(*words: str) -> tuple[Term, ...]:
    return tuple(Term(word) for word in words)


@pytest.mark.parametrize(
    ("clauses", "queries"),
    [
        ((), [""]),
        ((clause("acme"),), ["acme"]),
        ((clause("acme", "go sport"), clause("c++")), ['acme "go sport"', '"c++"']),
        (tuple(clause(f"w{n}") for n in range(40)), [""]),
        ((clause("x" * 600, "acme"),), ["acme"]),
        ((clause("acme"), clause("é" * 300)), [""]),
        ((clause(" ".join(["mot"] * 200)),), [f'"{" ".join(["mot"] * 127)}"']),
    ],
)
def test_what_cannot_be_asked_clause_by_clause_is_asked_whole(
    clauses: tuple[tuple[Term, ...], ...], queries: list[str]
) -> None:
    assert render(Narrowing(clauses)) == queries
