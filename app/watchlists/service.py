"""Making and changing watchlists, brands and queries; the seam through which others read them.

Every change is audited, raises the row's `version`, and moves the queries' epoch where it changes
what is a mention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import Conflict, NotFound, Stale
from app.models import Brand, Query, QueryVersion, Watchlist
from app.watchlists import queries
from app.watchlists.fields import brand_values, watchlist_values
from app.watchlists.people import NO_LISTS, Lists, asks_for_lists, lists_of, lists_of_writers
from app.watchlists.queries import (
    ActiveQuery,
    active_queries,
    bump_queries_epoch,
    queries_epoch,
    query_texts,
    request_rematch,
)
from app.watchlists.wording import (
    asks_for_days,
    checked_query,
    first_query,
    query_clauses,
    read_query,
    search_of_version,
)

if TYPE_CHECKING:
    from app.services import Services
    from app.watchlists.onboarding import WatchPlan

__all__ = [
    "NO_LISTS",
    "ActiveQuery",
    "Lists",
    "NewBrand",
    "NewWatchlist",
    "active_queries",
    "add_brand",
    "asks_for_lists",
    "bump_queries_epoch",
    "checked_query",
    "create_watchlist",
    "current_query",
    "edit_brand",
    "edit_watchlist",
    "get_brand",
    "get_watchlist",
    "list_brands",
    "list_watchlists",
    "lists_of",
    "lists_of_writers",
    "new_watch",
    "plan_watch",
    "queries_epoch",
    "query_clauses",
    "query_history",
    "query_texts",
    "read_query",
    "remove_brand",
    "remove_watchlist",
    "request_rematch",
    "require_brands",
    "require_watchlist",
    "restore_query",
    "search_of_version",
    "searches_under_way",
    "set_query",
]  # fmt: skip

require_watchlist = queries.watchlist
require_brands = queries.brands

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWatchlist:
    """A watchlist to make. zone: IANA; language: fr or en; purpose and owner: for the notice."""

    name: str
    zone: str = "Europe/Paris"
    language: str = "fr"
    owner: str = ""
    purpose: str = ""
    is_demo: bool = False
    pseudonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrand:
    """A brand to watch. kind: own, competitor or market; query: None makes one from the name."""

    name: str
    kind: str = "own"
    aliases: Sequence[str] = ()
    domains: Sequence[str] = ()
    handles: Sequence[str] = ()
    color: str = ""
    query: str | None = None


async def create_watchlist(
    services: Services, new: NewWatchlist, *, actor: str = "system"
) -> Watchlist:
    """Raises Invalid."""
    now = services.clock.now()
    values = watchlist_values(
        {"name": new.name, "zone": new.zone, "language": new.language, "owner": new.owner,
         "purpose": new.purpose, "pseudonymous": new.pseudonymous}
    )  # fmt: skip
    row = Watchlist(**values, is_demo=new.is_demo, created_at=now, updated_at=now)
    async with services.db.write() as session:
        session.add(row)
        await session.flush()
        _audit(session, now, actor, "watchlist.create", row, {"name": row.name})
    return row


async def list_watchlists(services: Services) -> Sequence[Watchlist]:
    """All of them, by name."""
    async with services.db.read() as session:
        return await queries.watchlists(session)


async def get_watchlist(services: Services, watchlist_id: int) -> Watchlist:
    """Raises NotFound."""
    async with services.db.read() as session:
        return await queries.watchlist(session, watchlist_id)


async def edit_watchlist(
    services: Services,
    watchlist_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    actor: str = "system",
) -> Watchlist:
    """Change name, zone, language, owner, purpose or pseudonymous.

    version: what the editor saw; Stale where somebody was faster. A new zone marks the roll-ups
    as stale, a job rebuilds them, and gives queries other days: where one asks for days, the past
    is searched anew with it. Raises NotFound, Invalid, Stale.
    """
    now = services.clock.now()
    values = watchlist_values(changes)
    async with services.db.write() as session:
        if "zone" in values:
            await bump_queries_epoch(session)
        row = await queries.watchlist(session, watchlist_id, to_change=True)
        _must_be_fresh(row, version)
        if values.get("zone", row.zone) != row.zone:
            row.rollups_stale = True
            found = await queries.wordings(session, watchlist_id)
            dated = [version for version, text in found.items() if asks_for_days(text)]
            await request_rematch(session, watchlist_id, only=dated)
        for name, value in values.items():
            setattr(row, name, value)
        _touch(row, now)
        _audit(session, now, actor, "watchlist.edit", row, {"fields": sorted(values)})
    return row


async def remove_watchlist(services: Services, watchlist_id: int, *, actor: str = "system") -> None:
    """Delete it with its brands, mentions, rules and channels. Sources that feed no other
    watchlist are asked no more. Raises NotFound."""
    now = services.clock.now()
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        row = await queries.watchlist(session, watchlist_id, to_change=True)
        _audit(session, now, actor, "watchlist.remove", row, {"name": row.name})
        fed = await queries.fed_by(session, watchlist_id)
        await session.delete(row)
        await session.flush()
        await queries.retire_orphans(session, fed, now=now)


async def list_brands(services: Services, watchlist_id: int) -> Sequence[Brand]:
    """Raises NotFound."""
    async with services.db.read() as session:
        await queries.watchlist(session, watchlist_id)
        return await queries.brands(session, watchlist_id)


async def get_brand(services: Services, watchlist_id: int, brand_id: int) -> Brand:
    """Raises NotFound."""
    async with services.db.read() as session:
        return await queries.brand(session, watchlist_id, brand_id)


async def add_brand(
    services: Services, watchlist_id: int, new: NewBrand, *, actor: str = "system"
) -> Brand:
    """Add a brand with its first query; the stored items are searched for it soon after.

    Raises NotFound, Invalid, and Conflict where the watchlist has a brand of that name.
    """
    now = services.clock.now()
    values = brand_values(
        {"name": new.name, "kind": new.kind, "aliases": new.aliases, "domains": new.domains,
         "handles": new.handles, "color": new.color}
    )  # fmt: skip
    text = checked_query(new.query) if new.query is not None else _query_from(values)
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        await queries.watchlist(session, watchlist_id, to_change=True)
        await _must_be_unique(session, watchlist_id, values["name"])
        row = Brand(watchlist_id=watchlist_id, **values, created_at=now, updated_at=now)
        session.add(row)
        await session.flush()
        await _add_version(session, row, text, actor=actor, now=now)
        _audit(session, now, actor, "brand.add", row, {"name": row.name, "query": text})
    return row


async def edit_brand(
    services: Services,
    watchlist_id: int,
    brand_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    actor: str = "system",
) -> Brand:
    """Change name, kind, aliases, domains, handles, color or active; the query has its own way.

    Raises NotFound, Invalid, Conflict, Stale.
    """
    now = services.clock.now()
    values = brand_values(changes)
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        row = await queries.brand(session, watchlist_id, brand_id, to_change=True)
        _must_be_fresh(row, version)
        if values.get("name", row.name) != row.name:
            await _must_be_unique(session, watchlist_id, values["name"])
        for name, value in values.items():
            setattr(row, name, value)
        _touch(row, now)
        _audit(session, now, actor, "brand.edit", row, {"fields": sorted(values)})
    return row


async def remove_brand(
    services: Services, watchlist_id: int, brand_id: int, *, actor: str = "system"
) -> None:
    """Delete it with its mentions and counts. Raises NotFound."""
    now = services.clock.now()
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        row = await queries.brand(session, watchlist_id, brand_id, to_change=True)
        _audit(session, now, actor, "brand.remove", row, {"name": row.name})
        await session.delete(row)


async def set_query(
    services: Services,
    watchlist_id: int,
    brand_id: int,
    text: str,
    *,
    version: int | None = None,
    actor: str = "system",
) -> QueryVersion:
    """Give a brand a new wording; the stored items are searched with it soon after.

    version: the brand's. The same text again changes nothing. Raises NotFound, Stale, and Invalid
    (field "query", with a caret under the spot).
    """
    checked_query(text)
    now = services.clock.now()
    async with services.db.write() as session:
        await bump_queries_epoch(session)
        brand = await queries.brand(session, watchlist_id, brand_id, to_change=True)
        _must_be_fresh(brand, version)
        current = await queries.current_version(session, brand_id)
        if current is not None and current.text == text:
            return current
        made = await _add_version(session, brand, text, actor=actor, now=now)
        _touch(brand, now)
        _audit(session, now, actor, "query.set", brand, {"number": made.number, "query": text})
    return made


async def restore_query(
    services: Services,
    watchlist_id: int,
    brand_id: int,
    number: int,
    *,
    version: int | None = None,
    actor: str = "system",
) -> QueryVersion:
    """Bring an earlier wording back, as a new version; where it is in force nothing changes.

    Raises NotFound (also for a number that never was), Stale, and Invalid where the language has
    changed so that it cannot be read any more.
    """
    for made in await query_history(services, watchlist_id, brand_id):
        if made.number == number:
            return await set_query(
                services, watchlist_id, brand_id, made.text, version=version, actor=actor
            )
    raise NotFound(
        f"This query never had a version {number}: see its versions.",
        fr=f"Cette requête n’a jamais eu de version {number} : voyez ses versions.",
    )


async def searches_under_way(
    services: Services, watchlist_id: int
) -> Sequence[tuple[Brand, QueryVersion]]:
    """The wordings in force whose search of the stored items is not over, by brand name."""
    async with services.db.read() as session:
        return await queries.searched_now(session, watchlist_id)


async def current_query(
    services: Services, watchlist_id: int, brand_id: int
) -> QueryVersion | None:
    """The wording in force. Raises NotFound."""
    async with services.db.read() as session:
        await queries.brand(session, watchlist_id, brand_id)
        return await queries.current_version(session, brand_id)


async def query_history(
    services: Services, watchlist_id: int, brand_id: int
) -> Sequence[QueryVersion]:
    """Every wording, newest first. Raises NotFound."""
    async with services.db.read() as session:
        await queries.brand(session, watchlist_id, brand_id)
        return await queries.versions(session, brand_id)


async def plan_watch(
    services: Services,
    *,
    name: str,
    lang: str,
    competitors: Sequence[str] = (),
    site: str | None = None,
    markets: Sequence[str] = (),
    zone: str | None = None,
    purpose: str = "",
    progress: Progress | None = None,
) -> WatchPlan:
    """What `new_watch` would make; asks the site for its feeds and writes nothing."""
    # At call: making sources needs this module, so the module level would be a circle.
    from app.watchlists import onboarding

    return await onboarding.plan(
        services, name=name, lang=lang, competitors=competitors, site=site, markets=markets,
        zone=zone, purpose=purpose, progress=progress,
    )  # fmt: skip


async def new_watch(
    services: Services,
    *,
    name: str,
    lang: str,
    competitors: Sequence[str] = (),
    site: str | None = None,
    markets: Sequence[str] = (),
    zone: str | None = None,
    purpose: str = "",
    progress: Progress | None = None,
    actor: str = "system",
) -> WatchPlan:
    """A watchlist with brands, queries and every keyless source that fits, from one name.

    What could not be reached is in the plan's `unreached`, never fatal. Raises Invalid.
    """
    from app.watchlists import onboarding

    plan = await plan_watch(
        services, name=name, lang=lang, competitors=competitors, site=site, markets=markets,
        zone=zone, purpose=purpose, progress=progress,
    )  # fmt: skip
    return await onboarding.apply(services, plan, actor=actor, progress=progress)


async def _add_version(
    session: AsyncSession, brand: Brand, text: str, *, actor: str, now: datetime
) -> QueryVersion:
    """`rematched_at` stays empty: that is the order to search the stored items."""
    query = await queries.query_of(session, brand.id)
    if query is None:
        query = Query(brand_id=brand.id)
        session.add(query)
        await session.flush()
    newest = (await queries.versions(session, brand.id))[:1]
    made = QueryVersion(
        query_id=query.id,
        number=newest[0].number + 1 if newest else 1,
        text=text,
        author=actor,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    query.current_version_id = made.id
    return made


async def _must_be_unique(session: AsyncSession, watchlist_id: int, name: str) -> None:
    if name in {brand.name for brand in await queries.brands(session, watchlist_id)}:
        raise Conflict(
            f"This watchlist has a brand called {name} already: edit that one.",
            fr=f"Cette veille a déjà une marque {name} : modifiez celle-là.",
            field="name",
        )


def _query_from(values: Mapping[str, Any]) -> str:
    return checked_query(
        first_query(
            values["name"],
            aliases=values["aliases"],
            domains=values["domains"],
            handles=values["handles"],
        )
    )


def _must_be_fresh(row: Watchlist | Brand, version: int | None) -> None:
    if version is not None and row.version != version:
        raise Stale(
            "Somebody changed this meanwhile: load it again.",
            fr="Quelqu’un l’a modifié entre-temps : rechargez.",
        )


def _touch(row: Watchlist | Brand, now: datetime) -> None:
    row.version += 1
    row.updated_at = now


def _audit(
    session: AsyncSession,
    now: datetime,
    actor: str,
    action: str,
    row: Watchlist | Brand,
    detail: Mapping[str, Any],
) -> None:
    subject = "watchlist" if isinstance(row, Watchlist) else "brand"
    audit.record(
        session, now=now, actor=actor, action=action, subject=subject, subject_id=row.id,
        detail=detail,
    )  # fmt: skip
