"""Channels: made, changed, tried, removed by people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.deliveries import queries
from app.deliveries.message import Message, short_ref, to_payload
from app.deliveries.rules import Outcome
from app.deliveries.sending import Result, attempt, first_fault, split_secrets
from app.deliveries.transports.base import Capabilities, ChannelConfig, Outgoing
from app.deliveries.transports.registry import kinds, transport_class
from app.deliveries.words import word
from app.errors import Invalid, NotFound, Stale
from app.models import Channel, Delivery, DeliveryAttempt, Watchlist
from app.services import Services

_PERSONS_STATES = frozenset({"active", "paused"})


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """An installed transport, for forms and the API."""

    kind: str
    capabilities: Capabilities
    schema: Mapping[str, Any]
    """JSON Schema of its settings; secrets are `writeOnly`."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test message came to; the exact error is for the person who pressed the button."""

    ok: bool
    outcome: str
    status: int | None
    error: str
    answer: str
    took_ms: int


def channel_kinds() -> list[ChannelKind]:
    """Every transport that loads."""
    found = []
    for kind in kinds():
        try:
            made = transport_class(kind)
        except Invalid:
            continue  # `vigie doctor` names it
        found.append(ChannelKind(kind, made.capabilities, made.Config.model_json_schema()))
    return found


async def add_channel(
    services: Services,
    *,
    watchlist_id: int,
    kind: str,
    name: str,
    config: Mapping[str, Any],
    never_twice: bool = False,
) -> Channel:
    """Make a channel. Raises Invalid (`field` says where), NotFound for the watchlist."""
    plain, secret = split_secrets(_validated(kind, config))
    now = services.clock.now()
    channel = Channel(
        watchlist_id=watchlist_id, kind=kind, name=_named(name), config=plain,
        secrets=services.cipher.seal(secret), never_twice=never_twice, memory={},
        created_at=now, updated_at=now,
    )  # fmt: skip
    async with services.db.write() as session:
        if await session.get(Watchlist, watchlist_id) is None:
            raise _no_watchlist()
        session.add(channel)
    return channel


async def edit_channel(
    services: Services,
    channel_id: int,
    *,
    watchlist_id: int,
    version: int,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    never_twice: bool | None = None,
    state: str | None = None,
) -> Channel:
    """Change a channel; a secret that is left out of `config` stays. Raises Stale, Invalid.

    New settings open a channel that was out of order; what waits for it goes out at once.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        channel = await _channel(session, channel_id, watchlist_id)
        if channel.version != version:
            raise Stale(
                "This channel was changed meanwhile: load it again.",
                fr="Ce canal a été modifié entre-temps : rechargez-le.",
            )
        if name is not None:
            channel.name = _named(name)
        if never_twice is not None:
            channel.never_twice = never_twice
        if config is not None:
            kept = services.cipher.open(channel.secrets)
            plain, secret = split_secrets(_validated(channel.kind, {**kept, **config}))
            channel.config, channel.secrets = plain, services.cipher.seal(secret)
            channel.memory = {}
            _reopen(channel)
        if state is not None:
            if state not in _PERSONS_STATES:
                raise Invalid(
                    "A channel is set to 'active' or 'paused'.",
                    fr="Un canal se met sur « active » ou « paused ».", field="state",
                )  # fmt: skip
            _reopen(channel)
            channel.state = state
        channel.version += 1
        channel.updated_at = now
        if channel.state == "active":
            await _wake(session, channel.id, services)
    return channel


async def remove_channel(services: Services, channel_id: int, *, watchlist_id: int) -> None:
    """Remove a channel with its history; what waited for it is not sent. Raises NotFound."""
    async with services.db.write() as session:
        channel = await _channel(session, channel_id, watchlist_id)
        await session.execute(delete(Channel).where(Channel.id == channel.id))


async def get_channel(services: Services, channel_id: int, *, watchlist_id: int) -> Channel:
    """One channel, its secrets still sealed. Raises NotFound."""
    async with services.db.read() as session:
        return await _channel(session, channel_id, watchlist_id)


async def list_channels(services: Services, watchlist_id: int) -> Sequence[Channel]:
    """A watchlist's channels, the oldest first."""
    async with services.db.read() as session:
        return await queries.channels_of(session, watchlist_id)


async def test_channel(
    services: Services,
    channel_id: int,
    *,
    watchlist_id: int | None = None,  # noqa: PT028 - no test
) -> Trial:
    """Send a test message now, by the same path as any other, once. Raises NotFound.

    A success opens a channel that was out of order.
    """
    async with services.db.read() as session:
        channel = await _channel(session, channel_id, watchlist_id)
        watchlist = await session.get_one(Watchlist, channel.watchlist_id)
    dedup = f"test:{secrets.token_hex(8)}"
    lang, now = watchlist.language, services.clock.now()
    message = Message(
        kind="test", title=f"Vigie – {word('test_title', lang)}", lang=lang, zone=watchlist.zone,
        ref=short_ref(dedup), lines=(word("test_line", lang, watchlist=watchlist.name),),
        data={"watchlist_id": str(watchlist.id), "channel_id": str(channel.id)},
    )  # fmt: skip
    outgoing = Outgoing(
        message=message, message_id=f"msg_{dedup.replace(':', '_')}", now=now, created_at=now,
        memory=channel.memory,
    )  # fmt: skip
    result = await attempt(services, channel, outgoing)
    await _record_trial(services, channel, outgoing, result, dedup=dedup)
    return Trial(
        ok=result.outcome is Outcome.SENT, outcome=str(result.outcome), status=result.status,
        error=result.error, answer=result.answer, took_ms=result.took_ms,
    )  # fmt: skip


async def _record_trial(
    services: Services, channel: Channel, outgoing: Outgoing, result: Result, *, dedup: str
) -> None:
    sent = result.outcome is Outcome.SENT
    now = services.clock.now()
    delivery = Delivery(
        id=key_at(now), channel_id=channel.id, dedup=dedup, message_id=outgoing.message_id,
        kind="test", payload=to_payload(outgoing.message), state="sent" if sent else "dead",
        attempt=1, due_at=now, tries=1, last_error=result.error, created_at=outgoing.now,
        sent_at=now if sent else None,
    )  # fmt: skip
    async with services.db.write() as session:
        session.add(delivery)
        await session.flush()
        session.add(
            DeliveryAttempt(
                delivery_id=delivery.id, number=1, at=now, outcome=str(result.outcome),
                status=result.status, answer=result.answer or result.error,
                took_ms=result.took_ms,
            )
        )  # fmt: skip
        current = await session.get_one(Channel, channel.id)
        if sent and current.version == channel.version:
            current.last_ok_at = now
            if current.state != "paused":
                _reopen(current)
                await _wake(session, channel.id, services)


def _reopen(channel: Channel) -> None:
    channel.state = "active"
    channel.hold_until = channel.failing_since = None
    channel.last_error = ""


async def _wake(session: AsyncSession, channel_id: int, services: Services) -> None:
    """What waits for the channel need not wait for its next planned try."""
    now = services.clock.now()
    await session.execute(
        update(Delivery)
        .where(
            Delivery.channel_id == channel_id, Delivery.state == "pending", Delivery.due_at > now
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


async def _channel(session: AsyncSession, channel_id: int, watchlist_id: int | None) -> Channel:
    channel = await session.get(Channel, channel_id)
    if channel is None or watchlist_id not in (None, channel.watchlist_id):
        raise NotFound("There is no such channel.", fr="Ce canal n’existe pas.")
    return channel


def _validated(kind: str, config: Mapping[str, Any]) -> ChannelConfig:
    made = transport_class(kind)
    given = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in config.items()
    }
    try:
        return made.Config(**given)
    except ValidationError as error:
        fault = first_fault(error)
        raise Invalid(fault, field=f"config.{fault.split(':', 1)[0]}") from None


def _named(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 100:
        raise Invalid(
            "Give the channel a name of 1 to 100 characters.",
            fr="Donnez au canal un nom de 1 à 100 caractères.", field="name",
        )  # fmt: skip
    return cleaned


def _no_watchlist() -> NotFound:
    return NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
