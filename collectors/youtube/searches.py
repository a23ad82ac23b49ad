"""Searches, few and spread over the day, as YouTube allows 100 of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from collectors.api import Item, Narrowing, Page, Skipped
from collectors.errors import RateLimited
from collectors.instants import instant
from collectors.youtube import rules
from collectors.youtube.calls import SEARCHES
from collectors.youtube.reading import read_hits, read_videos, search
from collectors.youtube.rules import Round
from collectors.youtube.run import Run

PAGES: Final = 2
"""Searches that a query may make in one turn."""


async def search_pages(run: Run, narrowing: Narrowing) -> AsyncGenerator[Page, None]:
    """The queries whose turn it is."""
    queries = {_key(query): query for query in rules.render(narrowing) if run.config.search}
    rounds = {key: Round.from_json(run.rounds.get(key)) for key in queries}
    run.rounds = {key: one.to_json() for key, one in rounds.items() if one != Round()}
    due = [key for key in queries if rounds[key].is_due(run.api.now)]
    if due and not await run.api.left(SEARCHES):
        yield run.page(truncated=True, note="no search is left for today")
        return
    for key in due:
        turn = _turn(run, key, queries[key], narrowing, among=len(queries))
        async with aclosing(turn) as pages:
            async for page in pages:
                yield page
    if due and rules.is_left_out(narrowing):
        yield run.page(truncated=True, note="not all the words can be searched for")


async def _turn(
    run: Run, key: str, query: str, narrowing: Narrowing, *, among: int
) -> AsyncGenerator[Page, None]:
    """Down from the newest, or on from where the last turn came to."""
    one = Round.from_json(run.rounds.get(key))
    missed = one.given_up(run.api.now)
    if missed:
        one = Round(since=one.began, due=one.due)
    for spent in range(1, PAGES + 1):
        if not await _may_search(run):
            return
        floor = one.floor(run.api.now, first_days=run.config.first_days)
        before = instant(one.before) if one.before else None
        answer = await search(run.api, run.config, query, narrowing, after=floor, before=before)
        hits = read_hits(answer)
        times = [item.published_at for item in hits.found if item.published_at]
        one = one.after(min(times, default=None), full=bool(answer.next), now=run.api.now)
        last = not one.began or spent == PAGES
        if last:
            wait = rules.wait_after(spent, among, run.config.own_searches)
            one = one.waiting(run.api.now, wait)
        run.rounds[key] = one.to_json()
        more = last and bool(one.began)
        items, skipped = await _with_figures(run, {item.external_id: item for item in hits.found})
        yield run.videos(
            items,
            (*hits.skipped, *skipped),
            truncated=more or missed,
            missed=missed,
            note="more results than searches; the older ones follow" if more else "",
        )
        missed = False
        if last:
            return


async def _may_search(run: Run) -> bool:
    return run.api.room(2) and await run.api.left(SEARCHES) > 0


async def _with_figures(run: Run, found: dict[str, Item]) -> tuple[list[Item], tuple[Skipped, ...]]:
    """The hits with text and figures whole: a unit. Without units, as the search told them."""
    try:
        videos = await read_videos(run.api, list(found))
    except RateLimited:  # a search is too dear to be lost for a unit
        return list(found.values()), ()
    return list(videos.items.values()), videos.skipped


def _key(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "replace")).hexdigest()[:10]
