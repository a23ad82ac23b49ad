"""Analyse a page beside the database, then store it in one transaction.

The analysis is made before the transaction and believed only if nothing it rests on changed: the
query epoch is read again, under a lock, inside. If it moved, the page is analysed again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.crashpoints import crash_point
from app.db.keys import fresh_key, hash64
from app.db.upsert import insert_ignore
from app.enrich.service import Analysed, QuerySet, Thinks
from app.errors import StoreBusy
from app.ingest.authors import Blocks
from app.ingest.clean import short
from app.ingest.known import place
from app.ingest.outdated import Outdated
from app.ingest.prepare import Origin, Prepared, prepare
from app.ingest.rules import Arrival
from app.ingest.store import Page, Stored, store
from app.models import Epoch, Quarantine
from app.relevance.service import Judged, active_filters, judge
from app.services import Services
from app.watchlists.service import (
    NO_LISTS,
    ActiveQuery,
    Lists,
    active_queries,
    asks_for_lists,
    lists_of_writers,
)
from collectors.api import Item, Skipped
from nlp.relevance import Sample

TRIES = 3
"""Times a write is tried again where the store is busy or two writers met on one key."""
ROUNDS = 10
"""Times a page is analysed again because the queries changed under it."""

_EPOCH = "queries"

Guard = Callable[[AsyncSession], Awaitable[None]]
After = Callable[[AsyncSession, Stored], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A page as a collector or a file gave it. removed: aliases of what the platform took away."""

    items: Sequence[Item] = ()
    removed: Sequence[str] = ()
    skipped: Sequence[Skipped] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """An item as it would be stored. known: it is there already; brands: whose mention it is,
    by the queries of all watchlists."""

    item: Prepared
    known: bool
    brands: tuple[int, ...]


class PageWriter:
    """Stores the pages of one poll or one import, one after the other.

    expects_known: look first which items are stored already, and spare their analysis. It adapts:
    a page without any known item makes the next one skip the look.
    """

    def __init__(
        self, services: Services, origin: Origin, arrival: Arrival, *,
        expects_known: bool = True, brain: Thinks | None = None,
    ) -> None:  # fmt: skip
        self._db = services.db
        self._brain: Thinks = brain or services.brain
        self._blocks = Blocks(services.cipher)
        self._origin = origin
        self._arrival = arrival
        self._expects_known = expects_known
        self._queries: tuple[int, Mapping[int, ActiveQuery]] | None = None
        self._filters: Mapping[int, bytes] = {}

    def at(self, now: datetime) -> None:
        """Later pages come in at another moment: a session on a stream lasts minutes."""
        self._arrival = replace(self._arrival, now=now)

    async def write(self, page: Incoming, *, guard: Guard, after: After) -> Stored:
        """Store a page. guard runs first in the transaction, after last.

        Raises StoreBusy or StoreFull where the store does not take it, and what guard raises;
        then nothing of the page is stored.
        """
        items = prepare(page.items, self._origin, self._arrival)
        for _ in range(ROUNDS):
            epoch, queries = await self._load_queries()
            analysed = await self._analyse(items, epoch, queries)
            judged = await self._judge(items, analysed)
            ready = Page(
                self._origin, self._arrival, items, analysed, queries, page.removed, judged
            )  # fmt: skip
            crash_point("ingest.after_fetch")
            try:
                stored = await self._save(ready, page.skipped, epoch, guard, after)
            except Outdated:
                self._queries, self._expects_known = None, False
                continue
            crash_point("ingest.after_commit")
            self._expects_known = stored.again > 0
            return stored
        raise StoreBusy("The queries keep changing: try again in a moment.")

    async def look(self, items: Sequence[Item]) -> Sequence[Looked]:
        """What `write` would make of these, nothing stored."""
        prepared = prepare(items, self._origin, self._arrival)
        epoch, queries = await self._load_queries()
        async with self._db.read() as session:
            placed = await place(session, self._origin.source_id, prepared)
        self._expects_known = False  # what is known is shown with its brands too
        analysed = await self._analyse(prepared, epoch, queries)
        return [
            Looked(
                one, where.known is not None,
                tuple(match.brand_id for match in analysed[one.identity].matches),
            )
            for one, where in zip(prepared, placed, strict=True)
        ]  # fmt: skip

    async def _load_queries(self) -> tuple[int, Mapping[int, ActiveQuery]]:
        if self._queries is None:
            async with self._db.read() as session:
                self._queries = await active_queries(session)
                self._filters = await active_filters(session)
        return self._queries

    async def _analyse(
        self, items: Sequence[Prepared], epoch: int, queries: Mapping[int, ActiveQuery]
    ) -> Mapping[str, Analysed]:
        wanted = items
        if self._expects_known and items:
            async with self._db.read() as session:
                placed = await place(session, self._origin.source_id, items)
            wanted = [
                one
                for one, where in zip(items, placed, strict=True)
                if where.known is None or where.known.wants_analysis_of(one)
            ]
        if not wanted:
            return {}
        lists = await self._lists(wanted, queries)
        texts = [
            one.text_in(self._origin)._replace(lists=lists.get(_writer_key(one), NO_LISTS))
            for one in wanted
        ]
        sources = QuerySet(
            epoch,
            {brand: query.text for brand, query in queries.items()},
            {brand: query.zone for brand, query in queries.items()},
            self._arrival.now,
            {brand: query.watchlist_id for brand, query in queries.items()},
        )
        found = await self._brain.analyse(texts, sources)
        return {one.identity: said for one, said in zip(wanted, found, strict=True)}

    async def _lists(
        self, items: Sequence[Prepared], queries: Mapping[int, ActiveQuery]
    ) -> Mapping[int, Lists]:
        """Of each writer whom we know; most queries ask for none."""
        if not asks_for_lists(query.text for query in queries.values()):
            return {}
        async with self._db.read() as session:
            return await lists_of_writers(session, sorted({_writer_key(one) for one in items}))

    async def _judge(
        self, items: Sequence[Prepared], analysed: Mapping[str, Analysed]
    ) -> Mapping[tuple[str, int], Judged]:
        """What the brands' filters say of the matches; most brands have none that is on."""
        if not self._filters:
            return {}
        asked = {
            (one.identity, match.brand_id): (
                self._filters[match.brand_id], Sample(one.title, one.text, match.spans, one.url),
            )
            for one in items
            if one.identity in analysed
            for match in analysed[one.identity].matches
            if match.brand_id in self._filters
        }  # fmt: skip
        said = await judge(list(asked.values()))
        return {key: word for key, word in zip(asked, said, strict=True) if word is not None}

    async def _save(
        self, page: Page, skipped: Sequence[Skipped], epoch: int, guard: Guard, after: After
    ) -> Stored:
        for left in reversed(range(TRIES)):
            try:
                return await self._save_once(page, skipped, epoch, guard, after)
            except (StoreBusy, IntegrityError):
                # IntegrityError: another writer stored the same item, author or key between our
                # look and our write. Looking again finds it.
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def _save_once(
        self, page: Page, skipped: Sequence[Skipped], epoch: int, guard: Guard, after: After
    ) -> Stored:
        async with self._db.write() as session:
            # The epoch before the source, as everybody locks them (ADR 007).
            if await held_epoch(session) != epoch:
                raise Outdated
            await guard(session)
            stored = await store(session, page, now=self._arrival.now, blocks=self._blocks)
            await self._quarantine(session, page, skipped)
            await after(session, stored)
            crash_point("ingest.before_commit")
        return stored

    async def _quarantine(
        self, session: AsyncSession, page: Page, skipped: Sequence[Skipped]
    ) -> None:
        rows = [_skipped_row(page, one) for one in skipped] + _failed_rows(page)
        if rows:
            await session.execute(insert(Quarantine), rows)


async def held_epoch(session: AsyncSession) -> int:
    """The query epoch, held until we commit: whoever changes a query waits for us, so that its
    search of the stored items finds ours."""
    wanted = select(Epoch.value).where(Epoch.name == _EPOCH).with_for_update(read=True)
    value: int | None = await session.scalar(wanted)
    if value is None:
        # No row, nothing to hold: make it, so that the first query of all waits too.
        await insert_ignore(session, Epoch, [{"name": _EPOCH, "value": 0}], on=("name",))
        value = await session.scalar(wanted)
    return value or 0


def _writer_key(one: Prepared) -> int:
    return hash64(one.author.handle) if one.author else 0


def _skipped_row(page: Page, one: Skipped) -> dict[str, Any]:
    return {
        "id": fresh_key(), "source_id": page.origin.source_id, "stage": "collect",
        "external_id": short(one.external_id or ""), "reason": short(one.reason),
        "raw": short(one.raw), "created_at": page.arrival.now,
    }  # fmt: skip


def _failed_rows(page: Page) -> list[dict[str, Any]]:
    """Texts that no analyzer survived (R-16); the items themselves are stored."""
    return [
        {
            "id": fresh_key(), "source_id": page.origin.source_id, "stage": "analyse",
            "external_id": one.external_id, "reason": "the analysis of this text failed",
            "raw": one.text[:2_000], "created_at": page.arrival.now,
        }
        for one in page.items
        if one.identity in page.analysed and page.analysed[one.identity].tone.abstain == "failed"
    ]  # fmt: skip
