"""Which stored posts a trial looks at, and what is known of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import first_key_at
from app.ingest.service import newest_keys
from app.models import Mention
from nlp.query import Query

BATCH = 500
"""Posts looked at between two looks at the limits."""


async def candidate_batches(
    session: AsyncSession,
    watchlist_id: int,
    queries: Sequence[Query],
    since: datetime | None,
    until: datetime | None,
) -> AsyncGenerator[Sequence[int], None]:
    """Keys of stored posts among which are all that one of the queries matches, newest first.

    Here all that there are in the period; an index would use the queries to give fewer.
    """
    down_to = first_key_at(since) if since is not None else 0
    below = first_key_at(until + timedelta(seconds=1)) if until is not None else None
    while ids := await newest_keys(session, below=below, limit=BATCH, down_to=down_to):
        yield ids
        below = ids[-1]


async def mentions_of(
    session: AsyncSession, brand_id: int, item_ids: Sequence[int]
) -> Mapping[int, int]:
    """Item → mention, of those of the items that are mentions of the brand today."""
    rows = await session.execute(
        select(Mention.item_id, Mention.id).where(
            Mention.item_id.in_(item_ids), Mention.brand_id == brand_id
        )
    )
    return {row.item_id: row.id for row in rows}


async def judged(session: AsyncSession, brand_id: int, item_ids: Sequence[int]) -> tuple[int, int]:
    """How many of the items people marked about the brand or not, and how many of these not."""
    rows = await session.execute(
        select(Mention.relevant, func.count())
        .where(
            Mention.item_id.in_(item_ids), Mention.brand_id == brand_id,
            Mention.relevant.is_not(None),
        )
        .group_by(Mention.relevant)
    )  # fmt: skip
    found = {relevant: int(n) for relevant, n in rows}
    return sum(found.values()), found.get(False, 0)
