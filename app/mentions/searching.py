"""Looking for what a query wants: the index gives candidates newest first, the matcher decides.

A query of fields, flags and dates alone asks the index for nothing: then the newest rows are the
candidates. Either way a request looks at so many and no more, and its page or count says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.mentions import queries, rules
from app.mentions.rules import ItemFilter, MentionFilter, Spot
from app.mentions.views import MentionView, item_texts, mention_text, mention_views
from app.search import service as search
from nlp.query import Matcher, Text, parse

Row = TypeVar("Row")


class Candidate(NamedTuple, Generic[Row]):
    """A row that may match. cursor: behind it."""

    row: Row
    text: Text
    cursor: str


class Walk(Protocol[Row]):
    """Candidates, newest first. walked: how many the index gave; mark: the cursor behind all that
    was taken; ended: there are no more."""

    walked: int
    mark: str | None
    ended: bool

    async def take(self, size: int) -> Sequence[Candidate[Row]]: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """A query made ready."""

    plan: search.Plan
    matcher: Matcher[int]
    now: datetime

    def among(self, texts: Sequence[Text]) -> list[bool]:
        return [bool(hits) for hits in self.matcher.match_many(texts, now=self.now)]


def sought(source: str, *, zone: tzinfo, now: datetime) -> Sought:
    """Raises QueryError."""
    query = parse(source)
    return Sought(search.search_plan(query), Matcher.compile({0: query}, zone=zone), now)


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """What was found. next: where to go on; complete: False where a cap stopped the search."""

    rows: Sequence[Row]
    next: str | None
    searched: int
    complete: bool


async def look(walk: Walk[Row], wanted: Sought, *, page: int | None, cap: int) -> Found[Row]:
    """The first `page` rows of the walk that match (None: all of them), looking at about `cap`
    candidates at most."""
    kept: list[Candidate[Row]] = []
    searched = 0
    size = search.first_batch(page)
    while not walk.ended and searched < cap and walk.walked < search.MAX_WALKED:
        batch = await walk.take(min(size, cap - searched))
        matched = await asyncio.to_thread(wanted.among, [one.text for one in batch])
        for one, matches in zip(batch, matched, strict=True):
            searched += 1
            if matches:
                kept.append(one)
            if page is not None and len(kept) > page:
                shown = kept[:page]
                return Found([one.row for one in shown], shown[-1].cursor, searched, True)
        size = search.next_batch(size)
    after = None if walk.ended else walk.mark
    return Found([one.row for one in kept], after, searched, walk.ended)


class MentionsByWord:
    """Mentions of the items that the index gives, in the order of the items' keys."""

    def __init__(
        self, session: AsyncSession, watchlist_id: int, wanted: MentionFilter, plan: search.Plan,
        after: Spot | None,
    ) -> None:  # fmt: skip
        self._session, self._watchlist_id = session, watchlist_id
        self._wanted, self._plan, self._after = wanted, plan, after
        self._least, self._below = search.key_range(wanted.since, wanted.until)
        if after is not None:
            self._below = min(self._below, after.item_id + (after.mention_id > 0))
        self.walked, self.ended = 0, False
        self.mark: str | None = None

    async def take(self, size: int) -> Sequence[Candidate[MentionView]]:
        found = await search.candidates(
            self._session, self._plan, below=self._below, least=self._least, limit=size
        )
        self.ended = found.ended
        if not found.ids:
            return ()
        self.walked += len(found.ids)
        self._below = found.ids[-1]
        self.mark = rules.cursor_at(Spot(self._below, 0))
        statement = queries.mentions_among(self._watchlist_id, self._wanted, found.ids)
        rows = {Spot(row.item_id, row.id): row for row in await self._session.scalars(statement)}
        after = self._after
        spots = sorted((one for one in rows if after is None or one < after), reverse=True)
        views = await mention_views(
            self._session, self._watchlist_id, [rows[spot] for spot in spots]
        )
        return [_candidate(view) for view in views]


def _candidate(view: MentionView) -> Candidate[MentionView]:
    spot = Spot(view.mention.item_id, view.mention.id)
    return Candidate(view, mention_text(view), rules.cursor_at(spot))


class MentionsByKey:
    """All mentions that pass the filter, in the order of their own keys."""

    def __init__(
        self, session: AsyncSession, watchlist_id: int, wanted: MentionFilter, below: int | None
    ) -> None:
        self._session, self._watchlist_id = session, watchlist_id
        self._wanted, self._below = wanted, below
        self.walked, self.ended = 0, False
        self.mark: str | None = None

    async def take(self, size: int) -> Sequence[Candidate[MentionView]]:
        statement = queries.mentions_page(
            self._watchlist_id, self._wanted, below=self._below, limit=size
        )
        rows = (await self._session.scalars(statement)).all()
        self.ended = len(rows) < size
        self.walked += len(rows)
        if rows:
            self._below = rows[-1].id
            self.mark = rules.cursor_of(self._below)
        views = await mention_views(self._session, self._watchlist_id, rows)
        return [
            Candidate(view, mention_text(view), rules.cursor_of(view.mention.id)) for view in views
        ]


class Items:
    """Items that the sources saw, by the index or, where it cannot help, all of them."""

    def __init__(
        self, session: AsyncSession, watchlist_id: int, source_ids: Sequence[int],
        wanted: ItemFilter, plan: search.Plan, below: int | None,
    ) -> None:  # fmt: skip
        self._session, self._watchlist_id = session, watchlist_id
        self._source_ids = source_ids
        self._wanted, self._plan = wanted, plan
        self._least, self._below = search.key_range(wanted.since, wanted.until)
        if below is not None:
            self._below = min(self._below, below)
        self.walked, self.ended = 0, False
        self.mark: str | None = None

    async def take(self, size: int) -> Sequence[Candidate[int]]:
        ids = await (self._by_word(size) if search.narrows(self._plan) else self._by_key(size))
        texts = await item_texts(self._session, self._watchlist_id, self._source_ids, ids)
        return [Candidate(item_id, text, rules.cursor_of(item_id)) for item_id, text in texts]

    async def _by_word(self, size: int) -> Sequence[int]:
        found = await search.candidates(
            self._session, self._plan, below=self._below, least=self._least, limit=size
        )
        self._walk_to(found.ids, ended=found.ended)
        return await queries.seen_by(self._session, self._source_ids, found.ids)

    async def _by_key(self, size: int) -> Sequence[int]:
        statement = queries.items_page(
            self._source_ids, since=self._wanted.since, until=self._wanted.until,
            below=self._below, limit=size,
        )  # fmt: skip
        ids = (await self._session.scalars(statement)).all()
        self._walk_to(ids, ended=len(ids) < size)
        return ids

    def _walk_to(self, ids: Sequence[int], *, ended: bool) -> None:
        self.ended = ended
        self.walked += len(ids)
        if ids:
            self._below = ids[-1]
            self.mark = rules.cursor_of(self._below)
