"""Which items wait to be indexed, and walking over keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Item, SearchPending, Sighting, WatchlistSource


class Words(NamedTuple):
    """A text to index. version: of the text, so that an edit meanwhile is noticed."""

    item_id: int
    version: int
    title: str
    body: str


async def pending_ids(
    session: AsyncSession, *, below: int, least: int, limit: int
) -> Sequence[int]:
    """The newest items that the index does not hold as they are."""
    return (
        await session.scalars(
            select(SearchPending.item_id)
            .where(SearchPending.item_id < below, SearchPending.item_id >= least)
            .order_by(SearchPending.item_id.desc())
            .limit(limit)
        )
    ).all()


async def item_ids(session: AsyncSession, *, below: int, least: int, limit: int) -> Sequence[int]:
    """The newest items, whatever they say."""
    return (
        await session.scalars(
            select(Item.id)
            .where(Item.id < below, Item.id >= least)
            .order_by(Item.id.desc())
            .limit(limit)
        )
    ).all()


async def heard(session: AsyncSession, watchlist_id: int, item_ids: Sequence[int]) -> Sequence[int]:
    """Those of the items that a source of the watchlist saw, newest first."""
    found = await session.scalars(
        select(Sighting.item_id)
        .join(WatchlistSource, WatchlistSource.source_id == Sighting.source_id)
        .where(Sighting.item_id.in_(item_ids), WatchlistSource.watchlist_id == watchlist_id)
        .distinct()
    )
    return sorted(found, reverse=True)


async def texts(session: AsyncSession, item_ids: Sequence[int]) -> Sequence[Words]:
    """What items say; nothing of those whose content was taken out."""
    rows = await session.execute(
        select(Item.id, Item.text_hash, Item.title, Item.text).where(
            Item.id.in_(item_ids), Item.purged_at.is_(None)
        )
    )
    return [Words(*row) for row in rows]


async def versions(session: AsyncSession, item_ids: Sequence[int]) -> Mapping[int, int]:
    """The texts' present versions, of items that still wait. Held until we commit: whoever edits
    one waits for us and then says that it waits again."""
    rows = await session.execute(
        select(Item.id, Item.text_hash)
        .where(Item.id.in_(item_ids))
        .order_by(Item.id)
        .with_for_update(key_share=True)
    )
    now = {row.id: row.text_hash for row in rows}
    waiting = await session.scalars(
        select(SearchPending.item_id).where(SearchPending.item_id.in_(item_ids))
    )
    return {item_id: now[item_id] for item_id in waiting if item_id in now}


async def settle(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """These wait no more."""
    await session.execute(
        delete(SearchPending)
        .where(SearchPending.item_id.in_(item_ids))
        .execution_options(synchronize_session=False)
    )


async def all_wait(session: AsyncSession) -> None:
    """Every item with content waits."""
    await session.execute(delete(SearchPending).execution_options(synchronize_session=False))
    every = select(Item.id).where(Item.purged_at.is_(None))
    await session.execute(insert(SearchPending).from_select(["item_id"], every))


async def waiting(session: AsyncSession) -> int:
    """How many items wait to be indexed."""
    return await session.scalar(select(func.count()).select_from(SearchPending)) or 0
