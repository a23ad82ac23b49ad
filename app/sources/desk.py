"""The desk of a source in the database: sessions, quotas and documents (collectors/desk.py).

Sessions and quota counts are written at once, in transactions of their own: what was asked was
asked, whatever becomes of the poll. Documents are stored with the page that carries them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import add_counts, insert_ignore, put
from app.models import QuotaLevel, Source, SourceDocument, SourceToken, Spending
from collectors.api import Collector, Metered
from collectors.desk import Desk, Document, Level, Quota, Token, refuse_beyond, settle

if TYPE_CHECKING:
    from datetime import datetime

    from app.services import Services

VERSIONS = 50
"""Versions of one document that are kept for people to compare."""


def desk_for(services: Services, source: Source, collector: Collector) -> Desk:
    """The desk that this source's polls work at."""
    quotas = collector.quotas() if isinstance(collector, Metered) else ()
    credential = _credential(services, source)
    return Desk(
        tokens=_Tokens(services, credential),
        ledger=SourceLedger(
            services, source.id, {q.name: q for q in quotas}, kind=source.kind,
            credential=credential, host=_host(source.config),
        ),
        shelf=_Shelf(services, source.id),
    )  # fmt: skip


def _credential(services: Services, source: Source) -> str:
    """What the same secrets at the same place share; unguessable from outside."""
    secrets = sorted(services.cipher.open(source.secrets).items())
    # Without a secret it is the place that counts us, by our address.
    told = orjson.dumps([source.kind, secrets, _host(source.config)])
    return services.cipher.keyed_hash(told.decode())


def _host(config: Mapping[str, object]) -> str:
    """The first host that a configuration names; "" where the kind has only one."""
    for value in config.values():
        if isinstance(value, str) and "://" in value:
            return (urlsplit(value).hostname or "").lower()
    return ""


@dataclass(frozen=True, slots=True)
class _Tokens:
    services: Services
    credential: str

    async def get(self, name: str) -> Token | None:
        async with self.services.db.read() as session:
            row = await session.get(SourceToken, (self.credential, name))
        if row is None:
            return None
        opened = self.services.cipher.open(row.sealed)
        return Token(
            value=opened["value"], refresh=opened.get("refresh", ""), expires_at=row.expires_at
        )

    async def put(self, name: str, token: Token | None) -> None:
        async with self.services.db.write() as session:
            if token is None:
                mine = (SourceToken.credential == self.credential, SourceToken.name == name)
                await session.execute(delete(SourceToken).where(*mine))
                return
            sealed = self.services.cipher.seal({"value": token.value, "refresh": token.refresh})
            row = {
                "credential": self.credential, "name": name, "sealed": sealed,
                "expires_at": token.expires_at, "updated_at": self.services.clock.now(),
            }  # fmt: skip
            await put(session, SourceToken, [row], keys=("credential", "name"))


@dataclass(frozen=True, slots=True)
class SourceLedger:
    """Counts what one source spends, against quotas that others may share."""

    services: Services
    source_id: int
    quotas: Mapping[str, Quota]
    kind: str
    credential: str
    host: str

    async def spend(self, quota: str, amount: int = 1) -> None:
        await self._count(self.quotas[quota], amount, refuse=True)

    async def owe(self, quota: str, amount: int) -> None:
        await self._count(self.quotas[quota], amount, refuse=False)

    async def left(self, quota: str) -> int:
        one, now = self.quotas[quota], self.services.clock.now()
        async with self.services.db.read() as session:
            row = await session.get(QuotaLevel, (self.sharer(one), quota))
            level = Level(row.used, row.at) if row else None
        return max(int(one.limit - settle(one, level, now)), 0)

    def sharer(self, quota: Quota) -> str:
        """The key of those who share a quota."""
        return f"{self.kind}:{self.host if quota.scope == 'host' else self.credential}"

    async def _count(self, quota: Quota, amount: int, *, refuse: bool) -> None:
        now, key = self.services.clock.now(), (self.sharer(quota), quota.name)
        async with self.services.db.write() as session:
            level = await _locked(session, key, now)
            used = settle(quota, Level(level.used, level.at), now)
            if refuse:
                refuse_beyond(quota, used, amount, now)
            level.used, level.at = used + amount, now
            await self._note(session, quota, amount, now)

    async def _note(self, session: AsyncSession, quota: Quota, amount: int, now: datetime) -> None:
        row = {
            "source_id": self.source_id, "day": now.date().isoformat(), "name": quota.name,
            "currency": quota.currency, "amount": amount, "cost": float(amount * quota.price),
        }  # fmt: skip
        keys = ("source_id", "day", "name", "currency")
        await add_counts(session, Spending, [row], keys=keys)


async def _locked(session: AsyncSession, key: tuple[str, str], now: datetime) -> QuotaLevel:
    """The row of a quota, made where there is none, and ours until the commit."""
    sharer, name = key
    row = {"sharer": sharer, "name": name, "used": 0.0, "at": now}
    await insert_ignore(session, QuotaLevel, [row], on=("sharer", "name"))
    found = await session.scalars(
        select(QuotaLevel)
        .where(QuotaLevel.sharer == sharer, QuotaLevel.name == name)
        .with_for_update()
    )
    return found.one()


@dataclass(frozen=True, slots=True)
class _Shelf:
    services: Services
    source_id: int

    async def latest(self, name: str) -> Document | None:
        async with self.services.db.read() as session:
            row = await session.scalar(
                select(SourceDocument)
                .where(SourceDocument.source_id == self.source_id, SourceDocument.name == name)
                .order_by(SourceDocument.id.desc())
                .limit(1)
            )
        if row is None:
            return None
        return Document(
            name=row.name, text=row.text, kind="state" if row.kind == "state" else "version"
        )

    async def names(self) -> Sequence[str]:
        async with self.services.db.read() as session:
            rows = await session.scalars(
                select(SourceDocument.name)
                .where(SourceDocument.source_id == self.source_id)
                .distinct()
                .order_by(SourceDocument.name)
            )
            return rows.all()


async def shelve(
    session: AsyncSession, source_id: int, documents: Sequence[Document], *, now: datetime
) -> None:
    """Keep what a page carried, in the page's own transaction; old versions make room."""
    for one in documents:
        mine = (SourceDocument.source_id == source_id, SourceDocument.name == one.name)
        newest = await session.scalar(
            select(SourceDocument.id).where(*mine).order_by(SourceDocument.id.desc()).limit(1)
        )
        if one.kind == "state":
            await session.execute(delete(SourceDocument).where(*mine))
        # Newer than the one before also where both come in one second.
        key = max(key_at(now), (newest or 0) + 1)
        session.add(
            SourceDocument(
                id=key, source_id=source_id, name=one.name, kind=one.kind, text=one.text,
                created_at=now,
            )
        )  # fmt: skip
        if one.kind == "state":
            continue
        await session.flush()
        old = (
            select(SourceDocument.id).where(*mine)
            .order_by(SourceDocument.id.desc()).offset(VERSIONS)
        )  # fmt: skip
        await session.execute(
            delete(SourceDocument).where(SourceDocument.id.in_(old.scalar_subquery()))
        )
