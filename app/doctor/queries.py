"""What the database tells a doctor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.doctor.rules import JobSeen, Sick
from app.ingest.service import NOT_POLLED
from app.models import Channel, Delivery, JobRun, Source

SHOWN = 50
"""Sick sources or channels told one by one."""


async def job_runs(session: AsyncSession) -> Sequence[JobSeen]:
    rows = (await session.scalars(select(JobRun).order_by(JobRun.name))).all()
    return [JobSeen(row.name, row.started_at, row.last_error) for row in rows]


async def sources(session: AsyncSession) -> tuple[Sequence[Sick], int]:
    """Those that wait for a person, then those that fail; how many there are in all."""
    listening = (Source.removed_at.is_(None), Source.kind.not_in(NOT_POLLED))
    total = await session.scalar(select(func.count()).select_from(Source).where(*listening))
    rows = await session.scalars(
        select(Source)
        .where(*listening, Source.state.in_(("needs_attention", "failing")))
        .order_by(Source.state.desc(), Source.id)
        .limit(SHOWN)
    )
    return [_sick(row) for row in rows], total or 0


async def channels(session: AsyncSession) -> tuple[Sequence[Sick], int]:
    """Those that are out of order; how many there are in all."""
    total = await session.scalar(select(func.count()).select_from(Channel))
    rows = await session.scalars(
        select(Channel)
        .where(Channel.state.in_(("needs_attention", "disabled")))
        .order_by(Channel.id)
        .limit(SHOWN)
    )
    return [_sick(row) for row in rows], total or 0


async def oldest_pending(session: AsyncSession) -> datetime | None:
    """The due time of the message that waits longest for a channel in order."""
    found: datetime | None = await session.scalar(
        select(func.min(Delivery.due_at))
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state == "pending", Channel.state == "active")
    )
    return found


def _sick(row: Source | Channel) -> Sick:
    return Sick(str(row.id), row.kind, row.name, row.state, row.last_error)
