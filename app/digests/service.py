"""What routes, jobs and commands may ask of digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.digests import queries
from app.digests.build import build_due, preview, send_now
from app.digests.facts import from_json
from app.digests.render import Rendered, render
from app.digests.rules import Schedule, next_due, valid_send_at
from app.digests.tokens import read_token
from app.digests.words import word
from app.errors import Invalid, NotFound, Stale
from app.models import Channel, Delivery, Digest, DigestSubscription, Watchlist
from app.services import Services

__all__ = [
    "Rendered", "UnsubscribePage", "build_due", "edit_subscription", "get_digest",
    "get_subscription", "list_digests", "list_subscriptions", "preview", "remove_subscription",
    "send_now", "show_digest", "subscribe", "unsubscribe", "unsubscribe_page",
]  # fmt: skip

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """The words of the page that a GET of the link shows; only a POST does anything."""

    title: str
    line: str
    button: str
    done: str
    bad: str


async def subscribe(
    services: Services,
    watchlist_id: int,
    *,
    channel_id: int,
    language: str | None = None,
    zone: str | None = None,
    send_at: str = "08:00",
    skip_quiet: bool = False,
) -> DigestSubscription:
    """Send a digest each day to a channel. Language and zone: the watchlist's unless given.

    Raises Invalid (`field` says where) and NotFound.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        watchlist = await session.get(Watchlist, watchlist_id)
        if watchlist is None:
            raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
        await _check_channel(session, channel_id, watchlist_id)
        made = DigestSubscription(
            watchlist_id=watchlist_id, channel_id=channel_id,
            language=language or watchlist.language, zone=zone or watchlist.zone,
            send_at=send_at, skip_quiet=skip_quiet, created_at=now, updated_at=now,
        )  # fmt: skip
        _check(made)
        made.next_due_at = next_due(now, Schedule(send_at=made.send_at, zone=made.zone))
        session.add(made)
    return made


async def edit_subscription(
    services: Services,
    subscription_id: int,
    *,
    watchlist_id: int,
    version: int,
    channel_id: int | None = None,
    language: str | None = None,
    zone: str | None = None,
    send_at: str | None = None,
    skip_quiet: bool | None = None,
    active: bool | None = None,
) -> DigestSubscription:
    """Change what is given; `active=True` also takes up what was unsubscribed.

    Raises Stale, Invalid, NotFound.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        stored = await _subscription(session, subscription_id, watchlist_id)
        if stored.version != version:
            raise Stale(
                "This subscription was changed meanwhile: load it again.",
                fr="Cet abonnement a été modifié entre-temps : rechargez-le.",
            )
        if channel_id is not None:
            await _check_channel(session, channel_id, watchlist_id)
        given = {
            "channel_id": channel_id, "language": language, "zone": zone, "send_at": send_at,
            "skip_quiet": skip_quiet, "active": active,
        }  # fmt: skip
        for name, value in given.items():
            if value is not None:
                setattr(stored, name, value)
        if active:
            stored.unsubscribed_at = None
        _check(stored)
        stored.next_due_at = next_due(now, Schedule(send_at=stored.send_at, zone=stored.zone))
        stored.version += 1
        stored.updated_at = now
    return stored


async def remove_subscription(
    services: Services, subscription_id: int, *, watchlist_id: int
) -> None:
    """Remove a subscription with its digests. Raises NotFound."""
    async with services.db.write() as session:
        stored = await _subscription(session, subscription_id, watchlist_id)
        await session.execute(delete(DigestSubscription).where(DigestSubscription.id == stored.id))


async def get_subscription(
    services: Services, subscription_id: int, *, watchlist_id: int
) -> DigestSubscription:
    """One subscription. Raises NotFound."""
    async with services.db.read() as session:
        return await _subscription(session, subscription_id, watchlist_id)


async def list_subscriptions(services: Services, watchlist_id: int) -> Sequence[DigestSubscription]:
    """A watchlist's subscriptions, the oldest first."""
    async with services.db.read() as session:
        return await queries.subscriptions_of(session, watchlist_id)


async def list_digests(
    services: Services, watchlist_id: int, *, before: int | None = None, limit: int = 50
) -> Sequence[Digest]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    async with services.db.read() as session:
        return await queries.page_of_digests(session, watchlist_id, before=before, limit=limit)


async def get_digest(services: Services, digest_id: int, *, watchlist_id: int) -> Digest:
    """One digest. Raises NotFound."""
    async with services.db.read() as session:
        return (await _digest(session, digest_id, watchlist_id))[0]


async def show_digest(services: Services, digest_id: int, *, watchlist_id: int) -> Rendered:
    """A digest as it was, from the figures stored with it. Raises NotFound."""
    async with services.db.read() as session:
        digest, subscription = await _digest(session, digest_id, watchlist_id)
    if not digest.facts:
        raise NotFound(
            "This digest was skipped: there is nothing to show.",
            fr="Ce récap n’a pas été fait : il n’y a rien à montrer.",
        )
    return render(
        from_json(digest.facts),
        lang=subscription.language,
        public_url=services.settings.public_url,
    )


async def unsubscribe(services: Services, token: str) -> bool:
    """Stop a digest by the token of its mail; again and again gives the same answer.

    False: the token is forged, older than 60 days, or of a subscription that is no more.
    """
    now = services.clock.now()
    subscription_id = read_token(services.cipher, token, now=now)
    if subscription_id is None:
        return False
    async with services.db.write() as session:
        stored = await session.get(DigestSubscription, subscription_id)
        if stored is None:
            return False
        if stored.unsubscribed_at is None:
            stored.unsubscribed_at = now
            stored.version += 1
            await _cancel_queued(session, stored.id)
    return True


def unsubscribe_page(lang: str) -> UnsubscribePage:
    """The page's words."""
    return UnsubscribePage(
        title=word("unsub_title", lang), line=word("unsub_line", lang),
        button=word("unsub_button", lang), done=word("unsub_done", lang),
        bad=word("unsub_bad", lang),
    )  # fmt: skip


async def _cancel_queued(session: AsyncSession, subscription_id: int) -> None:
    """A digest that still waits for its channel is not wanted any more."""
    mine = select(Digest.id).where(Digest.subscription_id == subscription_id)
    await session.execute(
        update(Delivery)
        .where(Delivery.digest_id.in_(mine), Delivery.state == "pending")
        .values(state="cancelled", last_error="unsubscribed")
        .execution_options(synchronize_session=False)
    )


async def _check_channel(session: AsyncSession, channel_id: int, watchlist_id: int) -> None:
    channel = await session.get(Channel, channel_id)
    if channel is None or channel.watchlist_id != watchlist_id:
        raise Invalid(
            "There is no such channel in this watchlist.",
            fr="Il n’y a pas de tel canal dans cette veille.", field="channel_id",
        )  # fmt: skip


def _check(subscription: DigestSubscription) -> None:
    if subscription.zone not in available_timezones():
        raise Invalid(
            f"'{subscription.zone}' is no time zone; write Europe/Paris and the like.",
            fr=f"« {subscription.zone} » n’est pas un fuseau ; écrivez Europe/Paris, par exemple.",
            field="zone",
        )
    if not valid_send_at(subscription.send_at):
        raise Invalid(
            "Give the time as HH:MM, 08:00 for instance.",
            fr="Donnez l’heure sous la forme HH:MM, par exemple 08:00.", field="send_at",
        )  # fmt: skip
    if subscription.language not in LANGUAGES:
        raise Invalid(
            "A digest is written in 'fr' or 'en'.",
            fr="Un récap s’écrit en « fr » ou en « en ».", field="language",
        )  # fmt: skip


async def _subscription(
    session: AsyncSession, subscription_id: int, watchlist_id: int
) -> DigestSubscription:
    stored = await session.get(DigestSubscription, subscription_id)
    if stored is None or stored.watchlist_id != watchlist_id:
        raise NotFound("There is no such subscription.", fr="Cet abonnement n’existe pas.")
    return stored


async def _digest(
    session: AsyncSession, digest_id: int, watchlist_id: int
) -> tuple[Digest, DigestSubscription]:
    digest = await session.get(Digest, digest_id)
    subscription = await session.get(DigestSubscription, digest.subscription_id) if digest else None
    if digest is None or subscription is None or subscription.watchlist_id != watchlist_id:
        raise NotFound("There is no such digest.", fr="Ce récap n’existe pas.")
    return digest, subscription
