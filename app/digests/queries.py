"""SQL of digests: figures come from the roll-ups alone, posts from one day's mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import first_key_at
from app.digests.rules import DAY, Span, span
from app.models import (
    Alert,
    AlertRule,
    Brand,
    DayRollup,
    Digest,
    DigestSubscription,
    HourRollup,
    Item,
    Mention,
    Source,
)

Counted = Mapping[tuple[int, str, str], int]
"""(brand, local date ISO, label) → mentions; label "owned" counts the brands' own posts."""


async def brands_of(session: AsyncSession, watchlist_id: int) -> Sequence[Brand]:
    """The active brands, the oldest first."""
    found = await session.execute(
        select(Brand).where(Brand.watchlist_id == watchlist_id, Brand.active).order_by(Brand.id)
    )
    return found.scalars().all()


async def count_days(
    session: AsyncSession, brand_ids: Sequence[int], first: date, last: date
) -> Counted:
    """Mentions by local date of the watchlist's zone, both ends included."""
    found = await session.execute(
        select(
            DayRollup.brand_id, DayRollup.day, DayRollup.label, DayRollup.n, DayRollup.n_owned
        ).where(
            DayRollup.brand_id.in_(brand_ids),
            DayRollup.day >= first.isoformat(),
            DayRollup.day <= last.isoformat(),
        )
    )
    return _summed((row.brand_id, row.day, row.label, row.n, row.n_owned) for row in found)


async def count_hours(
    session: AsyncSession, brand_ids: Sequence[int], first: date, last: date, *, zone: str
) -> Counted:
    """The same by the local dates of another zone than the watchlist's, from its hours.

    An hour belongs to the date on which it starts; where the two zones differ by a part of an
    hour, that part of the first and last hour falls on the neighbouring date.
    """
    place = ZoneInfo(zone)
    found = await session.execute(
        select(
            HourRollup.brand_id, HourRollup.hour, HourRollup.label, HourRollup.n, HourRollup.n_owned
        ).where(
            HourRollup.brand_id.in_(brand_ids),
            HourRollup.hour >= span(first, zone).start,
            HourRollup.hour < span(last, zone).end,
        )
    )
    return _summed(
        (
            row.brand_id, row.hour.astimezone(place).date().isoformat(), row.label, row.n,
            row.n_owned,
        )
        for row in found
    )  # fmt: skip


def _summed(rows: Iterable[tuple[int, str, str, int, int]]) -> Counted:
    counted: Counter[tuple[int, str, str]] = Counter()
    for brand_id, day, label, n, owned in rows:
        counted[brand_id, day, label] += n
        counted[brand_id, day, "owned"] += owned
    return counted


async def loudest_posts(
    session: AsyncSession, watchlist_id: int, day: Span, brand_ids: Sequence[int], *, limit: int
) -> Sequence[tuple[Mention, Item, str]]:
    """The day's posts by engagement, then newest first. History is not news: it is left out."""
    found = await session.execute(
        select(Mention, Item, Source.name)
        .join(Item, Item.id == Mention.item_id)
        .outerjoin(Source, Source.id == Mention.source_id)
        .where(
            Mention.watchlist_id == watchlist_id,
            Mention.brand_id.in_(brand_ids),
            Mention.id >= first_key_at(day.start),
            Mention.id < first_key_at(day.end),
            Mention.backfill.is_(False),
            Mention.owned.is_(False),
            or_(Mention.relevant.is_(None), Mention.relevant.is_(True)),
            Item.removed_at.is_(None),
            Item.purged_at.is_(None),
        )
        .order_by(Mention.engagement.desc(), Mention.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2] or "") for row in found]


async def alerts_of(
    session: AsyncSession, watchlist_id: int, day: Span, *, limit: int
) -> tuple[Sequence[tuple[Alert, str]], int]:
    """Alerts opened on the day with their rules' names, the earliest first; and how many."""
    within = (
        Alert.watchlist_id == watchlist_id,
        Alert.id >= first_key_at(day.start),
        Alert.id < first_key_at(day.end),
    )
    found = await session.execute(
        select(Alert, AlertRule.name)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .where(*within)
        .order_by(Alert.count.desc(), Alert.id)
        .limit(limit)
    )
    rows = sorted(((row[0], row[1]) for row in found), key=lambda row: row[0].id)
    counted = await session.execute(select(func.count()).select_from(Alert).where(*within))
    return rows, int(counted.scalar_one())


async def due_subscriptions(
    session: AsyncSession, *, now: datetime, limit: int
) -> Sequence[DigestSubscription]:
    """Active subscriptions whose time has come, the longest waiting first."""
    found = await session.execute(
        select(DigestSubscription)
        .where(
            DigestSubscription.next_due_at <= now,
            DigestSubscription.active,
            DigestSubscription.unsubscribed_at.is_(None),
        )
        .order_by(DigestSubscription.next_due_at)
        .limit(limit)
    )
    return found.scalars().all()


async def subscriptions_of(
    session: AsyncSession, watchlist_id: int
) -> Sequence[DigestSubscription]:
    """A watchlist's subscriptions, the oldest first."""
    found = await session.execute(
        select(DigestSubscription)
        .where(DigestSubscription.watchlist_id == watchlist_id)
        .order_by(DigestSubscription.id)
    )
    return found.scalars().all()


async def page_of_digests(
    session: AsyncSession, watchlist_id: int, *, before: int | None, limit: int
) -> Sequence[Digest]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    asked = (
        select(Digest)
        .join(DigestSubscription, DigestSubscription.id == Digest.subscription_id)
        .where(DigestSubscription.watchlist_id == watchlist_id)
        .order_by(Digest.id.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(Digest.id < before)
    return (await session.execute(asked)).scalars().all()


def eight_days(day: date) -> tuple[date, ...]:
    """The day told of and the seven before it, the earliest first."""
    return tuple(day - DAY * back for back in range(7, -1, -1))
