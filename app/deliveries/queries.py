"""SQL of the outbox. Each takes a session; nothing here decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.models import Channel, Delivery, DeliveryAttempt


def due_on(channel_id: int, now: datetime) -> ColumnElement[bool]:
    """The messages of a channel that may be tried now."""
    return and_(
        Delivery.channel_id == channel_id, Delivery.state == "pending", Delivery.due_at <= now
    )


async def ready_channels(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[int]:
    """Active channels with a due message and none on its way, the longest waiting first."""
    found = await session.execute(
        select(Delivery.channel_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state == "pending", Delivery.due_at <= now, *_free(now))
        .distinct()
        .limit(limit)
    )
    return found.scalars().all()


async def lock_channels(
    session: AsyncSession, ids: Sequence[int], *, now: datetime
) -> Sequence[Channel]:
    """Those of the channels that no other worker holds, locked until the transaction ends.

    The lock serialises claims of one channel: its messages go one at a time, in order. Whether
    a message is on its way is asked after the lock, since another worker may have claimed one
    in between.
    """
    locked = await session.execute(
        select(Channel.id)
        .where(Channel.id.in_(ids))
        .order_by(Channel.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    mine = locked.scalars().all()
    found = await session.execute(
        select(Channel).where(Channel.id.in_(mine), *_free(now)).order_by(Channel.id)
    )
    return found.scalars().all()


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    on_its_way = aliased(Delivery)
    return (
        Channel.state == "active",
        or_(Channel.hold_until.is_(None), Channel.hold_until <= now),
        ~select(on_its_way.id)
        .where(
            on_its_way.channel_id == Channel.id,
            on_its_way.state == "pending",
            on_its_way.leased_until > now,
        )
        .exists(),
    )


async def attempts_of(session: AsyncSession, delivery_id: int) -> Sequence[DeliveryAttempt]:
    """All tries of a message, the first first."""
    found = await session.execute(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id == delivery_id)
        .order_by(DeliveryAttempt.number)
    )
    return found.scalars().all()


async def channels_of(session: AsyncSession, watchlist_id: int) -> Sequence[Channel]:
    """A watchlist's channels, the oldest first."""
    found = await session.execute(
        select(Channel).where(Channel.watchlist_id == watchlist_id).order_by(Channel.id)
    )
    return found.scalars().all()


async def page_of_deliveries(
    session: AsyncSession,
    watchlist_id: int,
    *,
    before: int | None = None,
    limit: int = 50,
    state: str | None = None,
    channel_id: int | None = None,
) -> Sequence[Delivery]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    asked = (
        select(Delivery)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Channel.watchlist_id == watchlist_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(Delivery.id < before)
    if state is not None:
        asked = asked.where(Delivery.state == state)
    if channel_id is not None:
        asked = asked.where(Delivery.channel_id == channel_id)
    return (await session.execute(asked)).scalars().all()


async def stranded(session: AsyncSession, *, created_before: datetime) -> bool:
    """Whether anything waits, made before that, for a channel that takes nothing."""
    found = await session.execute(select(Delivery.id).where(*_stranded(created_before)).limit(1))
    return found.first() is not None


async def bury_stranded(session: AsyncSession, *, created_before: datetime) -> int:
    """Make dead letters of what has waited too long for a channel that takes nothing."""
    result = await session.execute(
        update(Delivery)
        .where(*_stranded(created_before))
        .values(state="dead", last_error="the channel took nothing for seven days")
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(result.all())


def _stranded(created_before: datetime) -> tuple[ColumnElement[bool], ...]:
    closed = select(Channel.id).where(Channel.state != "active")
    return (
        Delivery.state == "pending",
        Delivery.created_at < created_before,
        Delivery.channel_id.in_(closed),
    )
