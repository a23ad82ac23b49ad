"""Writes messages into the outbox, in the transaction of what they tell of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.deliveries.message import Message, short_ref, to_payload
from app.models import Channel, Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message to queue. dedup_prefix names it ("alert:ID"): with one channel, never twice."""

    message: Message
    dedup_prefix: str
    alert_id: int | None = None
    digest_id: int | None = None


async def enqueue(
    session: AsyncSession,
    channel_ids: Sequence[int],
    message: Message,
    *,
    dedup_prefix: str,
    now: datetime,
    alert_id: int | None = None,
    digest_id: int | None = None,
) -> int:
    """Queue `message` once for each channel that exists; returns the number of channels."""
    post = Post(message=message, dedup_prefix=dedup_prefix, alert_id=alert_id, digest_id=digest_id)
    return await enqueue_all(session, channel_ids, [post], now=now)


async def enqueue_all(
    session: AsyncSession, channel_ids: Sequence[int], posts: Sequence[Post], *, now: datetime
) -> int:
    """Queue many messages at once, in their order; returns the number of rows."""
    found = await session.execute(select(Channel.id).where(Channel.id.in_(list(channel_ids))))
    channels = sorted(found.scalars().all())
    pairs = [(post, channel) for post in posts for channel in channels]
    # Drawn once and counted up: a thousand draws within one second would collide.
    first = key_at(now)
    rows = [_row(first + n, post, channel, now) for n, (post, channel) in enumerate(pairs)]
    await insert_ignore(session, Delivery, rows, on=["dedup"])
    return len(rows)


def _row(key: int, post: Post, channel_id: int, now: datetime) -> dict[str, Any]:
    message = post.message
    if not message.ref:
        message = replace(message, ref=short_ref(post.dedup_prefix))
    dedup = f"{post.dedup_prefix}:channel:{channel_id}"
    return {
        "id": key, "channel_id": channel_id, "dedup": dedup, "message_id": message_id_of(dedup),
        "kind": message.kind, "alert_id": post.alert_id, "digest_id": post.digest_id,
        "payload": to_payload(message), "state": "pending", "attempt": 0, "due_at": now,
        "tries": 0, "last_error": "", "created_at": now,
    }  # fmt: skip


def message_id_of(dedup: str) -> str:
    """The stable id of a message to a channel: derived, so that a second writer finds the same."""
    return "msg_" + hashlib.sha256(dedup.encode()).hexdigest()[:32]
