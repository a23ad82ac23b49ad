"""Stored items as a watchlist heard them: what a query is asked of when it comes later than they.

The search of the past for a new wording and its rehearsal read through here, so that the one does
what the other promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.enrich.service import TextIn
from app.ingest.prepare import flags
from app.models import Author, Item, Sighting, Source, WatchlistSource
from app.watchlists.service import NO_LISTS, lists_of

_ABOVE_ALL = 2**62
"""Above every key."""


_READ = (
    Item.id, Item.kind, Item.url, Item.title, Item.text, Item.text_hash, Item.author_id,
    Item.author_name, Item.published_at, Item.lang, Item.country, Item.in_reply_to, Item.links,
    Item.media, Item.metrics, Item.engagement,
)  # fmt: skip
"""Columns and not whole objects: of all that is stored, making objects takes longest."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A stored item that a watchlist hears, with the source that heard it first.

    item: its columns as far as they are read here.
    """

    item: Any
    source_id: int
    source: str
    source_kind: str
    followers: int | None
    lists: frozenset[str] = frozenset()

    def text_in(self) -> TextIn:
        """What a query is asked of."""
        one = self.item
        metrics = dict(one.metrics)
        if self.followers is not None:
            metrics.setdefault("followers", self.followers)
        return TextIn(
            one.title, one.text, one.author_name, one.url, one.lang, self.source, one.country,
            one.published_at, metrics,
            flags(one.kind, one.in_reply_to, one.media, one.links, one.text),
            self.source_kind, tuple(one.links), self.lists,
        )  # fmt: skip


async def newest_keys(
    session: AsyncSession, *, below: int | None, limit: int, down_to: int = 0
) -> Sequence[int]:
    """The next item keys under `below`, newest first; none is smaller than `down_to`."""
    rows = await session.scalars(
        select(Item.id)
        .where(Item.id < (_ABOVE_ALL if below is None else below), Item.id >= down_to)
        .order_by(Item.id.desc())
        .limit(limit)
    )
    return rows.all()


async def heard(session: AsyncSession, watchlist_id: int, ids: Sequence[int]) -> list[Heard]:
    """Those of the items that a source of the watchlist heard and that still have their text,
    by key."""
    if not ids:
        return []
    rows = await session.execute(
        select(
            *_READ,
            Source.id.label("source_id"),
            Source.name.label("source"),
            Source.kind.label("source_kind"),
            Author.followers,
        )
        .join(Sighting, Sighting.item_id == Item.id)
        .join(Source, Source.id == Sighting.source_id)
        .join(WatchlistSource, WatchlistSource.source_id == Sighting.source_id)
        .outerjoin(Author, Author.id == Item.author_id)
        .where(
            Item.id.in_(ids),
            WatchlistSource.watchlist_id == watchlist_id,
            Item.removed_at.is_(None),
            Item.purged_at.is_(None),
        )
        .order_by(Item.id, Sighting.seen_at.desc())
    )
    # Of several sightings the earliest comes last and holds.
    found = {row.id: row for row in rows}
    lists = await lists_of(session, watchlist_id, [row.author_id for row in found.values()])
    return [
        Heard(
            row, row.source_id, row.source, row.source_kind, row.followers,
            lists.get(row.author_id, NO_LISTS),
        )
        for row in found.values()
    ]  # fmt: skip
