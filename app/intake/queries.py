"""Reading the sources that are pushed into."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.ingest.rules import INTAKE_KIND
from app.models import Source


async def pushed_source(session: AsyncSession, source_id: int) -> Source | None:
    """The source, where it is one that is pushed into and was not removed."""
    found: Source | None = await session.scalar(
        select(Source).where(
            Source.id == source_id, Source.kind == INTAKE_KIND, Source.removed_at.is_(None)
        )
    )
    return found
