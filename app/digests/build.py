"""Makes digests: the ones that are due, one to look at, one to send now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.deliveries.service import Link, Message, enqueue
from app.digests import queries
from app.digests.facts import Facts, to_json
from app.digests.gather import gather
from app.digests.render import Rendered, lines, render
from app.digests.rules import Schedule, plan, told_of
from app.digests.tokens import make_token
from app.digests.words import word
from app.errors import Invalid, NotFound, StoreBusy, StoreFull
from app.models import Digest, DigestSubscription, Watchlist
from app.services import Services

BATCH = 20


async def build_due(services: Services) -> int:
    """Make the digests that are due; returns the number of subscriptions handled.

    The figures are read outside the writing transaction; the digest row, its message and the
    next due time are written in one (R-29).
    """
    now = services.clock.now()
    async with services.db.read() as session:
        due = await queries.due_subscriptions(session, now=now, limit=BATCH)
    failure: Exception | None = None
    for subscription in due:
        try:
            await _build(services, subscription, now)
        except (StoreBusy, StoreFull):
            raise  # true of all the others too
        except Exception as bug:  # one that cannot be made must not stop the others
            structlog.get_logger().error("digest.failed", subscription_id=str(subscription.id))
            failure = failure or bug
    if failure is not None:
        raise failure
    return len(due)


async def preview(
    services: Services,
    *,
    subscription_id: int | None = None,
    watchlist_id: int | None = None,
    day: date | None = None,
    lang: str | None = None,
) -> Rendered:
    """The digest that would be sent on local date `day` (default: today), without sending it.

    Either of the ids; with both, the subscription must be of that watchlist. Raises NotFound.
    """
    now = services.clock.now()
    async with services.db.read() as session:
        watchlist, subscription = await _asked(session, subscription_id, watchlist_id)
        zone = subscription.zone if subscription else watchlist.zone
        local_date = day or now.astimezone(ZoneInfo(zone)).date()
        facts = await gather(session, watchlist, told_of(local_date, zone), zone=zone, now=now)
    language = lang or (subscription.language if subscription else watchlist.language)
    link = unsubscribe_url(services, subscription.id, now=now) if subscription else ""
    return render(
        facts, lang=language, public_url=services.settings.public_url, unsubscribe_url=link
    )


async def send_now(services: Services, subscription_id: int, *, watchlist_id: int) -> int:
    """Queue today's digest once more, beside the daily one; returns how many messages.

    Raises NotFound.
    """
    now = services.clock.now()
    async with services.db.read() as session:
        watchlist, subscription = await _asked(session, subscription_id, watchlist_id)
        assert subscription is not None
        local_date = now.astimezone(ZoneInfo(subscription.zone)).date()
        span = told_of(local_date, subscription.zone)
        facts = await gather(session, watchlist, span, zone=subscription.zone, now=now)
    message = message_of(services, facts, subscription, now=now)
    prefix = f"digest:{subscription.id}:{local_date}:now:{int(now.timestamp())}"
    async with services.db.write() as session:
        return await enqueue(
            session, [subscription.channel_id], message, dedup_prefix=prefix, now=now
        )


def message_of(
    services: Services, facts: Facts, subscription: DigestSubscription, *, now: datetime
) -> Message:
    """A digest as a message: the whole mail, and a few lines for channels that show none."""
    public_url, lang = services.settings.public_url, subscription.language
    link = unsubscribe_url(services, subscription.id, now=now)
    rendered = render(facts, lang=lang, public_url=public_url, unsubscribe_url=link)
    host = public_url.partition("//")[2].partition("/")[0].partition(":")[0]
    return Message(
        kind="digest", title=rendered.subject, lang=lang, zone=subscription.zone,
        lines=lines(facts, lang), links=(Link(word("open", lang), public_url),),
        data={"watchlist_id": facts.watchlist_id, "day": facts.day, "figures": to_json(facts)},
        html=rendered.html, text=rendered.text,
        headers={
            "List-Id": f"Vigie <digest-{subscription.id}.{host or 'localhost'}>",
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )  # fmt: skip


def unsubscribe_url(services: Services, subscription_id: int, *, now: datetime) -> str:
    """The one-click address of RFC 8058, valid for 60 days."""
    token = make_token(services.cipher, subscription_id, now=now)
    return f"{services.settings.public_url}/unsubscribe/{token}"


async def _build(services: Services, due: DigestSubscription, now: datetime) -> None:
    schedule = Schedule(send_at=due.send_at, zone=due.zone)
    planned = plan(due.next_due_at, schedule, now=now)
    facts: Facts | None = None
    if planned.send is not None:
        async with services.db.read() as session:
            watchlist = await session.get_one(Watchlist, due.watchlist_id)
            span = told_of(planned.send, due.zone)
            facts = await gather(session, watchlist, span, zone=due.zone, now=now)
    async with services.db.write() as session:
        mine = await _still_due(session, due)
        if mine is None:
            return  # another worker was faster, or a person changed the subscription
        await _record_skipped(session, due, planned.skipped, now)
        if planned.send is not None and facts is not None:
            await _record(session, services, due, facts, local_date=planned.send, now=now)
        mine.next_due_at = planned.next_due_at
    structlog.get_logger().info(
        "digest.built", subscription_id=str(due.id), sent_for=str(planned.send or ""),
        skipped=len(planned.skipped),
    )  # fmt: skip


async def _still_due(session: AsyncSession, due: DigestSubscription) -> DigestSubscription | None:
    found = await session.execute(
        select(DigestSubscription)
        .where(
            DigestSubscription.id == due.id,
            DigestSubscription.next_due_at == due.next_due_at,
            DigestSubscription.version == due.version,
            DigestSubscription.unsubscribed_at.is_(None),
        )
        .with_for_update()
    )
    return found.scalar_one_or_none()


async def _record(
    session: AsyncSession,
    services: Services,
    subscription: DigestSubscription,
    facts: Facts,
    *,
    local_date: date,
    now: datetime,
) -> None:
    quiet = subscription.skip_quiet and facts.is_quiet
    digest_id = await _insert(
        session, subscription, local_date, now=now, facts=facts,
        state="skipped" if quiet else "queued", note="quiet" if quiet else "",
    )  # fmt: skip
    if digest_id is None or quiet:
        return
    await enqueue(
        session, [subscription.channel_id], message_of(services, facts, subscription, now=now),
        dedup_prefix=f"digest:{subscription.id}:{local_date}", now=now, digest_id=digest_id,
    )  # fmt: skip


async def _record_skipped(
    session: AsyncSession, subscription: DigestSubscription, days: Sequence[date], now: datetime
) -> None:
    for day in days:
        await _insert(
            session, subscription, day, now=now, facts=None, state="skipped", note="missed"
        )


async def _insert(
    session: AsyncSession,
    subscription: DigestSubscription,
    local_date: date,
    *,
    now: datetime,
    facts: Facts | None,
    state: str,
    note: str,
) -> int | None:
    """The new row's id; None where that date has its digest already."""
    span = told_of(local_date, subscription.zone)
    row = {
        "id": key_at(now), "subscription_id": subscription.id,
        "local_date": local_date.isoformat(), "window_start": span.start, "window_end": span.end,
        "state": state, "note": note, "facts": to_json(facts) if facts else {},
        "created_at": now,
    }  # fmt: skip
    await insert_ignore(session, Digest, [row], on=["subscription_id", "local_date"])
    found = await session.execute(select(Digest.id).where(Digest.id == row["id"]))
    return found.scalar_one_or_none()


async def _asked(
    session: AsyncSession, subscription_id: int | None, watchlist_id: int | None
) -> tuple[Watchlist, DigestSubscription | None]:
    subscription: DigestSubscription | None = None
    if subscription_id is not None:
        subscription = await session.get(DigestSubscription, subscription_id)
        if subscription is None or watchlist_id not in (None, subscription.watchlist_id):
            raise NotFound("There is no such subscription.", fr="Cet abonnement n’existe pas.")
        watchlist_id = subscription.watchlist_id
    if watchlist_id is None:
        raise Invalid(
            "Name a watchlist or a subscription.", fr="Nommez une veille ou un abonnement."
        )
    watchlist = await session.get(Watchlist, watchlist_id)
    if watchlist is None:
        raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
    return watchlist, subscription
