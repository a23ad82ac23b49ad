"""Keeping the index in step with the items, and asking it for candidates.

Whoever stores or edits an item says so in the same transaction (`note_new`, `note_changed`): its
row in `search_pending` is the work of the job `index_items`, and until that is done every search
looks at the item itself. Whoever takes content out takes the words out at once (`forget`). So an
answer is complete at every moment, and the writers do not pay for the index (ADR 011).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import fulltext
from app.db.bulk import insert_many
from app.db.keys import first_key_at
from app.db.upsert import insert_ignore
from app.models import SearchPending
from app.search import queries
from app.search.rules import (
    LARGEST_BATCH,
    MAX_WALKED,
    TOP,
    Candidates,
    first_batch,
    merged,
    next_batch,
)
from nlp.query import Query
from nlp.query.plan import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Anything,
    Plan,
    Prefix,
    Term,
    any_of,
    index_words,
    search_plan,
)

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "LARGEST_BATCH", "MAX_WALKED", "TOP", "Candidates", "Plan", "candidate_batches",
    "candidates", "first_batch", "forget", "formula_of", "heard", "index_pending",
    "key_range", "narrows", "next_batch", "note_changed", "note_new", "search_plan", "waiting",
]  # fmt: skip

BATCH = 2_000
"""Items indexed in one transaction."""

waiting = queries.waiting
heard = queries.heard


async def note_new(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """Items were stored."""
    await insert_many(session, SearchPending, ("item_id",), [(one,) for one in item_ids])


async def note_changed(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """Texts of items were edited, in this transaction and before this call."""
    rows = [{"item_id": one} for one in sorted(item_ids)]
    await insert_ignore(session, SearchPending, rows, on=("item_id",))


async def forget(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """Content of items was taken out: so are their words."""
    if item_ids:
        await fulltext.remove_items(session, item_ids)
        await queries.settle(session, item_ids)


async def index_pending(services: Services) -> int:
    """Index the newest items that wait; how many were looked at."""
    async with services.db.read() as session:
        ids = await queries.pending_ids(session, below=TOP, least=0, limit=BATCH)
        texts = await queries.texts(session, ids)
    if not ids:
        return 0
    rows = await asyncio.to_thread(_words, texts)
    version = {one.item_id: one.version for one in texts}
    async with services.db.write() as session:
        now = await queries.versions(session, ids)
        fresh = {one for one in now if version.get(one) == now[one]}
        await fulltext.index_items(session, [row for row in rows if row[0] in fresh])
        # Of the others the content was taken out, or they were edited meanwhile and wait again.
        gone = [one for one in now if one not in version]
        await fulltext.remove_items(session, gone)
        await queries.settle(session, [*fresh, *gone])
    return len(ids)


def _words(texts: Sequence[queries.Words]) -> list[tuple[int, frozenset[str]]]:
    return [(one.item_id, index_words(one.title, one.body)) for one in texts]


def narrows(plan: Plan) -> bool:
    """Whether the index can help: a query of fields, flags and dates alone asks for no word."""
    return not isinstance(plan, Anything)


async def candidates(
    session: AsyncSession, plan: Plan, *, below: int, least: int = 0, limit: int
) -> Candidates:
    """The newest items with `least` <= key < `below` that may match, from every watchlist."""
    span = {"below": below, "least": least, "limit": limit}
    if isinstance(plan, Anything):
        found = await queries.item_ids(session, **span)
        return Candidates(found, len(found) < limit)
    # What waits is read first: what is indexed between the two looks is then seen twice, not lost.
    pending = await queries.pending_ids(session, **span)
    held = await fulltext.matching_ids(session, formula_of(plan), **span)
    return merged(pending, held, limit)


async def candidate_batches(
    session: AsyncSession,
    watchlist_id: int,
    wanted: Sequence[Query],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    batch: int = LARGEST_BATCH,
) -> AsyncGenerator[Sequence[int], None]:
    """Items that a source of the watchlist saw and that one of the queries may match, newest
    first, batch by batch.

    since is in it, until is not, both to the second. The matcher decides; a batch may be empty.
    """
    plan = any_of(search_plan(query) for query in wanted)
    least, below = key_range(since, until)
    ended = False
    while not ended:
        found = await candidates(session, plan, below=below, least=least, limit=batch)
        if found.ids:
            below = found.ids[-1]
            yield await queries.heard(session, watchlist_id, found.ids)
        ended = found.ended


def key_range(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The keys of a span of time: from the first, below the second."""
    least = first_key_at(since) if since is not None else 0
    below = first_key_at(until + timedelta(seconds=1)) if until is not None else TOP
    return least, below


def formula_of(plan: Plan) -> fulltext.Formula:
    """The plan as the database is asked. What the item with too many words is filed under is
    always asked for as well."""
    return fulltext.Joined(False, (_formula(plan), fulltext.Asked(EVERYTHING)))


def _formula(plan: Plan) -> fulltext.Formula:
    match plan:
        case Term(word):
            return fulltext.Asked(word)
        case Prefix(head):
            return fulltext.Asked(head, prefix=True)
        case AllOf(children) | AnyOf(children):
            every = isinstance(plan, AllOf)
            return fulltext.Joined(every, tuple(_formula(child) for child in children))
        case _:
            raise TypeError("a plan that asks for nothing is no formula")
