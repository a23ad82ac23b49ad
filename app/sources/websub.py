"""WebSub: hubs tell when a feed has news (https://www.w3.org/TR/websub/).

A push is only a hint: it makes the source due, and the ordinary poll reads the feed with its
validators. So a forged, lost or repeated push costs at most one conditional request a minute, what
is stored never comes from whoever found the callback, and polls go on, slower, as safety.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.upsert import insert_ignore
from app.errors import NotFound
from app.models import PushSubscription, Source
from collectors.errors import CollectorError
from collectors.rss.remembered import hub_of

if TYPE_CHECKING:
    from app.services import Services

LEASE = timedelta(days=10)
"""Asked for; a hub may grant another."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=90)
VERIFY_WITHIN = timedelta(hours=1)
"""A hub that has not verified by then is asked again."""
RETRY = timedelta(hours=6)
AGAIN_AFTER_NO = timedelta(days=7)
BETWEEN_PUSHES = timedelta(minutes=1)
SAFETY = timedelta(hours=3)
"""How long a poll may wait while a hub tells of news."""
BATCH = 20
KINDS = ("rss",)
_METHODS = ("sha1", "sha256", "sha384", "sha512")


def may_be_called(base_url: str, allowed: Sequence[object]) -> bool:
    """Whether hubs can reach us: over https by a name, or at an address the operator allowed. Pure.

    allowed: the networks of VIGIE_ALLOW_PRIVATE.
    """
    parts = urlsplit(base_url)
    try:
        address = ip_address(parts.hostname or "")
    except ValueError:
        return parts.scheme == "https" and "." in (parts.hostname or "")
    known = any(address in network for network in allowed)  # type: ignore[operator]  # networks
    return known or (parts.scheme == "https" and address.is_global)


def signed_rightly(header: str, body: bytes, secret: str) -> bool:
    """Whether X-Hub-Signature ("sha256=…") is of this body. Pure."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    own = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(own.encode(), given.strip().lower().encode("utf-8", "replace"))


def lease_of(stated: str) -> timedelta:
    """The lease that a hub grants, between bounds; ours where it states none. Pure."""
    if not (stated.isascii() and stated.isdigit() and len(stated) < 10):
        return LEASE
    return min(max(timedelta(seconds=int(stated)), SHORTEST), LONGEST)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One request to a hub."""

    source_id: int
    hub: str
    topic: str
    token: str
    secret: str
    failures: int


async def note_hubs(services: Services) -> int:
    """A subscription for each source whose feed names a hub, and none where it no longer does."""
    if not _reachable(services):
        return 0
    async with services.db.read() as session:
        rows = (
            await session.execute(
                select(Source.id, Source.cursor, PushSubscription.hub, PushSubscription.topic)
                .outerjoin(PushSubscription, PushSubscription.source_id == Source.id)
                .where(Source.kind.in_(KINDS), Source.removed_at.is_(None))
            )
        ).all()
    wanted = {row.id: hub_of(row.cursor or {}) for row in rows}
    there = {row.id: (row.hub, row.topic) for row in rows if row.hub}
    changed = {key: hub for key, hub in wanted.items() if hub[0] and there.get(key) != hub}
    gone = [key for key in there if not wanted[key][0] or key in changed]
    if changed or gone:
        async with services.db.write() as session:
            await _replace(services, session, changed, gone)
    return len(changed)


async def _replace(
    services: Services, session: AsyncSession, wanted: Mapping[int, tuple[str, str]],
    gone: Sequence[int],
) -> None:  # fmt: skip
    now = services.clock.now()
    await session.execute(delete(PushSubscription).where(PushSubscription.source_id.in_(gone)))
    rows = [
        {
            "source_id": source_id, "hub": hub, "topic": topic, "token": secrets.token_urlsafe(24),
            "secret": services.cipher.seal({"secret": secrets.token_urlsafe(32)}),
            "next_at": now, "created_at": now,
        }
        for source_id, (hub, topic) in wanted.items()
    ]  # fmt: skip
    await insert_ignore(session, PushSubscription, rows, on=["source_id"])


async def subscribe_due(services: Services) -> int:
    """Ask hubs for new subscriptions and renewals that are due; how many were asked."""
    if not _reachable(services):
        return 0
    asked = await _take_due(services)
    for one in asked:
        await _ask(services, one)
    return len(asked)


async def _take_due(services: Services) -> list[_Asking]:
    """Due rows, put off first: two workers, or one that dies, do not ask a hub twice in a row."""
    now = services.clock.now()
    async with services.db.write() as session:
        rows = (
            await session.scalars(
                select(PushSubscription)
                .where(PushSubscription.next_at <= now)
                .order_by(PushSubscription.next_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
        ).all()
        for row in rows:
            row.next_at = now + VERIFY_WITHIN
        return [
            _Asking(row.source_id, row.hub, row.topic, row.token,
                    services.cipher.open(row.secret)["secret"], row.failures)
            for row in rows
        ]  # fmt: skip


async def _ask(services: Services, one: _Asking) -> None:
    form = {
        "hub.mode": "subscribe", "hub.topic": one.topic, "hub.secret": one.secret,
        "hub.callback": f"{services.settings.public_url}/websub/{one.source_id}/{one.token}",
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }  # fmt: skip
    problem = ""
    try:
        await services.http.budget(5).post(
            one.hub, content=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
    except CollectorError as error:
        problem = str(error)
    # A hub may have verified while it answered: what that wrote stays.
    values: dict[str, object] = (
        {"last_error": problem[:500], "failures": one.failures + 1,
         "next_at": services.clock.now() + RETRY * min(one.failures + 1, 28)}
        if problem else {"failures": 0, "last_error": ""}
    )  # fmt: skip
    async with services.db.write() as session:
        await session.execute(
            update(PushSubscription)
            .where(PushSubscription.source_id == one.source_id, PushSubscription.token == one.token)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if not problem:
            await session.execute(
                update(PushSubscription)
                .where(
                    PushSubscription.source_id == one.source_id, PushSubscription.state != "active"
                )
                .values(state="asked")
                .execution_options(synchronize_session=False)
            )


async def verify(
    services: Services, source_id: int, token: str, *, mode: str, topic: str, lease: str
) -> None:
    """A hub asks whether we meant it, or says that it will not. Raises NotFound for no."""
    now = services.clock.now()
    async with services.db.write() as session:
        row = await _row(session, source_id, token)
        if mode == "denied":
            row.state, row.next_at, row.lease_until = "denied", now + AGAIN_AFTER_NO, None
            return
        if mode != "subscribe" or topic != row.topic:
            raise _unknown()
        granted = lease_of(lease)
        row.state, row.failures, row.last_error = "active", 0, ""
        row.lease_until = now + granted
        row.next_at = now + granted * 0.8


Pushed = Literal["due", "soon", "unsigned"]


async def pushed(
    services: Services, source_id: int, token: str, *, signature: str, body: bytes
) -> Pushed:
    """A hub tells of news: the source is due now, or a minute after its last poll.

    unsigned: the signature is not ours to believe; WebSub has it answered as if it were.
    Raises NotFound.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        row = await _row(session, source_id, token)
        if not signed_rightly(signature, body, services.cipher.open(row.secret)["secret"]):
            return "unsigned"
        row.pushed_at = now
        source = await session.get_one(Source, source_id)
        last = source.last_polled_at
        due = now if last is None else max(now, last + BETWEEN_PUSHES)
        # Not what backs off or waits for a person: a push is no reason to press.
        await session.execute(
            update(Source)
            .where(Source.id == source_id, Source.state == "active", Source.next_poll_at > due)
            .values(next_poll_at=due)
            .execution_options(synchronize_session=False)
        )
        return "due" if due == now else "soon"


async def safety_rest(session: AsyncSession, source: Source, now: datetime) -> float:
    """Seconds that a poll may wait because a hub tells of news; 0.0 where none does."""
    if not hub_of(source.cursor or {})[0]:
        return 0.0
    lease: datetime | None = await session.scalar(
        select(PushSubscription.lease_until).where(
            PushSubscription.source_id == source.id, PushSubscription.state == "active"
        )
    )
    return SAFETY.total_seconds() if lease and lease > now else 0.0


async def _row(session: AsyncSession, source_id: int, token: str) -> PushSubscription:
    row = await session.get(PushSubscription, source_id, with_for_update=True)
    known = row.token if row else ""
    if row is None or not hmac.compare_digest(known.encode(), token.encode("utf-8", "replace")):
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("There is no such subscription.", fr="Cet abonnement n’existe pas.")


def _reachable(services: Services) -> bool:
    from collectors.http import Policy

    allowed = Policy.parse(services.settings.allow_private).allow_private
    return may_be_called(services.settings.public_url, allowed)
