"""Reading mentions and items: newest first by key, so that nothing is ever sorted.

The key follows `published_at` (app/db/keys.py): a page is a walk down one index from where the
last one ended, at the same cost at any depth. One brand walks (brand_id, id), anything else
(watchlist_id, id); `+ 0` keeps the planner from another index whose rows it would have to sort.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import first_key_at
from app.mentions.rules import MentionFilter
from app.models import Author, Brand, Item, Mention, Sighting, Source


def mentions_page(
    watchlist_id: int, wanted: MentionFilter, *, below: int | None, limit: int
) -> Select[Mention]:
    """The next mentions under the key `below`. `q` is not looked at here."""
    statement = select(Mention).where(*_place(watchlist_id, wanted.brand_ids))
    statement = statement.where(*_key_range(Mention.id, wanted.since, wanted.until, below))
    statement = statement.where(*_properties(wanted))
    return statement.order_by(Mention.id.desc()).limit(limit)


def mentions_among(
    watchlist_id: int, wanted: MentionFilter, item_ids: Sequence[int]
) -> Select[Mention]:
    """The mentions that these items are. `+ 0`: found by the item, not by walking a watchlist."""
    statement = select(Mention).where(
        Mention.item_id.in_(item_ids), Mention.watchlist_id + 0 == watchlist_id
    )
    if wanted.brand_ids:
        statement = statement.where((Mention.brand_id + 0).in_(wanted.brand_ids))
    return statement.where(*_properties(wanted))


def counted(watchlist_id: int, wanted: MentionFilter, *, at_most: int) -> Select[int]:
    """How many mentions pass the filter, counting no further than `at_most`."""
    rows = mentions_page(watchlist_id, wanted, below=None, limit=at_most)
    return select(func.count()).select_from(rows.with_only_columns(Mention.id).subquery())


def _place(watchlist_id: int, brand_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    if len(brand_ids) == 1:
        return [Mention.brand_id == brand_ids[0], Mention.watchlist_id + 0 == watchlist_id]
    if brand_ids:
        return [
            Mention.watchlist_id == watchlist_id,
            (Mention.brand_id + 0).in_(brand_ids),
        ]
    return [Mention.watchlist_id == watchlist_id]


def _key_range(
    key: Any, since: datetime | None, until: datetime | None, below: int | None
) -> list[ColumnElement[bool]]:
    found = []
    if since is not None:
        found.append(key >= first_key_at(since))
    if until is not None:
        found.append(key < first_key_at(until + timedelta(seconds=1)))
    if below is not None:
        found.append(key < below)
    return found


def _properties(wanted: MentionFilter) -> list[ColumnElement[bool]]:
    """The conditions on a row's own columns, those that are asked for."""
    made: Sequence[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = (
        (wanted.since, lambda since: Mention.published_at >= since),
        (wanted.until, lambda until: Mention.published_at < until),
        (wanted.source_ids or None, Mention.source_id.in_),
        (wanted.languages or None, _language),
        (wanted.labels or None, Mention.label.in_),
        (wanted.statuses or None, Mention.status.in_),
        (wanted.assignee_id, lambda member: Mention.assignee_id == member),
        (wanted.owned, Mention.owned.is_),
        (wanted.backfill, Mention.backfill.is_),
        (wanted.relevant, _relevant),
    )
    return [condition(value) for value, condition in made if value is not None]


def _relevant(wanted: bool) -> ColumnElement[bool]:
    # Nobody has to say that a mention is relevant; only False takes it out.
    return Mention.relevant.is_not(False) if wanted else Mention.relevant.is_(False)


def _language(codes: Sequence[str]) -> ColumnElement[bool]:
    known = Mention.lang.in_([code for code in codes if code])
    return or_(known, Mention.lang.is_(None)) if "" in codes else known


async def mention(session: AsyncSession, watchlist_id: int, mention_id: int) -> Mention | None:
    """One mention of the watchlist."""
    found: Mention | None = await session.scalar(
        select(Mention).where(Mention.id == mention_id, Mention.watchlist_id == watchlist_id)
    )
    return found


async def items(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, Item]:
    """Items by id."""
    rows = await session.scalars(select(Item).where(Item.id.in_(set(ids))))
    return {row.id: row for row in rows}


async def authors(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, Author]:
    """Authors by id."""
    rows = await session.scalars(select(Author).where(Author.id.in_(set(ids))))
    return {row.id: row for row in rows}


async def source_rows(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Kind and name of sources by id, removed ones too."""
    rows = await session.execute(
        select(Source.id, Source.kind, Source.name).where(Source.id.in_(set(ids)))
    )
    return {source_id: (kind, name) for source_id, kind, name in rows}


async def brand_rows(session: AsyncSession, watchlist_id: int) -> Mapping[int, tuple[str, str]]:
    """Name and kind of the brands of a watchlist by id."""
    rows = await session.execute(
        select(Brand.id, Brand.name, Brand.kind).where(Brand.watchlist_id == watchlist_id)
    )
    return {brand_id: (name, kind) for brand_id, name, kind in rows}


def items_page(
    source_ids: Sequence[int],
    *,
    since: datetime | None,
    until: datetime | None,
    below: int | None,
    limit: int,
) -> Select[int]:
    """The next item ids seen by any of the sources: one short walk a source, then merged."""
    walks = [
        select(
            select(Sighting.item_id)
            .where(
                Sighting.source_id == source_id,
                *_key_range(Sighting.item_id, since, until, below),
            )
            .order_by(Sighting.item_id.desc())
            .limit(limit)
            .subquery()
            .c.item_id
        )
        for source_id in source_ids
    ]
    merged = (
        union_all(*walks).subquery()
        if walks
        else select(literal(0).label("item_id")).where(literal(value=False)).subquery()
    )
    return select(merged.c.item_id).distinct().order_by(merged.c.item_id.desc()).limit(limit)


async def seen_by(
    session: AsyncSession, source_ids: Sequence[int], item_ids: Sequence[int]
) -> Sequence[int]:
    """Those of the items that one of the sources saw, newest first."""
    found = await session.scalars(
        select(Sighting.item_id)
        .where(Sighting.item_id.in_(item_ids), Sighting.source_id.in_(source_ids))
        .distinct()
    )
    return sorted(found, reverse=True)


async def sightings(session: AsyncSession, item_ids: Sequence[int]) -> Sequence[Sighting]:
    """Where items were seen, first sighting first."""
    return (
        await session.scalars(
            select(Sighting)
            .where(Sighting.item_id.in_(set(item_ids)))
            .order_by(Sighting.item_id, Sighting.seen_at, Sighting.source_id)
        )
    ).all()


async def mentions_of_items(
    session: AsyncSession, watchlist_id: int, item_ids: Sequence[int]
) -> Sequence[Mention]:
    """The mentions that items are in a watchlist."""
    return (
        await session.scalars(
            select(Mention)
            .where(Mention.item_id.in_(set(item_ids)), Mention.watchlist_id == watchlist_id)
            .order_by(Mention.item_id, Mention.brand_id)
        )
    ).all()


async def for_update(
    session: AsyncSession, watchlist_id: int, ids: Sequence[int]
) -> Sequence[Mention]:
    """Those of the mentions that are the watchlist's, locked."""
    return (
        await session.scalars(
            select(Mention)
            .where(Mention.id.in_(ids), Mention.watchlist_id == watchlist_id)
            .order_by(Mention.id)
            # NO KEY: alerts that point at a mention take a key lock on it, and need not wait.
            .with_for_update(key_share=True)
        )
    ).all()
