"""Accounts: added by a person, read once a local day by the collector of their platform."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from pydantic import ValidationError
from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.accounts.rules import AGAIN, Figure, clean_handle, growth, local_day, next_reading
from app.db.keys import key_at
from app.db.upsert import insert_ignore, put
from app.errors import Invalid, NotFound
from app.models import Account, AccountSnapshot, Brand, Source, Watchlist, WatchlistSource
from app.sources.kinds import collector_class
from app.sources.service import build_collector, desk_for
from app.watchlists.service import get_brand, require_watchlist
from collectors.api import Collector, Profiles, ProfileSnapshot
from collectors.errors import CollectorError

if TYPE_CHECKING:
    from app.services import Services
    from collectors.http import Http

BATCH = 20


@dataclass(frozen=True, slots=True)
class Followed:
    """An account with its days, oldest first."""

    account: Account
    snapshots: Sequence[AccountSnapshot]

    @property
    def growth(self) -> int | None:
        """Followers won over these days."""
        return growth([Figure(one.day, one.followers) for one in self.snapshots])


async def list_accounts(
    services: Services, watchlist_id: int, *, days: int = 30, brand_id: int | None = None
) -> Sequence[Followed]:
    """The accounts of a watchlist's brands with their last days. Raises NotFound."""
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        wanted = [Brand.watchlist_id == watchlist_id]
        wanted += [Brand.id == brand_id] if brand_id is not None else []
        accounts = (
            await session.scalars(
                select(Account)
                .join(Brand, Brand.id == Account.brand_id)
                .where(*wanted)
                .order_by(Brand.name, Account.platform, Account.handle)
            )
        ).all()
        told = await _last_days(session, [one.id for one in accounts], days)
        return [Followed(one, told.get(one.id, ())) for one in accounts]


async def get_account(
    services: Services, watchlist_id: int, account_id: int, *, days: int = 90
) -> Followed:
    """Raises NotFound."""
    async with services.db.read() as session:
        account = await _account(session, watchlist_id, account_id)
        told = await _last_days(session, [account_id], days)
        return Followed(account, told.get(account_id, ()))


async def _last_days(
    session: AsyncSession, account_ids: Sequence[int], days: int
) -> Mapping[int, Sequence[AccountSnapshot]]:
    """The last days that were read of each account, oldest first."""
    number = func.row_number().over(
        partition_by=AccountSnapshot.account_id, order_by=AccountSnapshot.day.desc()
    )
    last = (
        select(AccountSnapshot.account_id, AccountSnapshot.day, number.label("number"))
        .where(AccountSnapshot.account_id.in_(account_ids))
        .subquery()
    )
    rows = await session.scalars(
        select(AccountSnapshot)
        .join(
            last,
            (last.c.account_id == AccountSnapshot.account_id) & (last.c.day == AccountSnapshot.day),
        )
        .where(last.c.number <= days)
        .order_by(AccountSnapshot.account_id, AccountSnapshot.day)
    )
    found: dict[int, list[AccountSnapshot]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    return found


async def add_account(
    services: Services, watchlist_id: int, *, brand_id: int, platform: str, handle: str,
    url: str = "", actor: str = "system",
) -> Account:  # fmt: skip
    """Follow an account of a brand; the same one again gives the first.

    platform: the kind of a collector that reads profiles. Raises NotFound, Invalid.
    """
    await get_brand(services, watchlist_id, brand_id)
    if not issubclass(collector_class(platform), Profiles):
        raise Invalid(
            f"The kind {platform} cannot read an account's figures.",
            fr=f"Le type {platform} ne sait pas lire les chiffres d’un compte.",
            field="platform",
        )
    name = clean_handle(handle)
    if not name:
        raise Invalid("Give the account's handle.", fr="Donnez le nom du compte.", field="handle")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Invalid(
            "The address must begin with https://.",
            fr="L’adresse doit commencer par https://.", field="url",
        )  # fmt: skip
    now = services.clock.now()
    row = {
        "id": key_at(now), "brand_id": brand_id, "platform": platform, "handle": name,
        "url": url, "created_at": now,
    }  # fmt: skip
    async with services.db.write() as session:
        await insert_ignore(session, Account, [row], on=("brand_id", "platform", "handle"))
        stored = await session.scalar(
            select(Account).where(
                Account.brand_id == brand_id, Account.platform == platform, Account.handle == name
            )
        )
        assert stored is not None
        audit.record(
            session, now=now, actor=actor, action="account.add", subject="account",
            subject_id=stored.id, detail={"platform": platform},
        )  # fmt: skip
        return stored


async def remove_account(
    services: Services, watchlist_id: int, account_id: int, *, actor: str = "system"
) -> None:
    """Follow it no longer; its days go too. Raises NotFound."""
    async with services.db.write() as session:
        account = await _account(session, watchlist_id, account_id)
        await session.delete(account)
        audit.record(
            session, now=services.clock.now(), actor=actor, action="account.remove",
            subject="account", subject_id=account_id,
        )  # fmt: skip


async def _account(session: AsyncSession, watchlist_id: int, account_id: int) -> Account:
    found: Account | None = await session.scalar(
        select(Account)
        .join(Brand, Brand.id == Account.brand_id)
        .where(Brand.watchlist_id == watchlist_id, Account.id == account_id)
    )
    if found is None:
        raise NotFound(
            "There is no such account in this watchlist.",
            fr="Ce compte n’existe pas dans cette veille.",
        )
    return found


async def read_accounts(services: Services) -> int:
    """Read the accounts that are due; how many. Each is tried apart from the others."""
    now = services.clock.now()
    async with services.db.write() as session:
        due = await session.execute(
            select(Account, Watchlist)
            .join(Brand, Brand.id == Account.brand_id)
            .join(Watchlist, Watchlist.id == Brand.watchlist_id)
            .where(
                or_(Account.next_at.is_(None), Account.next_at <= now),
                Watchlist.is_demo.is_(False), Brand.active.is_(True),
            )
            .order_by(Account.next_at, Account.id)
            .limit(BATCH)
            .with_for_update(of=Account, skip_locked=True)
        )  # fmt: skip
        rows = [(row[0], row[1]) for row in due]
        for account, _ in rows:
            # Moved on before it is read, so that two workers never read the same.
            account.next_at = now + AGAIN
    for account, watchlist in rows:
        await _read(services, account, watchlist, now)
    return len(rows)


async def _read(services: Services, account: Account, watchlist: Watchlist, now: datetime) -> None:
    try:
        collector, http = await _reader(services, account, watchlist.id)
        assert isinstance(collector, Profiles)
        snapshot = await collector.profile(account.handle, http)
    except (CollectorError, Invalid) as error:
        await _note(services, account.id, {"last_error": str(error)[:500]})
    except Exception as bug:  # foreign code: one must not stop the others
        structlog.get_logger().exception("account.bug", platform=account.platform)
        await _note(services, account.id, {"last_error": f"{type(bug).__name__} in the collector"})
    else:
        await _store(services, account, watchlist, snapshot, now)


async def _store(
    services: Services, account: Account, watchlist: Watchlist, read: ProfileSnapshot,
    now: datetime,
) -> None:  # fmt: skip
    row = {
        "account_id": account.id, "day": local_day(now, watchlist.zone),
        "followers": read.followers, "following": read.following, "posts": read.posts,
        "reach": read.reach, "impressions": read.impressions, "taken_at": now,
    }  # fmt: skip
    values = {
        "next_at": next_reading(now, watchlist.zone, spread=random.random()),  # noqa: S311 - shares the load, guards nothing
        "last_error": "", "name": read.name[:200] or account.name,
        "url": read.url if read.url.startswith(("https://", "http://")) else account.url,
    }  # fmt: skip
    async with services.db.write() as session:
        await put(session, AccountSnapshot, [row], keys=("account_id", "day"))
        await session.execute(update(Account).where(Account.id == account.id).values(**values))


async def _note(services: Services, account_id: int, values: dict[str, str]) -> None:
    async with services.db.write() as session:
        await session.execute(update(Account).where(Account.id == account_id).values(**values))


async def _reader(
    services: Services, account: Account, watchlist_id: int
) -> tuple[Collector, Http]:
    """The collector that reads the account: a source of that kind, else one without settings.

    Raises Invalid where neither can be had, and what building one raises.
    """
    async with services.db.read() as session:
        source: Source | None = await session.scalar(
            select(Source)
            .join(WatchlistSource, WatchlistSource.source_id == Source.id)
            .where(
                WatchlistSource.watchlist_id == watchlist_id, Source.kind == account.platform,
                Source.removed_at.is_(None),
            )
            # One with a key sees more.
            .order_by(Source.secrets.is_(None), Source.id)
            .limit(1)
        )  # fmt: skip
    if source is not None:
        collector = build_collector(services, source)
        desk = desk_for(services, source, collector)
        return collector, services.http.budget(collector.capabilities.max_requests, desk=desk)
    found = collector_class(account.platform)
    try:
        collector = found(found.Config())
    except ValidationError:
        raise Invalid(
            f"Add a source of kind {account.platform} first: its access reads the account.",
            fr=f"Ajoutez d’abord une source de type {account.platform} : c’est par elle que le "
            "compte est lu.",
        ) from None  # the error repeats its input
    return collector, services.http.budget(collector.capabilities.max_requests)
