"""On which lists of people an author stands: what `list:` asks.

A watchlist's lists are its own. Where texts are matched for several watchlists at once, a list is
called by its watchlist and its name (`of_watchlist`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.enrich.service import of_watchlist
from app.models import Author, PeopleList, PeopleListMember

Lists = frozenset[str]
NO_LISTS: Lists = frozenset()


def asks_for_lists(texts: Iterable[str]) -> bool:
    """Whether one of these queries may ask for a list: else nobody need look."""
    return any("list:" in text.casefold() for text in texts)


async def lists_of(
    session: AsyncSession, watchlist_id: int, author_ids: Sequence[int | None]
) -> Mapping[int, Lists]:
    """Author → names of the lists of this watchlist; authors on none are left out."""
    wanted = {one for one in author_ids if one is not None}
    if not wanted:
        return {}
    rows = await session.execute(
        select(PeopleListMember.author_id, PeopleList.name)
        .join(PeopleList, PeopleList.id == PeopleListMember.list_id)
        .where(PeopleList.watchlist_id == watchlist_id, PeopleListMember.author_id.in_(wanted))
    )
    return _gathered((row.author_id, row.name) for row in rows)


async def lists_of_writers(session: AsyncSession, keys: Sequence[int]) -> Mapping[int, Lists]:
    """Key of a writer's handle → lists of all watchlists, called as `of_watchlist` says."""
    if not keys:
        return {}
    rows = await session.execute(
        select(Author.dedup_key, PeopleList.watchlist_id, PeopleList.name)
        .join(PeopleListMember, PeopleListMember.author_id == Author.id)
        .join(PeopleList, PeopleList.id == PeopleListMember.list_id)
        .where(Author.dedup_key.in_(keys))
    )
    return _gathered((row.dedup_key, of_watchlist(row.watchlist_id, row.name)) for row in rows)


def _gathered(pairs: Iterable[tuple[int, str]]) -> Mapping[int, Lists]:
    found: dict[int, set[str]] = defaultdict(set)
    for one, name in pairs:
        found[one].add(name)
    return {one: frozenset(names) for one, names in found.items()}
