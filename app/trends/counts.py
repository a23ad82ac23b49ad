"""Roll-ups: the counts that trends, digest and rules read, moved with every mention.

Whoever stores, edits or removes a mention adds the difference in the same transaction, so that a
roll-up is at any moment what a recount would give (`check_rollups` proves it). Additive
throughout: any engine can merge them.

Days are the watchlist's local dates, hours its local hours stored as their UTC start. (Where a
zone's clock moves by half an hour, as on Lord Howe Island, the hour of the change has two rows.)
A mention marked "not about us" (`relevant` false) is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.bulk import add_many
from app.models import AuthorDayRollup, Brand, DayRollup, HourRollup, Watchlist, WideDayRollup

NOT_JUDGED = "none"
"""Label of what no model judged: abstaining is not neutral."""

Key = tuple[Any, ...]
Zones = Mapping[int, ZoneInfo]
"""Brand → zone of its watchlist."""

TABLES: Mapping[type[Any], tuple[str, ...]] = {
    HourRollup: ("brand_id", "hour", "label"),
    DayRollup: ("brand_id", "day", "label"),
    WideDayRollup: ("brand_id", "day", "source_id", "label", "lang"),
    AuthorDayRollup: ("brand_id", "day", "author_id"),
}
"""Each roll-up and its key."""

COUNTERS = ("n", "n_owned", "n_syndicated", "engagement")


class Counted(NamedTuple):
    """What of a mention the roll-ups count. Field names are those of `Mention`."""

    brand_id: int
    source_id: int
    author_id: int | None
    published_at: datetime
    lang: str | None
    label: str
    owned: bool
    syndicated: bool
    engagement: int
    relevant: bool | None


class Deltas:
    """Differences to add to the roll-ups, counted in memory. Pure."""

    def __init__(self) -> None:
        self.counts: dict[type[Any], dict[Key, list[int]]] = {table: {} for table in TABLES}

    def add(self, one: Counted, zone: ZoneInfo, *, sign: int = 1) -> None:
        """Count a mention in (sign 1) or out (sign -1)."""
        if one.relevant is False:
            return
        hour, day = local_hour(one.published_at, zone)
        owned, syndicated = sign * one.owned, sign * one.syndicated
        moved = sign * one.engagement
        brand, label = one.brand_id, one.label
        for counts, key in (
            (self.counts[HourRollup], (brand, hour, label)),
            (self.counts[DayRollup], (brand, day, label)),
            (self.counts[WideDayRollup], (brand, day, one.source_id, label, one.lang or "")),
        ):
            stored = counts.get(key)
            if stored is None:
                counts[key] = [sign, owned, syndicated, moved]
            else:
                stored[0] += sign
                stored[1] += owned
                stored[2] += syndicated
                stored[3] += moved
        if one.author_id is not None:
            self.counts[AuthorDayRollup].setdefault((brand, day, one.author_id), [0])[0] += sign

    def rows(self, table: type[Any]) -> list[Key]:
        """What to add to one table, in the order of `columns_of`; what cancels out is left out."""
        return [(*key, *counts) for key, counts in self.counts[table].items() if any(counts)]


def columns_of(table: type[Any]) -> tuple[str, ...]:
    """The key of a roll-up, then its counters."""
    return TABLES[table] + (COUNTERS if table is not AuthorDayRollup else COUNTERS[:1])


def deltas(counted: Iterable[tuple[Counted, int]], zones: Zones) -> Deltas:
    """The differences of mentions counted in or out (sign 1 or -1)."""
    total = Deltas()
    for one, sign in counted:
        total.add(one, zones[one.brand_id], sign=sign)
    return total


def local_hour(at: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """The UTC start of the local hour that `at` lies in, and the local date."""
    local = at.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - into, local.date().isoformat()


async def apply(session: AsyncSession, differences: Deltas) -> None:
    """Add the differences. Call inside the transaction that changes the mentions."""
    for table, keys in TABLES.items():
        await add_many(session, table, columns_of(table), differences.rows(table), keys=len(keys))


async def zones_of(session: AsyncSession, brand_ids: Iterable[int]) -> dict[int, ZoneInfo]:
    """The zones of brands. Shuts out a rebuild, which reads with one zone, until we commit."""
    ids = sorted(set(brand_ids))
    if not ids:
        return {}
    rows = await session.execute(
        select(Brand.id, Watchlist.zone)
        .join(Watchlist, Watchlist.id == Brand.watchlist_id)
        .where(Brand.id.in_(ids))
        .with_for_update(read=True, of=Watchlist)
    )
    return {brand_id: ZoneInfo(zone) for brand_id, zone in rows}
