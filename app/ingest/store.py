"""One page into the database: one transaction, in batches, nothing row by row.

Order of locks, the same everywhere: the source (or import run), the query epoch, the watchlists,
items and authors by key, mentions, roll-ups by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.bulk import insert_many
from app.db.keys import KeyRun
from app.db.upsert import insert_ignore, put
from app.enrich.service import Analysed, Match
from app.ingest import authors
from app.ingest.known import Known, items_called, place
from app.ingest.outdated import Outdated
from app.ingest.prepare import Origin, Prepared
from app.ingest.rules import Arrival, next_refresh
from app.ingest.verdicts import Verdicts
from app.mentions.service import store as mentions
from app.models import Item, ItemRefresh, Mention, Sighting, Watchlist, WatchlistSource
from app.relevance.service import Judged
from app.search import service as search
from app.trends.service import NOT_JUDGED, Deltas, apply
from app.watchlists.service import ActiveQuery


@dataclass(frozen=True, slots=True)
class Page:
    """What one transaction stores. analysed: by identity; an item that is stored already and
    unchanged needs none. removed: aliases of items that the platform took away. judged: what the
    filter of a brand says of a match, by identity and brand, where one is on."""

    origin: Origin
    arrival: Arrival
    items: Sequence[Prepared]
    analysed: Mapping[str, Analysed]
    queries: Mapping[int, ActiveQuery]
    removed: Sequence[str] = ()
    judged: Mapping[tuple[str, int], Judged] = field(default_factory=dict)


@dataclass(slots=True)
class Stored:
    """What storing a page did. blocked: items of people who objected (R-49), not stored."""

    new: int = 0
    again: int = 0
    edited: int = 0
    removed: int = 0
    blocked: int = 0
    mentions: int = 0


@dataclass(slots=True)
class _Work:
    """One page in the course of being stored."""

    page: Page
    now: datetime
    zones: Mapping[int, ZoneInfo]
    """Watchlist → zone, of those the source feeds."""
    verdicts: Verdicts
    differences: Deltas = field(default_factory=Deltas)
    done: Stored = field(default_factory=Stored)
    keys: KeyRun = field(default_factory=KeyRun)

    def matches(self, one: Prepared) -> Sequence[Match]:
        """The brands it speaks of, as far as their watchlists hear this source."""
        queries = self.page.queries
        found = self.page.analysed[one.identity].matches
        return [m for m in found if m.brand_id in queries
                and queries[m.brand_id].watchlist_id in self.zones]  # fmt: skip


async def store(
    session: AsyncSession, page: Page, *, now: datetime, blocks: authors.Blocks
) -> Stored:
    """Store a page inside the caller's write transaction.

    Raises Outdated where an item needs an analysis that the page lacks.
    """
    zones = await _zones(session, page.origin.source_id)
    work = _Work(page, now, zones, Verdicts(now))
    items = await blocks.allowed(session, page.items)
    work.done.blocked = len(page.items) - len(items)
    placed = await place(session, page.origin.source_id, items)
    for one, where in zip(items, placed, strict=True):
        needs = where.known is None or where.known.wants_analysis_of(one)
        if needs and one.identity not in page.analysed:
            raise Outdated
    new = [(one, where.key) for one, where in zip(items, placed, strict=True) if not where.known]
    old = [(one, where.known) for one, where in zip(items, placed, strict=True) if where.known]
    writers = await authors.store(session, [one.author for one in items if one.author], now=now)
    await _store_new(session, work, new, writers)
    await _store_old(session, work, old, writers)
    await _take_away(session, work)
    await work.verdicts.save(session)
    await apply(session, work.differences)
    return work.done


async def _zones(session: AsyncSession, source_id: int) -> dict[int, ZoneInfo]:
    """The watchlists a source feeds. Keeps a rebuild of their roll-ups out until we commit."""
    rows = await session.execute(
        select(Watchlist.id, Watchlist.zone)
        .join(WatchlistSource, WatchlistSource.watchlist_id == Watchlist.id)
        .where(WatchlistSource.source_id == source_id)
        .order_by(Watchlist.id)
        .with_for_update(read=True, of=Watchlist)
    )
    return {watchlist_id: ZoneInfo(zone) for watchlist_id, zone in rows}


async def _store_new(
    session: AsyncSession,
    work: _Work,
    new: Sequence[tuple[Prepared, int]],
    writers: Mapping[str, int],
) -> None:
    if not new:
        return
    rows, sightings, heard = [], [], []
    await work.verdicts.prepare(session, (work.page.analysed[one.identity] for one, _ in new))
    for one, key in new:
        analysed = work.page.analysed[one.identity]
        author_id = _author(one, writers)
        item_id = work.keys.at(one.published_at)
        rows.append(_item_row(item_id, one, key, author_id, analysed.lang, work.now))
        sightings.append((item_id, work.page.origin.source_id, one.alias, work.now))
        work.verdicts.add_new(item_id, analysed.tone)
        heard += [
            _mention(work, one, item_id, author_id, match, at=one.published_at)
            for match in work.matches(one)
        ]
    await insert_many(session, Item, _ITEM_COLUMNS, rows)
    await insert_many(session, Sighting, _SIGHTING_COLUMNS, sightings)
    await search.note_new(session, [row[0] for row in rows])
    await _add_mentions(session, work, heard)
    work.done.new = len(rows)


def _author(one: Prepared, writers: Mapping[str, int]) -> int | None:
    return writers.get(one.author.handle) if one.author else None


_SIGHTING_COLUMNS = ("item_id", "source_id", "external_id", "seen_at")
_ITEM_COLUMNS = (
    "id", "dedup_key", "identity", "platform", "external_id", "kind", "url", "title", "text",
    "author_id", "author_name", "published_at", "published_raw", "edited_at", "first_seen_at",
    "lang", "country", "in_reply_to", "links", "media", "metrics", "engagement", "backfill",
    "text_hash",
)  # fmt: skip


def _item_row(
    item_id: int, one: Prepared, key: int, author_id: int | None, lang: str | None, now: datetime
) -> tuple[Any, ...]:
    return (
        item_id, key, one.identity, one.platform, one.external_id, one.kind, one.url, one.title,
        one.text, author_id, one.author.name if one.author else "", one.published_at,
        one.published_raw, one.edited_at, now, lang, one.country, one.in_reply_to, one.links,
        one.media, one.metrics, one.engagement, one.backfill, one.text_key,
    )  # fmt: skip


def _sighting(item_id: int, one: Prepared, work: _Work) -> dict[str, Any]:
    return {
        "item_id": item_id, "source_id": work.page.origin.source_id,
        "external_id": one.alias, "seen_at": work.now,
    }  # fmt: skip


def _mention(
    work: _Work, one: Prepared, item_id: int, author_id: int | None, match: Match, *, at: datetime
) -> mentions.NewMention:
    """at: when the item was published, as it was stored first: a search walks both by that."""
    query = work.page.queries[match.brand_id]
    analysed = work.page.analysed[one.identity]
    tone = analysed.tone
    # Not the item's own word: it may have been seen long ago by a source of another watchlist.
    backfill = work.page.arrival.is_backfill(one.published_at, dated=not one.published_raw)
    return mentions.NewMention(
        work.keys.at(at), item_id, match.brand_id, query.watchlist_id,
        query.version_id, work.page.origin.source_id, match.spans, match.clause,
        at, work.now,
        backfill, is_owned(one.host, one.author.name if one.author else "", query),
        analysed.lang, tone.label or NOT_JUDGED, tone.score, tone.unsure,
        work.verdicts.model_id(tone), one.engagement, author_id,
        **mentions.filtered(work.page.judged.get((one.identity, match.brand_id))),
    )  # fmt: skip


def is_owned(host: str, author: str, query: ActiveQuery) -> bool:
    """Whether the brand itself speaks: on its own hosts, or under one of its handles."""
    if query.domains and host:
        for domain in query.domains:
            own = domain.lower().removeprefix("www.")
            if host == own or host.endswith(f".{own}"):
                return True
    if query.handles and author:
        name = author.lstrip("@").casefold()
        return any(name == handle.lstrip("@").casefold() for handle in query.handles)
    return False


async def _add_mentions(
    session: AsyncSession, work: _Work, rows: Sequence[mentions.NewMention]
) -> None:
    await mentions.add(session, rows, work.zones, differences=work.differences)
    work.done.mentions += len(rows)
    if work.page.origin.refreshes:
        await _plan_refreshes(session, work, rows)


async def _plan_refreshes(
    session: AsyncSession, work: _Work, rows: Sequence[mentions.NewMention]
) -> None:
    """Items that somebody is shown are read again; the rest would only bother the platform."""
    published = {row.item_id: row.published_at for row in rows}
    planned = [
        {
            "item_id": item_id, "source_id": work.page.origin.source_id, "published_at": at,
            "due_at": due,
        }
        for item_id, at in sorted(published.items())
        if (due := next_refresh(at, work.now)) is not None
    ]  # fmt: skip
    await insert_ignore(session, ItemRefresh, planned, on=("item_id", "source_id"))


async def _store_old(
    session: AsyncSession,
    work: _Work,
    old: Sequence[tuple[Prepared, Known]],
    writers: Mapping[str, int],
) -> None:
    """Items seen again: sightings, metrics, edits, and mentions for whom this source is new."""
    work.done.again = len(old)
    seen = [
        _sighting(known.id, one, work) for one, known in old if known.seen_at is None
    ]  # fmt: skip
    await insert_ignore(session, Sighting, seen, on=("item_id", "source_id"))
    renamed = [
        {**_sighting(known.id, one, work), "seen_at": known.seen_at}
        for one, known in old
        if known.seen_at is not None and one.alias and one.alias != known.seen_as
    ]
    await put(session, Sighting, renamed, keys=("item_id", "source_id"))
    await _update_metrics(session, old)
    judged = [(one, known) for one, known in old if known.wants_analysis_of(one)]
    if judged:
        await _rematch(session, work, judged, writers)


async def _update_metrics(session: AsyncSession, old: Sequence[tuple[Prepared, Known]]) -> None:
    moved = {
        known.id: one
        for one, known in old
        if one.metrics and not known.gone and one.metrics != known.metrics
    }
    if not moved:
        return
    await session.execute(
        update(Item).execution_options(synchronize_session=False),
        [
            {"id": item_id, "metrics": one.metrics, "engagement": one.engagement}
            for item_id, one in sorted(moved.items())
        ],
    )
    rows = await session.execute(
        select(Mention.id, Mention.item_id).where(Mention.item_id.in_(moved))
    )
    await mentions.change(
        session, {row.id: {"engagement": moved[row.item_id].engagement} for row in rows}
    )


async def _rematch(
    session: AsyncSession,
    work: _Work,
    judged: Sequence[tuple[Prepared, Known]],
    writers: Mapping[str, int],
) -> None:
    """Mentions of items that are edited or newly seen by this source."""
    await work.verdicts.prepare(session, (work.page.analysed[one.identity] for one, _ in judged))
    edited = [(one, known) for one, known in judged if known.wants_text_of(one)]
    await _save_edits(session, work, edited)
    rows = await session.execute(
        select(Mention.item_id, Mention.brand_id, Mention.id).where(
            Mention.item_id.in_([known.id for _, known in judged])
        )
    )
    there = {(item_id, brand_id): mention_id for item_id, brand_id, mention_id in rows}
    fresh = [
        _mention(work, one, known.id, _author(one, writers), match, at=known.published_at)
        for one, known in judged
        for match in work.matches(one)
        if (known.id, match.brand_id) not in there
    ]
    await _add_mentions(session, work, fresh)
    await _add_elsewhere(session, work, edited, there, writers)
    await _refit_mentions(session, work, edited, there)


async def _add_elsewhere(
    session: AsyncSession,
    work: _Work,
    edited: Sequence[tuple[Prepared, Known]],
    there: Mapping[tuple[int, int], int],
    writers: Mapping[str, int],
) -> None:
    """Matches that an edit brings to watchlists which heard the item from other sources: those
    have no say in its text, so nobody else would tell them."""
    if not edited:
        return
    rows = await session.execute(
        select(Sighting.item_id, Watchlist.id, Sighting.source_id, Watchlist.zone)
        .join(WatchlistSource, WatchlistSource.source_id == Sighting.source_id)
        .join(Watchlist, Watchlist.id == WatchlistSource.watchlist_id)
        .where(
            Sighting.item_id.in_([known.id for _, known in edited]),
            Watchlist.id.not_in(list(work.zones)),
        )
        .order_by(Watchlist.id, Sighting.seen_at.desc())
        .with_for_update(read=True, of=Watchlist)
    )
    heard = {(item_id, watchlist): (source, zone) for item_id, watchlist, source, zone in rows}
    fresh = []
    for one, known in edited:
        author_id = _author(one, writers)
        for match in work.page.analysed[one.identity].matches:
            query = work.page.queries.get(match.brand_id)
            if query is None or (known.id, match.brand_id) in there:
                continue
            place = known.id, query.watchlist_id
            if place in heard:
                made = _mention(work, one, known.id, author_id, match, at=known.published_at)
                fresh.append(made._replace(source_id=heard[place][0]))
    zones = {watchlist: ZoneInfo(zone) for (_, watchlist), (_, zone) in heard.items()}
    await mentions.add(session, fresh, zones, differences=work.differences)
    work.done.mentions += len(fresh)


async def _save_edits(
    session: AsyncSession, work: _Work, edited: Sequence[tuple[Prepared, Known]]
) -> None:
    if not edited:
        return
    await session.execute(
        update(Item).execution_options(synchronize_session=False),
        [
            {
                "id": known.id, "title": one.title, "text": one.text, "text_hash": one.text_key,
                "lang": work.page.analysed[one.identity].lang, "links": one.links,
                "edited_at": one.edited_at or work.now,
            }
            for one, known in sorted(edited, key=lambda pair: pair[1].id)
        ],
    )  # fmt: skip
    for one, known in edited:
        work.verdicts.add(known.id, work.page.analysed[one.identity].tone)
    await search.note_changed(session, [known.id for _, known in edited])
    work.done.edited = len(edited)


async def _refit_mentions(
    session: AsyncSession,
    work: _Work,
    edited: Sequence[tuple[Prepared, Known]],
    there: Mapping[tuple[int, int], int],
) -> None:
    """Mentions of an edited item, in whatever watchlist: judged anew, or gone with their match."""
    texts = {known.id: one for one, known in edited}
    mine = {pair: mention_id for pair, mention_id in there.items() if pair[0] in texts}
    if not mine:
        return
    kept = await mentions.corrected(session, list(mine.values()))
    lost: list[int] = []
    judged: dict[int, dict[str, Any]] = {}
    refitted: dict[int, dict[str, Any]] = {}
    words: dict[int, Judged] = {}
    for (item_id, brand_id), mention_id in mine.items():
        identity = texts[item_id].identity
        analysed = work.page.analysed[identity]
        match = next((m for m in analysed.matches if m.brand_id == brand_id), None)
        if match is None:
            lost.append(mention_id)
            continue
        if (word := work.page.judged.get((identity, brand_id))) is not None:
            words[mention_id] = word
        why = {"spans": match.spans, "clause": match.clause, "lang": analysed.lang,
               "entities_pending": True}  # fmt: skip
        if mention_id in kept:
            refitted[mention_id] = why
        else:
            tone = analysed.tone
            judged[mention_id] = {
                **why, "label": tone.label or NOT_JUDGED, "score": tone.score,
                "unsure": tone.unsure, "model_id": work.verdicts.model_id(tone),
            }  # fmt: skip
    await mentions.change(session, judged)
    await mentions.change(session, refitted)
    await mentions.judge(session, words)  # before the next training: the new text counts at once
    await mentions.remove(session, lost)


async def _take_away(session: AsyncSession, work: _Work) -> None:
    """What the platform removed: the content goes, what was counted stays counted (R-52)."""
    if work.page.removed:
        ids = await items_called(session, work.page.origin.source_id, work.page.removed)
        work.done.removed = await blank(session, ids, removed_at=work.now)


async def blank(session: AsyncSession, item_ids: Sequence[int], *, removed_at: datetime) -> int:
    """Take the content out of items and of what was made of them; how many had any."""
    if not item_ids:
        return 0
    result = await session.scalars(
        update(Item)
        .where(Item.id.in_(item_ids), Item.removed_at.is_(None))
        .values(
            title="", text="", author_name="", links=[], media=[], text_hash=0,
            removed_at=removed_at, purged_at=removed_at,
        )
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    gone = result.all()
    await session.execute(
        update(Mention)
        .where(Mention.item_id.in_(gone))
        .values(spans=[], entities_pending=False)
        .execution_options(synchronize_session=False)
    )
    await Verdicts.blank(session, gone)
    await search.forget(session, gone)
    return len(gone)
