"""Set-up links, sessions, keys, audit: load → decide → save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import queries, rules
from app.access.rules import Principal, Scope
from app.access.tokens import SHOWN, digest, new_key, new_token
from app.audit import record
from app.db.keys import key_at
from app.errors import Invalid, NotFound, StoreBusy, StoreFull
from app.models import ApiKey, AuditEntry, Member, SignInLink
from app.models import Session as BrowserSession
from app.services import Services

KEY_DAYS = 365
MOST_KEY_DAYS = 3650


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: the only time its secret is seen."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser just signed in: the cookie's token, and whose it is."""

    token: str
    member: Member


async def setup_link(services: Services) -> str | None:
    """The address that makes the first admin, valid 24 h; None once there is a member."""
    now, token = services.clock.now(), new_token()
    async with services.db.write() as session:
        await queries.forget_expired(session, now)
        if await queries.has_members(session):
            return None
        session.add(
            SignInLink(
                token_hash=digest(token),
                member_id=None,
                expires_at=now + rules.SETUP_LASTS,
                used_at=None,
            )
        )
    return f"{services.settings.public_url}/setup/{token}"


async def sign_in_link(services: Services, member: Member) -> str:
    """A one-time address that signs this member in, valid 24 h."""
    now, token = services.clock.now(), new_token()
    async with services.db.write() as session:
        session.add(
            SignInLink(
                token_hash=digest(token),
                member_id=member.id,
                expires_at=now + rules.SETUP_LASTS,
                used_at=None,
            )
        )
    return f"{services.settings.public_url}/setup/{token}"


async def find_member(services: Services, name: str = "") -> Member:
    """By name or address; without one, the first admin. Raises NotFound."""
    async with services.db.read() as session:
        if name:
            found = await queries.member_by_name(session, name)
        else:
            everyone = await queries.members(session)
            found = next((m for m in everyone if m.role == "admin" and not m.disabled_at), None)
    if found is None:
        raise NotFound(
            f"No member '{name}': open the set-up link of `vigie serve` first."
            if name
            else "There is no admin yet: open the set-up link that `vigie serve` prints.",
            fr=f"Pas de membre « {name} » : ouvrez d’abord le lien donné par `vigie serve`."
            if name
            else "Pas encore d’admin : ouvrez le lien que `vigie serve` affiche.",
        )
    return found


async def link_is_good(services: Services, token: str) -> bool:
    """Whether opening it would sign in. Looking uses nothing up: mail scanners follow links."""
    async with services.db.read() as session:
        link = await queries.link_by_hash(session, digest(token), services.clock.now())
        return link is not None and (
            link.member_id is not None or not await queries.has_members(session)
        )


async def redeem_link(
    services: Services, token: str, *, name: str = "", lang: str = "", old_session: str = ""
) -> SignedIn:
    """Use a link up: the first one makes the admin; every one gives a fresh session and ends the
    one this browser had. Raises NotFound where it is wrong, used or over."""
    now, fresh, hashed = services.clock.now(), new_token(), digest(token)
    async with services.db.write() as session:
        link = await queries.link_by_hash(session, hashed, now)
        if link is None or not await queries.use_link(session, hashed, now):
            raise _bad_link()
        if link.member_id is None:
            if await queries.has_members(session):
                raise _bad_link()
            member = _first_admin(name, lang, now)
            session.add(member)
            await session.flush()
            record(
                session, now=now, actor=f"member:{member.id}", action="member.create",
                subject="member", subject_id=member.id,
            )  # fmt: skip
        else:
            known = await queries.member_by_id(session, link.member_id)
            if known is None or known.disabled_at is not None:
                raise _bad_link()
            member = known
        if old_session:
            await _end(session, old_session)
        session.add(_new_session(fresh, member, now))
    return SignedIn(token=fresh, member=member)


def _bad_link() -> NotFound:
    return NotFound(
        "This link was used already or is over: make a new one with `vigie access link`.",
        fr="Ce lien a déjà servi ou a expiré : faites-en un autre par `vigie access link`.",
    )


def _first_admin(name: str, lang: str, now: datetime) -> Member:
    return Member(
        id=key_at(now), name=name.strip()[:100] or "Admin", role="admin", language=lang,
        email="", created_at=now, disabled_at=None,
    )  # fmt: skip


def _new_session(token: str, member: Member, now: datetime) -> BrowserSession:
    return BrowserSession(
        token_hash=digest(token), member_id=member.id, csrf=new_token(), created_at=now,
        seen_at=now, expires_at=rules.session_ends(created_at=now, now=now),
    )  # fmt: skip


async def _end(session: AsyncSession, token: str) -> None:
    await session.execute(delete(BrowserSession).where(BrowserSession.token_hash == digest(token)))


async def sign_out(services: Services, token: str) -> None:
    async with services.db.write() as session:
        await _end(session, token)


async def principal_of_session(services: Services, token: str) -> Principal | None:
    """Whose cookie this is; None where it is nobody's. Moves the idle limit."""
    now, hashed = services.clock.now(), digest(token)
    async with services.db.read() as session:
        found = await queries.session_by_hash(session, hashed, now)
    if found is None:
        return None
    live, member = found
    if now - live.seen_at >= rules.TOUCH_EVERY:
        ends = rules.session_ends(created_at=live.created_at, now=now)
        await _touch(
            services,
            update(BrowserSession)
            .where(BrowserSession.token_hash == hashed)
            .values(seen_at=now, expires_at=ends),
        )
    return Principal(
        kind="session",
        name=member.name,
        scope=rules.ROLE_SCOPES.get(member.role, "read"),
        member_id=member.id,
        csrf=live.csrf,
        lang=member.language,
    )


async def principal_of_key(services: Services, secret: str) -> Principal | None:
    """Whose key this is; None where it is wrong, revoked or over: one answer for all three."""
    now = services.clock.now()
    async with services.db.read() as session:
        key = await queries.key_by_hash(session, digest(secret))
    if key is None:
        return None
    state = rules.key_state(revoked_at=key.revoked_at, expires_at=key.expires_at, now=now)
    if state != "active" or key.scope not in rules.SCOPES:
        return None
    if key.last_used_at is None or now - key.last_used_at >= rules.TOUCH_EVERY:
        await _touch(services, update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))
    return Principal(
        kind="key", name=key.name, scope=_scope(key.scope), member_id=key.member_id,
        prefix=key.prefix,
    )  # fmt: skip


def _scope(value: str) -> Scope:
    return next(scope for scope in rules.SCOPES if scope == value)


async def _touch(services: Services, statement: Any) -> None:
    """A note of use. It must not fail the request it belongs to: a busy or full store
    means that the note is made next time."""
    try:
        async with services.db.write() as session:
            await session.execute(statement.execution_options(synchronize_session=False))
    except (StoreBusy, StoreFull):
        return


async def create_key(
    services: Services,
    name: str,
    scope: str,
    *,
    days: int | None = KEY_DAYS,
    member_id: int | None = None,
    actor: str = "system",
) -> NewKey:
    """A new API key. days: how long it lasts, None: until revoked. Raises Invalid."""
    if scope not in rules.SCOPES:
        raise Invalid(
            f"'{scope}' is not a scope: choose read, write or admin.",
            fr=f"« {scope} » n’est pas une portée : choisissez read, write ou admin.",
            field="scope",
        )
    if days is not None and not 1 <= days <= MOST_KEY_DAYS:
        raise Invalid(
            f"A key lasts 1 to {MOST_KEY_DAYS} days.",
            fr=f"Une clé dure de 1 à {MOST_KEY_DAYS} jours.",
            field="days",
        )
    if not name.strip():
        raise Invalid("Give the key a name.", fr="Donnez un nom à la clé.", field="name")
    now, secret = services.clock.now(), new_key()
    key = ApiKey(
        id=key_at(now), name=name.strip()[:100], prefix=secret[:SHOWN], hash=digest(secret),
        scope=scope, member_id=member_id, created_at=now, last_used_at=None, revoked_at=None,
        expires_at=now + timedelta(days=days) if days is not None else None,
    )  # fmt: skip
    async with services.db.write() as session:
        session.add(key)
        record(
            session, now=now, actor=actor, action="key.create", subject="key", subject_id=key.id,
            detail={"prefix": key.prefix, "scope": scope},
        )  # fmt: skip
    return NewKey(key=key, secret=secret)


async def list_keys(services: Services) -> Sequence[ApiKey]:
    async with services.db.read() as session:
        return await queries.keys(session)


async def revoke_key(services: Services, key_id: int, *, actor: str = "system") -> ApiKey:
    """Ends a key at once; doing it again changes nothing. Raises NotFound."""
    async with services.db.write() as session:
        key = await session.get(ApiKey, key_id)
        if key is None:
            raise NotFound("There is no such key.", fr="Il n’y a pas de telle clé.")
        if key.revoked_at is None:
            key.revoked_at = now = services.clock.now()
            record(
                session, now=now, actor=actor, action="key.revoke", subject="key",
                subject_id=key.id,
            )  # fmt: skip
    return key


async def note_change(
    services: Services, actor: str, action: str, *, subject: str, subject_id: int | str = ""
) -> None:
    """A line of the audit for a change that a slice made and does not audit itself (R-53)."""
    async with services.db.write() as session:
        record(
            session, now=services.clock.now(), actor=actor, action=action, subject=subject,
            subject_id=subject_id,
        )  # fmt: skip


async def list_audit(
    services: Services, *, before: int | None = None, limit: int = 100
) -> Sequence[AuditEntry]:
    async with services.db.read() as session:
        return await queries.audit_entries(session, before=before, limit=limit)
