"""Empties the outbox: claims, sends outside any transaction, records.

Channels go concurrently, the messages of one channel one at a time and in order. A crash between
the sending and the record leaves the lease to run out; the message then goes again with the same
id (at least once), or is left as unknown where its channel says "never twice".
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.crashpoints import crash_point
from app.db.claim import Claim, LeaseLost, claim
from app.deliveries import queries
from app.deliveries.message import from_payload
from app.deliveries.record import Tryout, record
from app.deliveries.rules import REPLAYABLE_FOR, Outcome, Tried, decide
from app.deliveries.sending import Result, attempt
from app.deliveries.transports.base import Outgoing
from app.deliveries.transports.registry import transport_class
from app.errors import Invalid, StoreBusy, StoreFull
from app.models import Channel, Delivery, DeliveryAttempt
from app.services import Services

LEASE = timedelta(seconds=60)
MOST_AT_ONCE = 50
"""Channels served at the same time."""
ROUND_S = 20.0
"""After that one call hands in as soon as nothing is on its way."""
LONGEST_ROUND_S = 600.0
"""After that it claims no more, whatever is on its way; what it has begun it finishes."""
LOOK_S = 0.5
"""While a slow channel is on its way the others are looked after this often (R-26)."""
_BUSY_TRIES = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed message with all that the try needs."""

    claim: Claim
    delivery: Delivery
    channel: Channel
    before: tuple[DeliveryAttempt, ...]

    @property
    def lost_before(self) -> bool:
        """The try before left no record: a worker died, so nobody knows whether it was sent."""
        numbers = {attempt.number for attempt in self.before}
        return self.claim.attempt > 1 and self.claim.attempt - 1 not in numbers


async def drain(
    services: Services,
    *,
    jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads retries, guards nothing
) -> int:
    """Send what is due; returns the number of tries. Raises StoreBusy and StoreFull.

    One call claims for `ROUND_S` seconds, and as long as a slow channel keeps it: the next call
    cannot begin before it ends. A store that refuses a claim ends the claiming, not the sending:
    a message cut off in the middle would go twice.
    """
    await bury_stranded(services)
    running: set[asyncio.Task[None]] = set()
    handled, begun = 0, time.monotonic()
    failure: BaseException | None = None
    try:
        while True:
            if failure is None and _goes_on(time.monotonic() - begun, bool(running)):
                try:
                    for taken in await _take(services, limit=MOST_AT_ONCE - len(running)):
                        running.add(asyncio.create_task(_carry(services, taken, jitter)))
                except (StoreBusy, StoreFull) as refused:
                    failure = refused
            if not running:
                break
            done, running = await asyncio.wait(
                running, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED
            )
            handled += len(done)
            failure = next((e for task in done if (e := task.exception())), failure)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    if failure is not None:
        raise failure
    return handled


def _goes_on(for_s: float, busy: bool) -> bool:
    return for_s < (LONGEST_ROUND_S if busy else ROUND_S)


async def bury_stranded(services: Services) -> int:
    """Dead-letter what waited seven days for a channel that takes nothing (§4)."""
    created_before = services.clock.now() - REPLAYABLE_FOR
    async with services.db.read() as session:
        # Most looks find nothing; they need not wait for the writer's lane.
        if not await queries.stranded(session, created_before=created_before):
            return 0
    async with services.db.write() as session:
        return await queries.bury_stranded(session, created_before=created_before)


async def _take(services: Services, *, limit: int) -> list[Taken]:
    """Claim the next message of each channel that is free."""
    now = services.clock.now()
    if limit <= 0:
        return []
    async with services.db.read() as session:
        ready = await queries.ready_channels(session, now=now, limit=limit)
    if not ready:
        return []
    taken: list[Taken] = []
    async with services.db.write() as session:
        for channel in await queries.lock_channels(session, ready, now=now):
            claims = await claim(
                session, Delivery, due=queries.due_on(channel.id, now), order_by=Delivery.id,
                now=now, lease=LEASE, limit=1,
            )  # fmt: skip
            for mine in claims:
                delivery = await session.get_one(Delivery, mine.id)
                before = await queries.attempts_of(session, mine.id)
                taken.append(Taken(mine, delivery, channel, tuple(before)))
    return taken


async def _carry(services: Services, taken: Taken, jitter: Callable[[], float]) -> None:
    """One try from claim to record."""
    result = await _try(services, taken)
    crash_point("deliver.after_send")
    now = services.clock.now()
    step = decide(_tried(taken, result), now=now, jitter=jitter())
    tryout = Tryout(
        claim=taken.claim, delivery=taken.delivery, channel=taken.channel, result=result,
        step=step, at=now,
    )  # fmt: skip
    log = structlog.get_logger().bind(
        delivery_id=str(taken.delivery.id), channel_id=str(taken.channel.id), why=str(step.why)
    )
    for left in reversed(range(_BUSY_TRIES)):
        try:
            await record(services, tryout)
        except LeaseLost:
            log.warning("delivery.lease_lost")
            return
        except StoreBusy:
            # What was sent is known in memory only: try hard to write it down.
            if not left:
                raise
        else:
            log.info("delivery.tried", status=result.status, took_ms=result.took_ms)
            return


async def _try(services: Services, taken: Taken) -> Result:
    if taken.channel.never_twice and taken.lost_before:
        return Result(
            outcome=Outcome.UNKNOWN, error="a worker stopped in the middle of sending this"
        )
    delivery = taken.delivery
    kept = delivery.payload.get("_try") or {}
    try:
        message = from_payload(delivery.payload)
    except (TypeError, KeyError, ValueError):
        # One unreadable row (emptied by the retention job, written by a newer version) must
        # neither stop the others nor come back for ever.
        return Result(outcome=Outcome.GIVE_UP, error="its content is no longer there")
    outgoing = Outgoing(
        message=message, message_id=delivery.message_id,
        now=services.clock.now(), created_at=delivery.created_at,
        plain=bool(kept.get("plain")), done=frozenset(kept.get("done") or ()),
        memory=taken.channel.memory,
    )  # fmt: skip
    return await attempt(services, taken.channel, outgoing)


def _tried(taken: Taken, result: Result) -> Tried:
    kept = taken.delivery.payload.get("_try") or {}
    channel = taken.channel
    return Tried(
        outcome=result.outcome, tries=taken.delivery.tries, plain=bool(kept.get("plain")),
        after_s=result.after_s, idempotent=_idempotent(channel.kind),
        never_twice=channel.never_twice, failing_since=channel.failing_since,
        unknown_before=any(a.outcome == Outcome.UNKNOWN for a in taken.before),
    )  # fmt: skip


def _idempotent(kind: str) -> bool:
    try:
        return transport_class(kind).capabilities.idempotent
    except Invalid:
        return False
