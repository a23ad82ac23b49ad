"""Searching what is stored with a new or edited query (backfill (d)), newest items first.

In windows of items, each its own transaction, that any number of workers may share: the window's
lower key is kept on the query version, and moving it is what claims the window. How far it is and
what came of it is kept beside the key, written with each window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import KeyRun
from app.enrich.service import Match
from app.ingest.heard import Heard, heard, newest_keys
from app.ingest.store import is_owned
from app.ingest.verdicts import SENTIMENT
from app.ingest.writer import held_epoch
from app.mentions.service import store as mentions
from app.models import Brand, Item, Mention, Query, QueryVersion, Verdict, Watchlist
from app.relevance.service import Judged, active_filters, judge
from app.services import Services
from app.trends.service import NOT_JUDGED, Deltas, apply, zones_of
from app.watchlists.service import ActiveQuery, queries_epoch
from nlp.relevance import Sample

WINDOW = 2_000
"""Items looked at in one step."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A wording whose past is not searched yet. live: it is still the one in force.

    searched, total: items looked at so far, and those stored when its search began.
    """

    version_id: int
    brand_id: int
    query: ActiveQuery
    key: int | None
    live: bool
    searched: int
    total: int | None


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What a window changed: mentions that came, went, and still match."""

    added: int
    removed: int
    kept: int


async def rematch_pending(services: Services) -> int:
    """Search one window of the stored items for the newest wording that waits; 0: none waits."""
    now = services.clock.now()
    async with services.db.read() as session:
        epoch = await queries_epoch(session)  # first: what follows is at least as new
        pending = await _pending(session)
        if pending is None:
            return 0
        ids: Sequence[int] = ()
        if pending.live:
            ids = await newest_keys(session, below=pending.key, limit=WINDOW)
        total = pending.total if pending.total is not None else await _stored(session)
        found = await heard(session, pending.query.watchlist_id, ids)
        filters = await active_filters(session)
    texts = [one.text_in() for one in found]
    matched = await services.brain.match(
        texts, {pending.brand_id: pending.query.text}, now=now, zone=pending.query.zone
    )
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
        if unmoved and await _advance(session, pending, ids, total=total, now=now):
            fitted = await _fit(session, pending, found, hits, judged, now=now)
            await _count(session, pending, fitted)
    return max(len(ids), 1)


async def _judge(
    model: bytes | None, hits: Mapping[int, tuple[Heard, Match]]
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
                QueryVersion.id, QueryVersion.text, QueryVersion.rematch_key,
                QueryVersion.rematch_searched, QueryVersion.rematch_total, Brand.id,
                Brand.watchlist_id, Brand.domains, Brand.handles, Brand.active,
                Query.current_version_id, Watchlist.zone,
            )
            .join(Query, Query.id == QueryVersion.query_id)
            .join(Brand, Brand.id == Query.brand_id)
            .join(Watchlist, Watchlist.id == Brand.watchlist_id)
            .where(QueryVersion.rematched_at.is_(None))
            .order_by(QueryVersion.created_at.desc(), QueryVersion.id.desc())
            .limit(1)
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    (version_id, text, key, searched, total, brand_id, watchlist_id, domains, handles, active,
     current, zone) = row  # fmt: skip
    query = ActiveQuery(watchlist_id, version_id, text, tuple(domains), tuple(handles), zone)
    live = active and current == version_id
    return _Pending(version_id, brand_id, query, key, live, searched, total)


async def _stored(session: AsyncSession) -> int:
    """All items. Read once for a search that reads each of them."""
    return await session.scalar(select(func.count()).select_from(Item)) or 0


async def _advance(
    session: AsyncSession, pending: _Pending, ids: Sequence[int], *, total: int, now: datetime
) -> bool:
    """Take the window; False where there is nothing (more) to store for it."""
    in_force = await session.scalar(
        select(Query.brand_id).where(Query.current_version_id == pending.version_id)
    )
    same = (
        QueryVersion.rematch_key.is_(None)
        if pending.key is None
        else QueryVersion.rematch_key == pending.key
    )
    searched = pending.searched + len(ids)
    values: dict[str, Any] = {"rematch_searched": searched, "rematch_total": total}
    if ids:
        values["rematch_key"] = min(ids)
    if len(ids) < WINDOW:
        values["rematched_at"] = now
        if pending.live and in_force is not None:
            # Meanwhile some were purged and others came: now it is known how many there were.
            values["rematch_total"] = searched
    result = await session.execute(
        update(QueryVersion)
        .where(QueryVersion.id == pending.version_id, QueryVersion.rematched_at.is_(None), same)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1 and in_force is not None


async def _count(session: AsyncSession, pending: _Pending, fitted: _Fitted) -> None:
    await session.execute(
        update(QueryVersion)
        .where(QueryVersion.id == pending.version_id)
        .values(
            rematch_added=QueryVersion.rematch_added + fitted.added,
            rematch_removed=QueryVersion.rematch_removed + fitted.removed,
            rematch_kept=QueryVersion.rematch_kept + fitted.kept,
        )
        .execution_options(synchronize_session=False)
    )


async def _fit(
    session: AsyncSession,
    pending: _Pending,
    found: Sequence[Heard],
    hits: Mapping[int, tuple[Heard, Match]],
    judged: Mapping[int, Judged],
    *,
    now: datetime,
) -> _Fitted:
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
    removed = await mentions.remove(session, lost)
    await mentions.change(session, kept)
    spoken = {there[one]: judged[one] for one in hits if one in there and one in judged}
    await mentions.judge(session, spoken)  # it stands elsewhere in the text now
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
    return _Fitted(len(fresh), removed, len(kept))


async def _unchanged(session: AsyncSession, found: Sequence[Heard]) -> set[int]:
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
    keys: KeyRun, pending: _Pending, candidate: Heard, match: Match, tone: Any, now: datetime
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
