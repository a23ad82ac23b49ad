"""The two jobs behind the filters: learning marks, and judging what is stored.

Each looks, thinks in a thread with no transaction open, then writes only if the filter is still
the one it looked at (`marks`, `version`); whoever comes late writes nothing and looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import Database
from app.mentions.service import store
from app.models import RelevanceFilter
from app.relevance import queries, rules, thinking
from app.relevance.queries import Text
from app.services import Services
from app.watchlists.service import bump_queries_epoch
from nlp import relevance

if TYPE_CHECKING:
    from nlp.relevance import Neighbours

WINDOW = 500
"""Mentions judged in one transaction."""
BESIDE = 1_000
"""Unmarked mentions that training looks at."""
STORED = 20_000
"""Stored texts that the word neighbours are learned from."""
KEPT_FOR = timedelta(hours=1)
"""How long a process keeps the word neighbours, in memory only."""


@dataclass(frozen=True, slots=True)
class _Known:
    at: datetime
    neighbours: Neighbours


_neighbours: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


async def learn_pending(services: Services) -> int:
    """Train one filter whose marks wait; 0: none waits."""
    async with services.db.read() as session:
        row = await queries.next_pending(session)
        if row is None:
            return 0
        marks = await queries.marked(session, row.brand_id)
        beside = await queries.unmarked(session, row.brand_id, limit=BESIDE)
    labelled = [(one.sample, bool(one.relevant)) for one in marks]
    sides = [label for _, label in labelled]
    made = None
    if min(sides.count(True), sides.count(False)) >= rules.ENOUGH:
        neighbours = await _known_words(services)
        made = await asyncio.to_thread(
            thinking.learned, labelled, [one.sample for one in beside], neighbours
        )
    await _keep(services, row, made)
    return 1


async def _known_words(services: Services) -> Neighbours:
    now = services.clock.now()
    known = _neighbours.get(services.db)
    if known is None or now - known.at > KEPT_FOR:
        async with services.db.read() as session:
            texts = await queries.newest_texts(session, limit=STORED)
        known = _Known(now, await asyncio.to_thread(relevance.learn, texts))
        _neighbours[services.db] = known
    return known.neighbours


async def _keep(services: Services, seen: RelevanceFilter, made: thinking.Learned | None) -> None:
    """Store what was learned. With too few marks there is no filter, and nothing it could hide."""
    async with services.db.write() as session:
        if seen.on:
            await bump_queries_epoch(session)
        row = await session.get(RelevanceFilter, seen.brand_id, with_for_update=True)
        if row is None or row.version != seen.version:
            return
        had = row.model is not None
        row.pending = row.marks != seen.marks
        row.model = made.model if made else None
        row.digest = made.digest if made else ""
        row.figures = dict(made.figures) if made else {}
        row.trained_at = services.clock.now() if made else None
        if made is None and not had:
            return
        row.on = row.on and made is not None
        row.version += 1
        row.apply_key = None
        if seen.on:
            row.applied_at = None
        elif row.applied_at is None and row.version == 1:
            row.applied_at = services.clock.now()  # never switched on: nothing to bring back


async def apply_pending(services: Services) -> int:
    """Judge (or free) one window of a brand's stored mentions, newest first; 0: none waits."""
    async with services.db.read() as session:
        row = await queries.next_unapplied(session)
        if row is None:
            return 0
        texts = await queries.unmarked(
            session, row.brand_id, below=row.apply_key, limit=WINDOW, purged=True
        )
    model = row.model if row.on else None
    judged: Sequence[Any] = ()
    if model:
        asked = [(model, one.sample) for one in texts]
        judged = await asyncio.to_thread(thinking.judge, asked)
    async with services.db.write() as session:
        if await _advance(session, row, texts, now=services.clock.now()):
            await _write(session, texts, judged)
    return max(len(texts), 1)


async def _write(session: AsyncSession, texts: Sequence[Text], judged: Sequence[Any]) -> None:
    if not judged:
        await store.free(session, [one.mention_id for one in texts])
        return
    said = {
        one.mention_id: word
        for one, word in zip(texts, judged, strict=True)
        if word is not None and one.whole  # a purged text says nothing
    }
    await store.judge(session, said)


async def _advance(
    session: AsyncSession, seen: RelevanceFilter, texts: Sequence[Text], *, now: datetime
) -> bool:
    """Take the window; False where the filter changed or another worker took it."""
    same = (
        RelevanceFilter.apply_key.is_(None)
        if seen.apply_key is None
        else RelevanceFilter.apply_key == seen.apply_key
    )
    values: dict[str, Any] = {"apply_key": texts[-1].mention_id} if texts else {}
    if len(texts) < WINDOW:
        values["applied_at"] = now
    result = await session.execute(
        update(RelevanceFilter)
        .where(
            RelevanceFilter.brand_id == seen.brand_id, RelevanceFilter.version == seen.version,
            RelevanceFilter.applied_at.is_(None), same,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
