"""Leases: how workers share rows that are due, without losing or doubling any.

A claim raises the row's `attempt` and sets `leased_until`. The closing write names the same
attempt: a worker that wakes after its lease ended finds that somebody else has the row and
its write changes nothing (`LeaseLost`). A dead worker's rows come back when the lease ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute


class Leasable(Protocol):
    """A mapped class whose rows can be leased."""

    id: InstrumentedAttribute[int]
    attempt: InstrumentedAttribute[int]
    leased_until: InstrumentedAttribute[datetime | None]


class LeaseLost(Exception):
    """Another worker took the row over; drop what was done, it will do it again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A leased row: its key and the attempt the closing write must name."""

    id: int
    attempt: int


async def claim(
    session: AsyncSession,
    model: Any,
    *,
    due: ColumnElement[bool],
    order_by: ColumnElement[Any] | InstrumentedAttribute[Any],
    now: datetime,
    lease: timedelta,
    limit: int,
) -> Sequence[Claim]:
    """Lease up to `limit` due rows that nobody holds. Call inside a write transaction.

    PostgreSQL skips rows that another worker is claiming at this moment (SKIP LOCKED);
    SQLite has one writer at a time and needs nothing.
    """
    free = or_(model.leased_until.is_(None), model.leased_until <= now)
    found = await session.execute(
        select(model.id, model.attempt)
        .where(due, free)
        .order_by(order_by)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claims = [Claim(id=row.id, attempt=row.attempt + 1) for row in found]
    if claims:
        await session.execute(
            update(model)
            .where(model.id.in_([c.id for c in claims]))
            .values(attempt=model.attempt + 1, leased_until=now + lease)
            .execution_options(synchronize_session=False)
        )
    return claims


async def close(session: AsyncSession, model: Any, mine: Claim, values: Mapping[str, Any]) -> None:
    """Write `values` and give the lease back. Raises LeaseLost where it is no longer ours."""
    await hold(session, model, mine, {**values, "leased_until": None})


async def hold(session: AsyncSession, model: Any, mine: Claim, values: Mapping[str, Any]) -> None:
    """Write `values` and keep the lease (a page in the middle of a poll)."""
    result = await session.execute(
        update(model)
        .where(model.id == mine.id, model.attempt == mine.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise LeaseLost(f"{model.__tablename__} {mine.id}: attempt {mine.attempt} is over")


async def release_all(session: AsyncSession, model: Any) -> int:
    """Give back every lease of a table: for the one process that knows it is alone.

    The rows' attempts stay raised, so that whoever held them before can no longer write.
    Returns the rows given back.
    """
    result = await session.execute(
        update(model)
        .where(model.leased_until.is_not(None))
        .values(attempt=model.attempt + 1, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
