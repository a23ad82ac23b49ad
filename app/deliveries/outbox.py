"""Writes messages into the outbox, in the transaction of what they tell of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.deliveries.message import Message, short_ref, to_payload
from app.models import Channel, Delivery


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
    """Queue `message` once for each channel that exists; returns the number of channels.

    dedup_prefix: names the message ("alert:ID"); the same prefix and channel never queue twice.
    """
    found = await session.execute(select(Channel.id).where(Channel.id.in_(list(channel_ids))))
    channels = found.scalars().all()
    if not message.ref:
        message = replace(message, ref=short_ref(dedup_prefix))
    payload = to_payload(message)
    first = key_at(now)
    rows = [
        {
            "id": first + place,
            "channel_id": channel_id,
            "dedup": f"{dedup_prefix}:channel:{channel_id}",
            "message_id": message_id_of(f"{dedup_prefix}:channel:{channel_id}"),
            "kind": message.kind,
            "alert_id": alert_id,
            "digest_id": digest_id,
            "payload": payload,
            "state": "pending",
            "attempt": 0,
            "due_at": now,
            "tries": 0,
            "last_error": "",
            "created_at": now,
        }
        for place, channel_id in enumerate(sorted(channels))
    ]
    await insert_ignore(session, Delivery, rows, on=["dedup"])
    return len(rows)


def message_id_of(dedup: str) -> str:
    """The stable id of a message to a channel: derived, so that a second writer finds the same."""
    return "msg_" + hashlib.sha256(dedup.encode()).hexdigest()[:32]
