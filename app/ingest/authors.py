"""Who wrote the items: stored once each, and never again where they objected (R-49)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.bulk import insert_many
from app.db.keys import KeyRun, hash64
from app.ingest.prepare import Prepared, Writer
from app.models import Author, ErasureBlock
from app.secrets import Cipher

TOUCH = timedelta(hours=1)
"""`last_seen_at` is written when it moved by that much: a row is not rewritten at each post."""


class Blocks:
    """Asks whether somebody objected to being collected."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    async def allowed(self, session: AsyncSession, items: Sequence[Prepared]) -> list[Prepared]:
        """The items whose authors have not objected."""
        if await session.scalar(select(ErasureBlock.hash).limit(1)) is None:
            return list(items)
        hashes = {
            one.author.handle: self._cipher.keyed_hash(one.author.handle)
            for one in items
            if one.author
        }
        rows = await session.scalars(
            select(ErasureBlock.hash).where(ErasureBlock.hash.in_(list(hashes.values())))
        )
        blocked = set(rows)
        return [
            one for one in items if one.author is None or hashes[one.author.handle] not in blocked
        ]


async def store(
    session: AsyncSession, writers: Sequence[Writer], *, now: datetime
) -> Mapping[str, int]:
    """Insert or refresh authors; handle → id. Of several writers of one handle the last holds.

    The dedup key is the hash of the handle; at ten million authors two share one with a chance of
    one in 400,000, and then share a row: names may be blanked, so it cannot be asked.
    """
    distinct = {hash64(writer.handle): writer for writer in writers}
    if not distinct:
        return {}
    rows = await session.execute(
        select(
            Author.dedup_key, Author.id, Author.name, Author.followers, Author.last_seen_at,
            Author.erased_at,
        ).where(Author.dedup_key.in_(distinct))
    )  # fmt: skip
    known = {row.dedup_key: row for row in rows}
    keys = KeyRun()
    fresh = [
        _row(distinct[key], keys.at(now), key, now) for key in sorted(distinct) if key not in known
    ]
    await insert_many(session, Author, _COLUMNS, fresh)
    await _refresh(session, distinct, known, now=now)
    ids = {key: row.id for key, row in known.items()} | {row[1]: row[0] for row in fresh}
    return {writer.handle: ids[key] for key, writer in distinct.items()}


_COLUMNS = (
    "id", "dedup_key", "platform", "native_id", "name", "followers", "first_seen_at",
    "last_seen_at",
)  # fmt: skip


def _row(writer: Writer, author_id: int, key: int, now: datetime) -> tuple[Any, ...]:
    return (
        author_id, key, writer.space, writer.native_id, writer.name, writer.followers, now, now,
    )  # fmt: skip


async def _refresh(
    session: AsyncSession,
    distinct: Mapping[int, Writer],
    known: Mapping[int, Any],
    *,
    now: datetime,
) -> None:
    changed = []
    for key, row in sorted(known.items()):
        writer = distinct[key]
        if row.erased_at is not None:
            continue
        followers = row.followers if writer.followers is None else writer.followers
        same = (writer.name, followers) == (row.name, row.followers)
        if not same or row.last_seen_at <= now - TOUCH:
            changed.append(
                {"id": row.id, "name": writer.name, "followers": followers, "last_seen_at": now}
            )
    if changed:
        await session.execute(update(Author).execution_options(synchronize_session=False), changed)
