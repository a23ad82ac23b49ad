"""Searching what is stored with a new or edited query (backfill (d)), newest items first.

In windows of items, each its own transaction, that any number of workers may share: the window's
lower key is kept on the query version, and moving it is what claims the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import KeyRun
from app.enrich.service import Match, TextIn
from app.ingest.prepare import flags
from app.ingest.store import is_owned
from app.ingest.verdicts import SENTIMENT
from app.ingest.writer import held_epoch
from app.mentions.service import store as mentions
from app.models import (
    Author,
    Brand,
    Item,
    Mention,
    Query,
    QueryVersion,
    Sighting,
    Source,
    Verdict,
    WatchlistSource,
)
from app.relevance.service import Judged, active_filters, judge
from app.services import Services
from app.trends.service import NOT_JUDGED, Deltas, apply, zones_of
from app.watchlists.service import ActiveQuery, queries_epoch
from nlp.relevance import Sample

WINDOW = 2_000
"""Items looked at in one step."""
_START = 2**62
"""Above every key."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A wording whose past is not searched yet. live: it is still the one in force."""

    version_id: int
    brand_id: int
    query: ActiveQuery
    key: int | None
    live: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A stored item that the watchlist hears, with the source that heard it first."""

    item: Any
    source_id: int
    source: str
    followers: int | None

    def text_in(self) -> TextIn:
        one = self.item
        metrics = dict(one.metrics)
        if self.followers is not None:
            metrics.setdefault("followers", self.followers)
        return TextIn(
            one.title, one.text, one.author_name, one.url, one.lang, self.source, one.country,
            one.published_at, metrics,
            flags(one.kind, one.in_reply_to, one.media, one.links, one.text),
        )  # fmt: skip


async def rematch_pending(services: Services) -> int:
    """Search one window of the stored items for the newest wording that waits; 0: none waits."""
    now = services.clock.now()
    async with services.db.read() as session:
        epoch = await queries_epoch(session)  # first: what follows is at least as new
        pending = await _pending(session)
        if pending is None:
            return 0
        ids = await _window(session, pending.key) if pending.live else []
        found = await _candidates(session, pending.query.watchlist_id, ids)
        filters = await active_filters(session)
    texts = [one.text_in() for one in found]
    matched = await services.brain.match(texts, {pending.brand_id: pending.query.text})
    hits = {
        one.item.id: (one, matches[0])
        for one, matches in zip(found, matched, strict=True)
        if matches
    }
    judged = await _judge(filters.get(pending.brand_id), hits)
    async with services.db.write() as session:
        # Where the epoch moved, somebody may have linked a source or given the order anew: the
        # window we read knows nothing of it and is looked at again.
        unmoved = await held_epoch(session) == epoch
        if unmoved and await _advance(session, pending, ids, now=now):
            await _fit(session, pending, found, hits, judged, now=now)
    return max(len(ids), 1)


async def _judge(
    model: bytes | None, hits: Mapping[int, tuple[_Candidate, Match]]
) -> Mapping[int, Judged]:
    """What the brand's filter says of the items that match, where one is on."""
    if model is None:
        return {}
    asked = [
        (model, Sample(one.item.title, one.item.text, match.spans, one.item.url))
        for one, match in hits.values()
    ]
    said = await judge(asked)
    return {item_id: word for item_id, word in zip(hits, said, strict=True) if word is not None}


async def _pending(session: AsyncSession) -> _Pending | None:
    row = (
        await session.execute(
            select(
                QueryVersion.id, QueryVersion.text, QueryVersion.rematch_key, Brand.id,
                Brand.watchlist_id, Brand.domains, Brand.handles, Brand.active,
                Query.current_version_id,
            )
            .join(Query, Query.id == QueryVersion.query_id)
            .join(Brand, Brand.id == Query.brand_id)
            .where(QueryVersion.rematched_at.is_(None))
            .order_by(QueryVersion.created_at.desc(), QueryVersion.id.desc())
            .limit(1)
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    version_id, text, key, brand_id, watchlist_id, domains, handles, active, current = row
    query = ActiveQuery(watchlist_id, version_id, text, tuple(domains), tuple(handles))
    return _Pending(version_id, brand_id, query, key, active and current == version_id)


async def _window(session: AsyncSession, below: int | None) -> Sequence[int]:
    """The next keys, newest first."""
    rows = await session.scalars(
        select(Item.id)
        .where(Item.id < (_START if below is None else below))
        .order_by(Item.id.desc())
        .limit(WINDOW)
    )
    return rows.all()


async def _candidates(
    session: AsyncSession, watchlist_id: int, ids: Sequence[int]
) -> list[_Candidate]:
    """Those of the items that a source of the watchlist heard and that still have their text."""
    if not ids:
        return []
    rows = await session.execute(
        select(Item, Source.id, Source.name, Author.followers)
        .join(Sighting, Sighting.item_id == Item.id)
        .join(Source, Source.id == Sighting.source_id)
        .join(WatchlistSource, WatchlistSource.source_id == Sighting.source_id)
        .outerjoin(Author, Author.id == Item.author_id)
        .where(
            Item.id.in_(ids),
            WatchlistSource.watchlist_id == watchlist_id,
            Item.removed_at.is_(None),
            Item.purged_at.is_(None),
        )
        .order_by(Item.id, Sighting.seen_at.desc())
    )
    # Of several sightings the earliest comes last and holds.
    found = {row[0].id: _Candidate(*row) for row in rows}
    return list(found.values())


async def _advance(
    session: AsyncSession, pending: _Pending, ids: Sequence[int], *, now: datetime
) -> bool:
    """Take the window; False where there is nothing (more) to store for it."""
    same = (
        QueryVersion.rematch_key.is_(None)
        if pending.key is None
        else QueryVersion.rematch_key == pending.key
    )
    values: dict[str, Any] = {"rematch_key": min(ids)} if ids else {}
    if len(ids) < WINDOW:
        values["rematched_at"] = now
    result = await session.execute(
        update(QueryVersion)
        .where(QueryVersion.id == pending.version_id, QueryVersion.rematched_at.is_(None), same)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    in_force = await session.scalar(
        select(Query.brand_id).where(Query.current_version_id == pending.version_id)
    )
    return result.rowcount == 1 and in_force is not None


async def _fit(
    session: AsyncSession,
    pending: _Pending,
    found: Sequence[_Candidate],
    hits: Mapping[int, tuple[_Candidate, Match]],
    judged: Mapping[int, Judged],
    *,
    now: datetime,
) -> None:
    """Make the brand's mentions among the looked-at items those that the query matches."""
    looked_at = await _unchanged(session, found)
    rows = await session.execute(
        select(Mention.item_id, Mention.id).where(
            Mention.brand_id == pending.brand_id, Mention.item_id.in_(looked_at)
        )
    )
    there = {row.item_id: row.id for row in rows}
    lost = [mention_id for item_id, mention_id in there.items() if item_id not in hits]
    kept = {
        there[item_id]: {
            "query_version_id": pending.version_id, "spans": match.spans, "clause": match.clause,
        }
        for item_id, (_, match) in hits.items()
        if item_id in there
    }  # fmt: skip
    new = {
        item_id: hit for item_id, hit in hits.items() if item_id in looked_at
        and item_id not in there
    }  # fmt: skip
    await mentions.remove(session, lost)
    await mentions.change(session, kept)
    tones = await _tones(session, list(new))
    keys = KeyRun()
    fresh = [
        _mention(keys, pending, candidate, match, tones.get(item_id), now)._replace(
            **mentions.filtered(judged.get(item_id))
        )
        for item_id, (candidate, match) in sorted(new.items())
    ]
    zones = await zones_of(session, [pending.brand_id])
    differences = Deltas()
    await mentions.add(
        session, fresh, {pending.query.watchlist_id: zones[pending.brand_id]},
        differences=differences,
    )  # fmt: skip
    await apply(session, differences)


async def _unchanged(session: AsyncSession, found: Sequence[_Candidate]) -> set[int]:
    """Those whose text is still what we matched; whoever edited one matched it anew himself."""
    rows = await session.execute(
        select(Item.id, Item.text_hash).where(Item.id.in_([one.item.id for one in found]))
    )
    now = {row.id: row.text_hash for row in rows}
    return {one.item.id for one in found if now.get(one.item.id) == one.item.text_hash}


async def _tones(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, Any]:
    """The newest overall verdict of each item."""
    if not item_ids:
        return {}
    rows = await session.execute(
        select(Verdict.item_id, Verdict.label, Verdict.score, Verdict.unsure, Verdict.model_id)
        .where(
            Verdict.item_id.in_(item_ids), Verdict.brand_id == 0, Verdict.kind == SENTIMENT
        )
        .order_by(Verdict.judged_at)
    )  # fmt: skip
    return {row.item_id: row for row in rows}


def _mention(
    keys: KeyRun, pending: _Pending, candidate: _Candidate, match: Match, tone: Any, now: datetime
) -> mentions.NewMention:
    one, query = candidate.item, pending.query
    host = one.url.partition("://")[2].partition("/")[0].lower()
    return mentions.NewMention(
        keys.at(one.published_at), one.id, pending.brand_id, query.watchlist_id,
        pending.version_id, candidate.source_id, match.spans, match.clause, one.published_at, now,
        True, is_owned(host, one.author_name, query), one.lang,
        (tone.label if tone else None) or NOT_JUDGED, tone.score if tone else None,
        bool(tone and tone.unsure), tone.model_id if tone else None, one.engagement,
        one.author_id,
    )  # fmt: skip
