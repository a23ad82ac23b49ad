"""Proving that the index holds what the items say, and making it anew."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import fulltext
from app.search import queries
from app.search.rules import TOP
from app.search.service import index_pending
from nlp.query.plan import index_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services import Services

PAGE = 5_000
"""Items compared at once."""


@dataclass(slots=True)
class Checked:
    """What a comparison found, by item. missing: the index knows nothing of it; wrong: it holds
    other words; stray: it holds words of an item without content. broken: what the database says
    of its own index. waiting: items not compared, for their row says that they are not indexed."""

    items: int = 0
    waiting: int = 0
    missing: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    broken: str = ""

    @property
    def bad(self) -> bool:
        return bool(self.missing or self.wrong or self.stray or self.broken)


async def check(services: Services) -> Checked:
    """Compare every item with what the index holds of it, page by page, each of one moment."""
    found = Checked()
    async with services.db.write() as session:  # FTS5 asks for its check by an INSERT
        found.broken = await fulltext.complaint(session)
    if found.broken:
        return found
    below = TOP
    while True:
        async with services.db.snapshot() as session:
            floor = await _floor(session, below)
            await _compare(session, found, below=below, least=floor)
        if not floor:
            return found
        below = floor


async def _floor(session: AsyncSession, below: int) -> int:
    """The key down to which the next page goes: at most PAGE items, and PAGE held."""
    items = await queries.item_ids(session, below=below, least=0, limit=PAGE)
    held = await fulltext.held_ids(session, below=below, limit=PAGE)
    return max((ids[-1] for ids in (items, held) if len(ids) == PAGE), default=0)


async def _compare(session: AsyncSession, found: Checked, *, below: int, least: int) -> None:
    ids = await queries.item_ids(session, below=below, least=least, limit=PAGE)
    there = await fulltext.held_ids(session, below=below, limit=PAGE)
    there = [one for one in there if one >= least]
    waiting = set(await queries.pending_ids(session, below=below, least=least, limit=PAGE))
    texts = [one for one in await queries.texts(session, ids) if one.item_id not in waiting]
    held = await fulltext.held_words(session, there)
    right = await asyncio.to_thread(_right, texts)
    found.items += len(ids)
    found.waiting += len(waiting)
    found.missing += [one for one in right if one not in held]
    found.wrong += [one for one, words in right.items() if one in held and held[one] != words]
    found.stray += [one for one in held if one not in right and one not in waiting]


def _right(texts: Sequence[queries.Words]) -> Mapping[int, frozenset[str]]:
    return {
        one.item_id: frozenset(map(fulltext.written, index_words(one.title, one.body)))
        for one in texts
    }


async def rebuild(services: Services, told: Callable[[int, int], None] | None = None) -> int:
    """Empty the index and fill it anew; how many items. Beside a running service: searches look
    at the items themselves meanwhile."""
    async with services.db.write() as session:
        await fulltext.empty(session)
        await queries.all_wait(session)
        total = await queries.waiting(session)
    done = 0
    while count := await index_pending(services):
        done += count
        if told:
            told(min(done, total), total)
    return done
