"""What other slices, routes, jobs and commands may ask of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.deliveries import queries
from app.deliveries.channels import (
    ChannelKind,
    Trial,
    add_channel,
    channel_kinds,
    edit_channel,
    get_channel,
    list_channels,
    remove_channel,
    test_channel,
)
from app.deliveries.drain import bury_stranded, drain
from app.deliveries.message import Fact, Link, MentionLine, Message, short_ref
from app.deliveries.outbox import Post, enqueue, enqueue_all
from app.deliveries.text import cut, one_line, safe_url
from app.deliveries.transports.registry import broken as broken_transports
from app.errors import Conflict, NotFound
from app.models import Channel, Delivery, DeliveryAttempt
from app.services import Services

__all__ = [
    "ChannelKind", "Fact", "Link", "MentionLine", "Message", "Post", "Shown", "Trial",
    "add_channel", "broken_transports", "bury_stranded", "channel_kinds", "cut", "drain",
    "edit_channel", "enqueue", "enqueue_all", "get_channel", "get_delivery", "list_channels",
    "list_deliveries", "one_line", "remove_channel", "replay", "safe_url", "short_ref",
    "test_channel",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with all its tries."""

    delivery: Delivery
    attempts: Sequence[DeliveryAttempt]


async def list_deliveries(
    services: Services,
    watchlist_id: int,
    *,
    before: int | None = None,
    limit: int = 50,
    state: str | None = None,
    channel_id: int | None = None,
) -> Sequence[Delivery]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    async with services.db.read() as session:
        return await queries.page_of_deliveries(
            session, watchlist_id, before=before, limit=limit, state=state, channel_id=channel_id
        )


async def get_delivery(services: Services, delivery_id: int, *, watchlist_id: int) -> Shown:
    """One message and its tries. Raises NotFound."""
    async with services.db.read() as session:
        delivery = await session.get(Delivery, delivery_id)
        channel = await session.get(Channel, delivery.channel_id) if delivery else None
        if delivery is None or channel is None or channel.watchlist_id != watchlist_id:
            raise _no_delivery()
        return Shown(delivery, await queries.attempts_of(session, delivery.id))


async def replay(services: Services, delivery_id: int, *, watchlist_id: int) -> Delivery:
    """Queue a message again, with the same id, whatever became of it.

    Raises NotFound, and Conflict where it is still waiting.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        delivery = await session.get(Delivery, delivery_id)
        channel = await session.get(Channel, delivery.channel_id) if delivery else None
        if delivery is None or channel is None or channel.watchlist_id != watchlist_id:
            raise _no_delivery()
        if delivery.state == "pending":
            raise Conflict(
                "This message is still waiting for its turn.",
                fr="Ce message attend encore son tour.",
            )
        if not delivery.payload:
            raise Conflict(
                "The content of this message is past its retention: it cannot be sent again.",
                fr="Le contenu de ce message a dépassé sa durée de conservation : il ne peut plus "
                "être renvoyé.",
            )
        # A replay is a person's wish: it starts the plan anew and goes to every recipient.
        delivery.payload = {k: v for k, v in delivery.payload.items() if k != "_try"}
        delivery.state, delivery.due_at, delivery.tries = "pending", now, 0
        delivery.sent_at = None
    return delivery


def _no_delivery() -> NotFound:
    return NotFound("There is no such delivery.", fr="Cet envoi n’existe pas.")
