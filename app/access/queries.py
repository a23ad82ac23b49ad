"""SQL of members, links, sessions and keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ApiKey, AuditEntry, Member, SignInLink
from app.models import Session as BrowserSession


async def has_members(session: AsyncSession) -> bool:
    return (await session.scalar(select(Member.id).limit(1))) is not None


async def member_by_id(session: AsyncSession, member_id: int) -> Member | None:
    return await session.get(Member, member_id)


async def members(session: AsyncSession) -> Sequence[Member]:
    """Oldest first."""
    found = await session.scalars(select(Member).order_by(Member.id))
    return found.all()


async def member_by_name(session: AsyncSession, name: str) -> Member | None:
    """By name or address, whatever the case."""
    wanted = name.strip().lower()
    found = await session.scalars(
        select(Member)
        .where(or_(func.lower(Member.name) == wanted, func.lower(Member.email) == wanted))
        .order_by(Member.id)
        .limit(1)
    )
    return found.one_or_none()


async def link_by_hash(session: AsyncSession, token_hash: str, now: datetime) -> SignInLink | None:
    """A link that can still be used."""
    found = await session.scalars(
        select(SignInLink).where(
            SignInLink.token_hash == token_hash,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
    )
    return found.one_or_none()


async def use_link(session: AsyncSession, token_hash: str, now: datetime) -> bool:
    """True for the one caller whose update finds it unused."""
    result = await session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == token_hash,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Links and sessions that nobody can use any more."""
    await session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    await session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= now))


async def session_by_hash(
    session: AsyncSession, token_hash: str, now: datetime
) -> tuple[BrowserSession, Member] | None:
    """A live session of a member who is not disabled."""
    found = await session.execute(
        select(BrowserSession, Member)
        .join(Member, Member.id == BrowserSession.member_id)
        .where(
            BrowserSession.token_hash == token_hash,
            BrowserSession.expires_at > now,
            Member.disabled_at.is_(None),
        )
    )
    row = found.one_or_none()
    return (row[0], row[1]) if row else None


async def key_by_hash(session: AsyncSession, key_hash: str) -> ApiKey | None:
    found = await session.scalars(select(ApiKey).where(ApiKey.hash == key_hash))
    return found.one_or_none()


async def keys(session: AsyncSession) -> Sequence[ApiKey]:
    """Newest first, revoked ones included."""
    found = await session.scalars(select(ApiKey).order_by(ApiKey.id.desc()))
    return found.all()


async def audit_entries(
    session: AsyncSession, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """Newest first, below the key `before`."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    return (await session.scalars(statement)).all()
