"""Reading watchlists, brands and the queries in force; the epoch that dates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.upsert import add_counts
from app.errors import NotFound
from app.models import Brand, Epoch, Query, QueryVersion, Source, Watchlist, WatchlistSource
from app.watchlists.rules import KINDS

QUERIES_EPOCH = "queries"


class ActiveQuery(NamedTuple):
    """The wording that decides today what is a mention of a brand."""

    watchlist_id: int
    version_id: int
    text: str
    domains: tuple[str, ...]
    handles: tuple[str, ...]
    zone: str
    """IANA zone of the watchlist's days."""


async def active_queries(session: AsyncSession) -> tuple[int, Mapping[int, ActiveQuery]]:
    """The epoch and the query in force of every active brand, by brand id.

    Whoever analyses with them reads the epoch again inside the write transaction: if it moved,
    the configuration changed meanwhile and the texts are analysed again.
    """
    epoch = await queries_epoch(session)
    rows = await session.execute(
        select(
            Brand.id,
            Brand.watchlist_id,
            QueryVersion.id,
            QueryVersion.text,
            Brand.domains,
            Brand.handles,
            Watchlist.zone,
        )
        .join(Watchlist, Watchlist.id == Brand.watchlist_id)
        .join(Query, Query.brand_id == Brand.id)
        .join(QueryVersion, QueryVersion.id == Query.current_version_id)
        .where(Brand.active)
        .order_by(Brand.id)
    )
    return epoch, {
        brand_id: ActiveQuery(watchlist_id, version_id, text, tuple(domains), tuple(handles), zone)
        for brand_id, watchlist_id, version_id, text, domains, handles, zone in rows
    }


async def queries_epoch(session: AsyncSession) -> int:
    """The present value of the epoch; 0 before the first query."""
    value = await session.scalar(select(Epoch.value).where(Epoch.name == QUERIES_EPOCH))
    return value or 0


async def bump_queries_epoch(session: AsyncSession) -> None:
    """Tell every worker that brands, queries or the links of sources changed.

    The first thing in its transaction: a worker that stores a page holds the epoch and then reads
    the watchlists, so whoever locked a watchlist before the epoch would wait for it crosswise.
    """
    await add_counts(session, Epoch, [{"name": QUERIES_EPOCH, "value": 1}], keys=["name"])


async def request_rematch(
    session: AsyncSession, watchlist_id: int, *, only: Sequence[int] | None = None
) -> None:
    """Have the stored items searched again with the queries in force of a watchlist.

    only: these versions of them.
    """
    current = (
        select(Query.current_version_id)
        .join(Brand, Brand.id == Query.brand_id)
        .where(Brand.watchlist_id == watchlist_id)
    )
    wanted = [QueryVersion.id.in_(current)]
    if only is not None:
        wanted.append(QueryVersion.id.in_(only))
    await session.execute(
        update(QueryVersion)
        .where(*wanted)
        .values(
            rematched_at=None,
            rematch_key=None,
            rematch_searched=0,
            rematch_total=None,
            rematch_added=0,
            rematch_removed=0,
            rematch_kept=0,
        )
        .execution_options(synchronize_session=False)
    )


async def wordings(session: AsyncSession, watchlist_id: int) -> Mapping[int, str]:
    """Version → text of the queries in force of a watchlist."""
    rows = await session.execute(
        select(QueryVersion.id, QueryVersion.text)
        .join(Query, Query.current_version_id == QueryVersion.id)
        .join(Brand, Brand.id == Query.brand_id)
        .where(Brand.watchlist_id == watchlist_id)
    )
    return {row.id: row.text for row in rows}


async def watchlists(session: AsyncSession) -> Sequence[Watchlist]:
    """All of them, by name."""
    return (await session.scalars(select(Watchlist).order_by(Watchlist.name, Watchlist.id))).all()


async def watchlist(
    session: AsyncSession, watchlist_id: int, *, to_change: bool = False
) -> Watchlist:
    """Raises NotFound. to_change: lock the row until the end of the transaction."""
    found = await session.get(Watchlist, watchlist_id, with_for_update=to_change)
    if found is None:
        raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
    return found


async def brands(session: AsyncSession, watchlist_id: int) -> Sequence[Brand]:
    """The brands of a watchlist: own ones, competitors, markets, each in the order of making."""
    rows = await session.scalars(select(Brand).where(Brand.watchlist_id == watchlist_id))
    return sorted(rows, key=lambda one: (KINDS.index(one.kind), one.created_at, one.name))


async def brand(
    session: AsyncSession, watchlist_id: int, brand_id: int, *, to_change: bool = False
) -> Brand:
    """Raises NotFound, also where the brand is another watchlist's. to_change: lock the row."""
    statement = select(Brand).where(Brand.id == brand_id, Brand.watchlist_id == watchlist_id)
    found = await session.scalar(statement.with_for_update() if to_change else statement)
    if found is None:
        raise NotFound(
            "There is no such brand in this watchlist.",
            fr="Cette marque n’existe pas dans cette veille.",
        )
    return found


async def query_texts(session: AsyncSession, watchlist_ids: Sequence[int]) -> Sequence[str]:
    """The wordings in force of the active brands of these watchlists."""
    return (
        await session.scalars(
            select(QueryVersion.text)
            .join(Query, Query.current_version_id == QueryVersion.id)
            .join(Brand, Brand.id == Query.brand_id)
            .where(Brand.watchlist_id.in_(watchlist_ids), Brand.active)
            .order_by(Brand.id)
        )
    ).all()


async def current_version(session: AsyncSession, brand_id: int) -> QueryVersion | None:
    """The wording in force of one brand, if it has one."""
    found: QueryVersion | None = await session.scalar(
        select(QueryVersion)
        .join(Query, Query.current_version_id == QueryVersion.id)
        .where(Query.brand_id == brand_id)
    )
    return found


async def searched_now(
    session: AsyncSession, watchlist_id: int
) -> Sequence[tuple[Brand, QueryVersion]]:
    """The brands whose wording in force still waits for the end of its search, by name."""
    rows = await session.execute(
        select(Brand, QueryVersion)
        .join(Query, Query.brand_id == Brand.id)
        .join(QueryVersion, QueryVersion.id == Query.current_version_id)
        .where(
            Brand.watchlist_id == watchlist_id, Brand.active, QueryVersion.rematched_at.is_(None)
        )
        .order_by(Brand.name)
    )
    return [(brand, version) for brand, version in rows]


async def versions(session: AsyncSession, brand_id: int) -> Sequence[QueryVersion]:
    """Every wording a brand had, newest first."""
    return (
        await session.scalars(
            select(QueryVersion)
            .join(Query, Query.id == QueryVersion.query_id)
            .where(Query.brand_id == brand_id)
            .order_by(QueryVersion.number.desc())
        )
    ).all()


async def query_of(session: AsyncSession, brand_id: int) -> Query | None:
    """The query of a brand, if it has one."""
    found: Query | None = await session.scalar(select(Query).where(Query.brand_id == brand_id))
    return found


async def fed_by(session: AsyncSession, watchlist_id: int) -> Sequence[int]:
    """The sources of a watchlist, by id."""
    return (
        await session.scalars(
            select(WatchlistSource.source_id).where(WatchlistSource.watchlist_id == watchlist_id)
        )
    ).all()


async def retire_orphans(session: AsyncSession, ids: Sequence[int], *, now: datetime) -> None:
    """Ask no more those of the sources that feed no watchlist; what they brought stays."""
    linked = exists().where(WatchlistSource.source_id == Source.id)
    await session.execute(
        update(Source)
        .where(Source.id.in_(ids), ~linked)
        .values(
            state="paused",
            removed_at=now,
            updated_at=now,
            attempt=Source.attempt + 1,
            leased_until=None,
        )
        .execution_options(synchronize_session=False)
    )
