"""Storing what was pushed in: the writer of the polls, a call at a time, each call once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.upsert import add_counts
from app.errors import Conflict
from app.ingest.service import Arrival, Incoming, Origin, PageWriter, Stored
from app.models import ListeningLog, Source
from app.services import Services
from collectors.api import Item, Skipped

REMEMBERED = 500
"""Ids of calls that a source remembers, newest last. A call that comes again later finds its posts
stored: nothing comes twice then either."""


class _Repeated(Exception):
    """The call came before."""


async def store_pushed(
    services: Services,
    source: Source,
    *,
    call_id: str,
    items: Sequence[Item],
    skipped: Sequence[Skipped],
) -> Stored | None:
    """Store the posts of one call in one transaction; None where this call came before.

    Raises Conflict where the source was taken out meanwhile, StoreBusy, StoreFull.
    """
    now = services.clock.now()
    mark = hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:16]
    if mark in _remembered(source):
        return None
    origin = Origin(source.id, source.name, source.kind, None)
    writer = PageWriter(services, origin, Arrival(now=now))

    async def guard(session: AsyncSession) -> None:
        row = await session.scalar(
            select(Source)
            .where(Source.id == source.id, Source.removed_at.is_(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise Conflict("This source was removed.", fr="Cette source a été retirée.")
        known = _remembered(row)
        if mark in known:
            raise _Repeated
        row.cursor = {"calls": [*known, mark][-REMEMBERED:]}
        row.last_polled_at = row.last_ok_at = row.updated_at = now
        row.first_poll_done_at = row.first_poll_done_at or now
        row.state, row.failures, row.last_error = "active", 0, ""

    async def after(session: AsyncSession, stored: Stored) -> None:
        if stored.new:
            (await session.get_one(Source, source.id)).last_new_at = now
        counts: dict[str, Any] = {
            "source_id": source.id, "hour": now.replace(minute=0, second=0, microsecond=0),
            "asked": 1, "got": len(items), "new": stored.new, "refused": 0, "failed": 0,
            "skipped": len(skipped), "truncated": 0, "missed": 0,
        }  # fmt: skip
        await add_counts(session, ListeningLog, [counts], keys=("source_id", "hour"))

    try:
        return await writer.write(Incoming(items=items, skipped=skipped), guard=guard, after=after)
    except _Repeated:
        return None


def _remembered(source: Source) -> list[str]:
    calls = (source.cursor or {}).get("calls")
    return [one for one in calls if isinstance(one, str)] if isinstance(calls, list) else []
