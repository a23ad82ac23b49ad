"""Reading the roll-ups. Nothing here touches a mention: cost grows with the period only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import DayRollup, HourRollup, Source, WideDayRollup
from app.trends.rules import Counts, Window, day_places, places, total

Cells = Mapping[int, Mapping[int, Counts]]
"""Brand → slot → counts; empty slots are absent."""

_Found = Any
"""A row: brand, hour or day, label, n, owned, syndicated, engagement."""


async def cells(session: AsyncSession, window: Window, brand_ids: Sequence[int]) -> Cells:
    """The counts of every bucket of a window, by brand."""
    if window.bucket == "hour":
        # The roll-up's hour may stand just before the slot where a clock moves by half an hour.
        starts = [slot.start for slot in window.slots]
        rows = await _read(
            session, HourRollup, HourRollup.hour, brand_ids, starts[0], window.end, inclusive=False
        )
        return _by_slot(rows, places(window))
    first, last = window.first.isoformat(), window.last.isoformat()
    rows = await _read(session, DayRollup, DayRollup.day, brand_ids, first, last, inclusive=True)
    return _by_slot(rows, day_places(window).get)


async def totals(
    session: AsyncSession, window: Window, brand_ids: Sequence[int]
) -> Mapping[int, Counts]:
    """The counts of a whole window, by brand."""
    model: Any = HourRollup if window.bucket == "hour" else DayRollup
    within = (
        (model.hour >= window.start, model.hour < window.end)
        if window.bucket == "hour"
        else (model.day >= window.first.isoformat(), model.day <= window.last.isoformat())
    )
    rows = await session.execute(
        select(model.brand_id, model.label, *_sums(model))
        .where(model.brand_id.in_(brand_ids), *within)
        .group_by(model.brand_id, model.label)
    )
    found: dict[int, list[Counts]] = defaultdict(list)
    for brand_id, label, n, owned, syndicated, engagement in rows:
        found[brand_id].append(_counts(label, n, owned, syndicated, engagement))
    return {brand_id: total(parts) for brand_id, parts in found.items()}


async def breakdown(
    session: AsyncSession,
    brand_ids: Sequence[int],
    *,
    by: Literal["source", "lang"],
    first: str,
    last: str,
) -> Mapping[Any, Counts]:
    """Counts by source id or language over local days, both ends included."""
    key = WideDayRollup.source_id if by == "source" else WideDayRollup.lang
    rows = await session.execute(
        select(key, WideDayRollup.label, *_sums(WideDayRollup))
        .where(
            WideDayRollup.brand_id.in_(brand_ids),
            WideDayRollup.day >= first,
            WideDayRollup.day <= last,
        )
        .group_by(key, WideDayRollup.label)
    )
    found: dict[Any, list[Counts]] = defaultdict(list)
    for value, label, n, owned, syndicated, engagement in rows:
        found[value].append(_counts(label, n, owned, syndicated, engagement))
    return {value: total(parts) for value, parts in found.items()}


async def source_names(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, str]:
    """Names by id, of removed sources too."""
    rows = await session.execute(select(Source.id, Source.name).where(Source.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def _read(
    session: AsyncSession,
    model: Any,
    key: Any,
    brand_ids: Sequence[int],
    low: Any,
    high: Any,
    *,
    inclusive: bool,
) -> Sequence[_Found]:
    below = key <= high if inclusive else key < high
    columns = (model.n, model.n_owned, model.n_syndicated, model.engagement)
    rows = await session.execute(
        select(model.brand_id, key, model.label, *columns).where(
            model.brand_id.in_(brand_ids), key >= low, below
        )
    )
    return rows.all()


def _by_slot(rows: Sequence[_Found], slot_of: Callable[[Any], int | None]) -> Cells:
    # Added up in plain lists: a line by hour over 90 days has tens of thousands of rows.
    sums: dict[tuple[int, int], list[int]] = {}
    labels: dict[tuple[int, int], dict[str, int]] = {}
    for brand_id, key, label, n, owned, syndicated, engagement in rows:
        slot = slot_of(key)
        if slot is None:
            continue
        cell = (brand_id, slot)
        added = sums.get(cell)
        if added is None:
            sums[cell] = [n, owned, syndicated, engagement]
            labels[cell] = {label: n}
        else:
            added[0] += n
            added[1] += owned
            added[2] += syndicated
            added[3] += engagement
            labels[cell][label] = labels[cell].get(label, 0) + n
    found: dict[int, dict[int, Counts]] = defaultdict(dict)
    for (brand_id, slot), (n, owned, syndicated, engagement) in sums.items():
        found[brand_id][slot] = Counts(n, owned, syndicated, engagement, labels[brand_id, slot])
    return found


def _counts(label: str, n: int, owned: int, syndicated: int, engagement: int) -> Counts:
    # PostgreSQL sums 64-bit integers into decimals.
    return Counts(int(n), int(owned), int(syndicated), int(engagement), {label: int(n)})


def _sums(model: Any) -> tuple[Any, ...]:
    return (
        func.sum(model.n),
        func.sum(model.n_owned),
        func.sum(model.n_syndicated),
        func.sum(model.engagement),
    )
