"""The closing write of a try: the message, its attempt, its channel, whoever hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.claim import Claim, close
from app.db.upsert import insert_ignore
from app.deliveries.message import Fact, Message, short_ref
from app.deliveries.outbox import enqueue
from app.deliveries.rules import Outcome, Step
from app.deliveries.sending import Result
from app.deliveries.words import word
from app.models import Channel, Delivery, DeliveryAttempt, Digest, Watchlist
from app.services import Services

_DIGEST_STATES = {"sent": "sent", "dead": "failed", "unknown": "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tryout:
    """A try that is over, and the step decided."""

    claim: Claim
    delivery: Delivery
    channel: Channel
    result: Result
    step: Step
    at: datetime


async def record(services: Services, tryout: Tryout) -> None:
    """Write everything in one transaction. Raises LeaseLost where another worker took over."""
    async with services.db.write() as session:
        await close(session, Delivery, tryout.claim, _delivery_values(tryout))
        await insert_ignore(session, DeliveryAttempt, [attempt_row(tryout)])
        await _close_channel(session, tryout)
        await _close_digest(session, tryout)


def attempt_row(tryout: Tryout) -> dict[str, Any]:
    """The row that keeps what was answered."""
    result = tryout.result
    return {
        "delivery_id": tryout.delivery.id, "number": tryout.claim.attempt, "at": tryout.at,
        "outcome": str(result.outcome), "status": result.status,
        "answer": result.answer or result.error, "took_ms": result.took_ms,
    }  # fmt: skip


def _delivery_values(tryout: Tryout) -> dict[str, Any]:
    step, result, delivery = tryout.step, tryout.result, tryout.delivery
    kept: dict[str, Any] = {"plain": True} if step.plain else {}
    if result.done:
        kept["done"] = sorted(result.done)
    elif done := (delivery.payload.get("_try") or {}).get("done"):
        kept["done"] = done
    values: dict[str, Any] = {
        "state": step.state, "due_at": step.due_at, "tries": step.tries,
        "last_error": result.error,
    }  # fmt: skip
    if kept:
        values["payload"] = {**delivery.payload, "_try": kept}
    if step.state == "sent":
        values["sent_at"] = tryout.at
    return values


async def _close_channel(session: AsyncSession, tryout: Tryout) -> None:
    """What the try says of its channel.

    Guarded by the version that was read: an answer to settings that a person has changed in the
    meantime says nothing about the new ones.
    """
    step, channel = tryout.step, tryout.channel
    values: dict[str, Any] = {}
    if tryout.result.outcome is Outcome.SENT:
        values = {"failing_since": None, "hold_until": None, "last_error": "",
                  "last_ok_at": tryout.at}  # fmt: skip
    elif step.failing:
        values = {"last_error": tryout.result.error, "hold_until": step.hold_until}
        values["failing_since"] = channel.failing_since or tryout.at
    elif step.hold_until is not None:
        values = {"hold_until": step.hold_until}
    if tryout.result.memory is not None:
        values["memory"] = dict(tryout.result.memory)
    if step.channel_state:
        values["state"] = step.channel_state
    if not values:
        return
    written = await session.execute(
        update(Channel)
        .where(Channel.id == channel.id, Channel.version == channel.version)
        .values(**values)
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    )
    if written.first() is not None and step.channel_state:
        await _tell_owner(session, tryout)


async def _tell_owner(session: AsyncSession, tryout: Tryout) -> None:
    """A channel that is out of order is told of by the watchlist's other channels (R-25)."""
    channel, state = tryout.channel, str(tryout.step.channel_state)
    others = await session.execute(
        select(Channel.id).where(
            Channel.watchlist_id == channel.watchlist_id,
            Channel.id != channel.id,
            Channel.state == "active",
        )
    )
    watchlist = await session.get_one(Watchlist, channel.watchlist_id)
    since = channel.failing_since or tryout.at
    prefix = f"notice:channel:{channel.id}:{state}:{int(since.timestamp())}"
    await enqueue(
        session,
        others.scalars().all(),
        _notice(tryout, watchlist, ref=short_ref(prefix)),
        dedup_prefix=prefix,
        now=tryout.at,
    )


def _notice(tryout: Tryout, watchlist: Watchlist, *, ref: str) -> Message:
    lang, channel = watchlist.language, tryout.channel
    state = str(tryout.step.channel_state)
    return Message(
        kind="notice", title=word("notice_title", lang, channel=channel.name), lang=lang,
        zone=watchlist.zone, severity="warning", ref=ref,
        lines=(word(f"notice_{state}", lang),),
        facts=(Fact(word("reason", lang), tryout.result.error or str(tryout.step.why)),),
        data={"channel_id": str(channel.id), "channel": channel.name, "state": state},
    )  # fmt: skip


async def _close_digest(session: AsyncSession, tryout: Tryout) -> None:
    """A digest is "sent" only now, after the receiver said so (R-29)."""
    state = _DIGEST_STATES.get(tryout.step.state)
    if tryout.delivery.digest_id is None or state is None:
        return
    await session.execute(
        update(Digest)
        .where(Digest.id == tryout.delivery.digest_id)
        .values(state=state, note=tryout.result.error)
        .execution_options(synchronize_session=False)
    )
