"""Marks, texts and filters in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.upsert import insert_ignore
from app.models import Item, Mention, RelevanceFilter
from nlp.relevance import Sample

MARKS_A_SIDE = 200
"""The newest marks of each side that a filter learns from."""


@dataclass(frozen=True, slots=True)
class Text:
    """A mention's text as the filter reads it. relevant: a person's mark, None where unmarked."""

    mention_id: int
    item_id: int
    relevant: bool | None
    sample: Sample

    @property
    def whole(self) -> str:
        one = self.sample
        return f"{one.title}\n\n{one.body}" if one.title and one.body else one.title or one.body


async def marked(session: AsyncSession, brand_id: int) -> list[Text]:
    """What people marked, the newest mentions first."""
    found = []
    for side in (True, False):
        wanted = [
            Mention.brand_id == brand_id,
            Mention.relevant.is_(side),
            Mention.filtered.is_(False),
            Item.purged_at.is_(None),
        ]
        found += await _texts(session, wanted, limit=MARKS_A_SIDE)
    return sorted(found, key=lambda one: -one.mention_id)


async def unmarked(
    session: AsyncSession,
    brand_id: int,
    *,
    below: int | None = None,
    limit: int,
    purged: bool = False,
) -> list[Text]:
    """What nobody marked, the newest first. purged: also those whose text is gone."""
    wanted: list[Any] = [
        Mention.brand_id == brand_id,
        or_(Mention.relevant.is_(None), Mention.filtered),
    ]
    if below is not None:
        wanted.append(Mention.id < below)
    if not purged:
        wanted.append(Item.purged_at.is_(None))
    return await _texts(session, wanted, limit=limit)


async def _texts(session: AsyncSession, wanted: Sequence[Any], *, limit: int) -> list[Text]:
    rows = await session.execute(
        select(
            Mention.id, Mention.item_id, Mention.relevant, Mention.filtered, Mention.spans,
            Item.title, Item.text, Item.url,
        )
        .join(Item, Item.id == Mention.item_id)
        .where(*wanted)
        .order_by(Mention.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        Text(
            row.id,
            row.item_id,
            None if row.filtered else row.relevant,
            Sample(row.title, row.text, [tuple(span) for span in row.spans], row.url),
        )
        for row in rows
    ]


async def counts(session: AsyncSession, brand_id: int) -> Mapping[bool, int]:
    """People's marks of a brand by side."""
    rows = await session.execute(
        select(Mention.relevant, func.count())
        .where(
            Mention.brand_id == brand_id,
            Mention.relevant.is_not(None),
            Mention.filtered.is_(False),
        )
        .group_by(Mention.relevant)
    )
    return {bool(side): n for side, n in rows}


async def hidden(session: AsyncSession, brand_id: int) -> int:
    """Mentions that the filter hides now."""
    found = await session.scalar(
        select(func.count()).where(Mention.brand_id == brand_id, Mention.filtered)
    )
    return found or 0


async def newest_texts(session: AsyncSession, *, limit: int) -> Sequence[str]:
    """Stored texts, matched or not, newest first: what the word neighbours are learned from."""
    rows = await session.execute(
        select(Item.title, Item.text)
        .where(Item.purged_at.is_(None))
        .order_by(Item.id.desc())
        .limit(limit)
    )
    return [f"{title}\n\n{text}" for title, text in rows]


async def filter_of(session: AsyncSession, brand_id: int) -> RelevanceFilter | None:
    found: RelevanceFilter | None = await session.get(RelevanceFilter, brand_id)
    return found


async def note_marks(session: AsyncSession, brand_ids: Sequence[int]) -> None:
    """Let the filters of these brands learn again; they are made where they are new."""
    rows = [
        {"brand_id": one, "on": False, "pending": True, "marks": 0, "version": 0, "digest": "",
         "figures": {}} for one in sorted(brand_ids)
    ]  # fmt: skip
    await insert_ignore(session, RelevanceFilter, rows, on=("brand_id",))
    await _learn_again(session, RelevanceFilter.brand_id.in_(brand_ids))


async def learn_all_again(session: AsyncSession) -> None:
    """Every filter forgets what it knows from texts that are gone."""
    await _learn_again(session, RelevanceFilter.model.is_not(None))


async def _learn_again(session: AsyncSession, which: Any) -> None:
    await session.execute(
        update(RelevanceFilter)
        .where(which)
        .values(pending=True, marks=RelevanceFilter.marks + 1)
        .execution_options(synchronize_session=False)
    )


async def next_pending(session: AsyncSession) -> RelevanceFilter | None:
    """A filter whose marks wait to be learned."""
    found: RelevanceFilter | None = await session.scalar(
        select(RelevanceFilter)
        .where(RelevanceFilter.pending)
        .order_by(RelevanceFilter.brand_id)
        .limit(1)
    )
    return found


async def next_unapplied(session: AsyncSession) -> RelevanceFilter | None:
    """A filter whose stored mentions wait to be judged or freed."""
    found: RelevanceFilter | None = await session.scalar(
        select(RelevanceFilter)
        .where(RelevanceFilter.applied_at.is_(None), RelevanceFilter.version > 0)
        .order_by(RelevanceFilter.brand_id)
        .limit(1)
    )
    return found


async def active(session: AsyncSession) -> Mapping[int, bytes]:
    """The models that are switched on, by brand."""
    rows = await session.execute(
        select(RelevanceFilter.brand_id, RelevanceFilter.model).where(
            RelevanceFilter.on, RelevanceFilter.model.is_not(None)
        )
    )
    return {brand_id: model for brand_id, model in rows if model}
