"""Which of the items just read are stored already (DESIGN §2, R-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import next_hash
from app.ingest.identity import is_same_post
from app.ingest.prepare import Prepared
from app.models import Item, Sighting
from app.privacy.rules import hidden_identity


class Known(NamedTuple):
    """A stored item as far as storing it again needs. seen_at, seen_as: this source's sighting."""

    id: int
    dedup_key: int
    identity: str
    text_hash: int
    published_at: datetime
    first_seen_at: datetime
    edited_at: datetime | None
    metrics: Mapping[str, int]
    gone: bool
    seen_at: datetime | None
    seen_as: str

    def wants_text_of(self, one: Prepared) -> bool:
        """Whether the text was edited: only the source that saw an item first has the say, or two
        sources that quote it at different lengths would edit it in turns."""
        first = self.seen_at == self.first_seen_at
        return first and not self.gone and one.text_key != self.text_hash

    def wants_analysis_of(self, one: Prepared) -> bool:
        """A new sighting may bring it to other watchlists, a new text changes what is said."""
        return not self.gone and (self.seen_at is None or self.wants_text_of(one))


class Placed(NamedTuple):
    """Where an item belongs: its dedup key, and the stored item where there is one."""

    key: int
    known: Known | None


_COLUMNS = (
    Item.id, Item.dedup_key, Item.identity, Item.text_hash, Item.published_at,
    Item.first_seen_at, Item.edited_at, Item.metrics, Item.removed_at, Item.purged_at,
    Sighting.seen_at, Sighting.external_id,
)  # fmt: skip


async def place(session: AsyncSession, source_id: int, items: Sequence[Prepared]) -> list[Placed]:
    """Look the items up by identity, then by what the source calls them; one answer each.

    Two identities of one dedup key are told apart by the whole identity; the later one lives
    under the next free key.
    """
    keys = [one.key for one in items]
    found = await _by_keys(session, source_id, keys)
    taken = {key: row.identity for key, row in found.items()}
    places: list[Placed] = []
    for one in items:
        key = one.key
        while (holder := taken.get(key)) is not None and not _is_of(one, holder):
            key = next_hash(key)
            if key not in found and key not in taken:
                more = await _by_keys(session, source_id, [key])
                found |= more
                taken |= {k: row.identity for k, row in more.items()}
        taken[key] = one.identity
        places.append(Placed(key, found.get(key)))
    return await _with_aliases(session, source_id, items, places)


def _is_of(one: Prepared, holder: str) -> bool:
    """A purged item keeps its identity as a hash only."""
    return holder == one.identity or holder == hidden_identity(one.identity)


async def _by_keys(session: AsyncSession, source_id: int, keys: Sequence[int]) -> dict[int, Known]:
    mine = and_(Sighting.item_id == Item.id, Sighting.source_id == source_id)
    rows = await session.execute(
        select(*_COLUMNS).outerjoin(Sighting, mine).where(Item.dedup_key.in_(keys))
    )
    return {row[1]: _known(row) for row in rows}


async def _with_aliases(
    session: AsyncSession, source_id: int, items: Sequence[Prepared], places: list[Placed]
) -> list[Placed]:
    """Those not known by identity may be known by what this source calls them."""
    wanted = {
        one.alias: index
        for index, (one, placed) in enumerate(zip(items, places, strict=True))
        if one.alias and placed.known is None and not one.identity.startswith("p:")
    }
    if not wanted:
        return places
    rows = await session.execute(
        select(*_COLUMNS)
        .join(Item, Item.id == Sighting.item_id)
        .where(Sighting.source_id == source_id, Sighting.external_id.in_(wanted))
        .order_by(Item.id)
    )
    taken = {placed.known.id for placed in places if placed.known}
    for row in rows:
        known, index = _known(row), wanted[row[-1]]
        seen = (items[index].dated, items[index].text_key)
        if known.id not in taken and is_same_post(
            known=(known.published_at, known.text_hash), seen=seen
        ):
            taken.add(known.id)
            places[index] = Placed(known.dedup_key, known)
    return places


async def items_called(
    session: AsyncSession, source_id: int, aliases: Iterable[str]
) -> Sequence[int]:
    """The items that a source knows under these ids (hosts taken off, see `alias_of`)."""
    rows = await session.scalars(
        select(Sighting.item_id).where(
            Sighting.source_id == source_id, Sighting.external_id.in_(list(aliases))
        )
    )
    return rows.all()


def _known(row: Any) -> Known:
    gone = row[8] is not None or row[9] is not None
    return Known._make((*row[:8], gone, row[10], row[11] or ""))
