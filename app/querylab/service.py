"""Trying a query on what is stored: what it catches (preview), what it changes (back-test); and
carrying one over from another tool.

Read-only. One pass over the posts that the watchlist's sources heard, newest first, evaluates the
new wording and the one in force together; limits end it, and then the answer says "at least".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import moment_of
from app.enrich.service import Match
from app.errors import Invalid
from app.ingest.service import Heard, heard
from app.mentions.service import store as mentions
from app.models import QueryVersion, Watchlist
from app.querylab import queries, rules
from app.querylab.rules import Counts, Effect, Limits, Noise, Outcome, Tally
from app.querylab.spared import Spared
from app.relevance.service import Suggested, Wording, has_marks, suggestions
from app.watchlists.service import (
    current_query,
    get_brand,
    get_watchlist,
    query_clauses,
    read_query,
)
from nlp.query import Note, PlainTerm, Query, QueryError, lint, parse
from nlp.query.lint import lint_brand, lint_measured
from nlp.query.translate import AskedDialect, Translation, translate

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "COMMAND", "Backtest", "Counts", "Effect", "Example", "Limits", "Noise", "Outcome", "Preview",
    "Searched", "backtest", "preview", "translated",
]  # fmt: skip

WHILE_TYPING = Limits(posts=50_000, seconds=2.0)
ON_DEMAND = Limits(posts=200_000, seconds=4.0)
"""Below the five seconds that any question may take (R-47), with time left to answer."""
COMMAND = Limits(posts=5_000_000, seconds=600.0)

_BEFORE, _AFTER = 0, 1
"""Keys of the wording in force and of the new one."""

Progress = Callable[[int], None]
"""Is told how many posts were looked at so far."""


@dataclass(frozen=True, slots=True)
class Searched:
    """How far a trial looked. complete: to the end of the period; else counts are "at least".

    down_to: the oldest moment reached; None where nothing is stored.
    """

    posts: int
    complete: bool
    down_to: datetime | None


@dataclass(frozen=True, slots=True)
class Example:
    """A post that a query matches, and why."""

    heard: Heard
    match: Match


@dataclass(frozen=True, slots=True)
class Preview:
    """What a query says and catches. narrow: what platforms are asked, nothing: for all they have.

    notes: what in it is likely not meant, what of the named brand it does not look for, and which
    exclusions take nothing away; noise: None where no brand was named; suggested: terms to add,
    None where the brand has no marks on both sides.
    """

    query: Query
    notes: Sequence[Note]
    narrow: Sequence[tuple[PlainTerm, ...]]
    hits: Sequence[Example]
    tally: Tally
    noise: Noise | None
    suggested: Suggested | None
    searched: Searched


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a new wording changes. before: the one in force, None where the brand has none."""

    before: QueryVersion | None
    tally: Tally
    sources: Mapping[int, str]
    examples: Mapping[Outcome, Sequence[Example]]
    effect: Effect
    searched: Searched


@dataclass(slots=True)
class _Walk:
    """One pass over what a watchlist heard, newest first, until a limit stops it."""

    services: Services
    watchlist: Watchlist
    wordings: Mapping[int, Query]
    limits: Limits
    since: datetime | None = None
    until: datetime | None = None
    progress: Progress | None = None
    posts: int = 0
    complete: bool = False
    down_to: datetime | None = None
    sources: dict[int, str] = field(default_factory=dict)

    async def batches(
        self, session: AsyncSession
    ) -> AsyncIterator[Sequence[tuple[Heard, Mapping[int, Match]]]]:
        """What was heard, with the wordings that match it."""
        begun, gone_through, batches = monotonic(), 0, 0
        texts = {key: query.source for key, query in self.wordings.items()}
        candidates = queries.candidate_batches(
            session, self.watchlist.id, list(self.wordings.values()), self.since, self.until
        )
        async with aclosing(candidates):
            async for ids in candidates:
                if batches and self.limits.reached(gone_through, monotonic() - begun):
                    return
                batches += 1
                if not ids:  # an index may look at many and name none
                    continue
                found = [one for one in await self._heard(session, ids) if self._is_within(one)]
                matched = await self.services.brain.match(
                    [one.text_in() for one in found], texts,
                    now=self.services.clock.now(), zone=self.watchlist.zone,
                )  # fmt: skip
                gone_through += len(ids)
                self._note(found, down_to=moment_of(min(ids)))
                yield [
                    (one, {match.brand_id: match for match in matches})
                    for one, matches in zip(found, matched, strict=True)
                ]
        self.complete = True

    async def _heard(self, session: AsyncSession, ids: Sequence[int]) -> Sequence[Heard]:
        return (await heard(session, self.watchlist.id, ids))[::-1]

    def _is_within(self, one: Heard) -> bool:
        # Keys tell the second; the period may begin or end within it.
        at: datetime = one.item.published_at
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def _note(self, found: Sequence[Heard], *, down_to: datetime) -> None:
        self.posts += len(found)
        self.down_to = down_to
        self.sources |= {one.source_id: one.source for one in found}
        if self.progress is not None:
            self.progress(self.posts)

    @property
    def searched(self) -> Searched:
        return Searched(self.posts, self.complete, self.down_to)


async def preview(
    services: Services,
    watchlist_id: int,
    text: str,
    *,
    brand_id: int | None = None,
    limits: Limits = WHILE_TYPING,
) -> Preview:
    """What a query catches among the stored posts. brand_id: whose marks estimate the noise.

    Raises NotFound, and Invalid with the spot where the query cannot be read.
    """
    watchlist = await get_watchlist(services, watchlist_id)
    query = read_query(text)
    notes = lint(query)
    if brand_id is not None:
        brand = await get_brand(services, watchlist_id, brand_id)
        notes += lint_brand(query, brand.handles, brand.domains)
    walk = _Walk(services, watchlist, {_AFTER: query}, limits)
    tally, said, noise = Tally(ZoneInfo(watchlist.zone)), 0, 0
    hits: list[Example] = []
    spared = Spared.of(query, now=services.clock.now(), zone=ZoneInfo(watchlist.zone))
    async with services.db.snapshot() as session:
        async for batch in walk.batches(session):
            caught = [Example(one, found[_AFTER]) for one, found in batch if found]
            for hit in caught:
                tally.add("newly_caught", hit.heard.source_id, hit.heard.item.published_at)
            hits += caught[: rules.MOST_HITS - len(hits)]
            await spared.look([one for one, found in batch if not found])
            if brand_id is not None:
                ids = [hit.heard.item.id for hit in caught]
                more, bad = await queries.judged(session, brand_id, ids)
                said, noise = said + more, noise + bad
    if walk.complete:
        notes = sorted([*notes, *lint_measured(query, spared.counts)], key=lambda n: n.position)
    marks = Noise(said, noise) if brand_id is not None else None
    suggested = await _suggested(services, watchlist, brand_id, text) if brand_id else None
    return Preview(
        query, notes, query_clauses(text), hits, tally, marks, suggested, walk.searched
    )  # fmt: skip


async def _suggested(
    services: Services, watchlist: Watchlist, brand_id: int, text: str
) -> Suggested | None:
    """Terms to add to this wording, measured on the marked mentions that it finds."""
    if not await has_marks(services, brand_id):
        return None

    async def finds(item_ids: Sequence[int]) -> set[int]:
        async with services.db.read() as session:
            found = await heard(session, watchlist.id, item_ids)
        matched = await services.brain.match(
            [one.text_in() for one in found], {_AFTER: text},
            now=services.clock.now(), zone=watchlist.zone,
        )  # fmt: skip
        return {one.item.id for one, hit in zip(found, matched, strict=True) if hit}

    made = await suggestions(services, watchlist.id, brand_id, wording=Wording(text, finds))
    longest = made.found.applied(text, context=True)
    return made if _readable(longest) is not None else None  # it may be too long or too deep


async def backtest(
    services: Services,
    watchlist_id: int,
    brand_id: int,
    text: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    examples: int = 5,
    limits: Limits = ON_DEMAND,
    progress: Progress | None = None,
) -> Backtest:
    """What a new wording would change for a brand among the posts published in [since, until).

    examples: of each outcome at most. Raises NotFound, and Invalid (query with its spot, period).
    """
    watchlist = await get_watchlist(services, watchlist_id)
    before = await current_query(services, watchlist_id, brand_id)
    wordings = {_AFTER: read_query(text)}
    if before is not None and (old := _readable(before.text)) is not None:
        wordings[_BEFORE] = old
    if rules.wrong_period(since, until):
        raise Invalid(
            "`since` must come before `until`.", fr="`since` doit précéder `until`.", field="since"
        )
    walk = _Walk(services, watchlist, wordings, limits, since, until, progress)
    trial = _Trial(brand_id, Tally(ZoneInfo(watchlist.zone)), examples)
    async with services.db.snapshot() as session:
        async for batch in walk.batches(session):
            await trial.take(session, batch)
    return Backtest(before, trial.tally, walk.sources, trial.shown, trial.effect, walk.searched)


async def translated(text: str, dialect: AskedDialect = "auto") -> Translation:
    """A query of another tool in ours. Off the event loop: a long one takes a while."""
    return await asyncio.to_thread(translate, text, dialect)


def _readable(text: str) -> Query | None:
    """None for a wording of before a change of the language: it catches nothing any more."""
    try:
        return parse(text)
    except QueryError:
        return None


@dataclass(slots=True)
class _Trial:
    """A back-test in its course."""

    brand_id: int
    tally: Tally
    examples: int
    shown: dict[Outcome, list[Example]] = field(
        default_factory=lambda: {each: [] for each in rules.OUTCOMES}
    )
    effect: Effect = field(default_factory=Effect)

    async def take(
        self, session: AsyncSession, batch: Sequence[tuple[Heard, Mapping[int, Match]]]
    ) -> None:
        for one, found in batch:
            what = rules.outcome(before=_BEFORE in found, after=_AFTER in found)
            if what is None:
                continue
            self.tally.add(what, one.source_id, one.item.published_at)
            if len(self.shown[what]) < self.examples:
                match = found[_BEFORE if what == "lost" else _AFTER]
                self.shown[what].append(Example(one, match))
        await self._reckon(session, batch)

    async def _reckon(
        self, session: AsyncSession, batch: Sequence[tuple[Heard, Mapping[int, Match]]]
    ) -> None:
        """What the search of the past would do: it goes by the mentions there are, not by what
        the wording in force would have made of the posts."""
        there = await queries.mentions_of(session, self.brand_id, [one.item.id for one, _ in batch])
        caught = {one.item.id for one, found in batch if _AFTER in found}
        unmatched = [mention for item, mention in there.items() if item not in caught]
        going = len(await mentions.untouched(session, unmatched))
        self.effect.added += len(caught - there.keys())
        self.effect.removed += going
        self.effect.stays += len(unmatched) - going
