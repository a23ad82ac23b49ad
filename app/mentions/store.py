"""Writing mentions. Every change moves the roll-ups in the same transaction.

A mention is an item that the *current* query of a brand matches. Where an edit of the text or of
the query takes the match away, the mention goes and its counts go with it, unless a person has
worked on it (status, assignee, relevance, correction, note, tag): then it stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.bulk import insert_many
from app.models import Correction, Mention, MentionTag, Note
from app.trends.service import Counted, Deltas, apply, zones_of

_COUNTED = tuple(getattr(Mention, name) for name in Counted._fields)

Changes = Mapping[int, Mapping[str, Any]]
"""Mention → the columns that change. Of all mentions in one call the same columns."""


class NewMention(NamedTuple):
    """A mention to insert; the fields are those of `Mention`, the rest begins empty."""

    id: int
    item_id: int
    brand_id: int
    watchlist_id: int
    query_version_id: int
    source_id: int
    spans: Sequence[tuple[str, int, int]]
    clause: str
    published_at: datetime
    first_seen_at: datetime
    backfill: bool
    owned: bool
    lang: str | None
    label: str
    score: float | None
    unsure: bool
    model_id: int | None
    engagement: int
    author_id: int | None
    relevant: bool | None = None
    filtered: bool = False
    relevance: float | None = None

    @property
    def counted(self) -> Counted:
        return Counted(
            self.brand_id, self.source_id, self.author_id, self.published_at, self.lang,
            self.label, self.owned, False, self.engagement, self.relevant,
        )  # fmt: skip


_COLUMNS = (*NewMention._fields, "syndicated", "status", "rules_pending", "entities_pending")


async def add(
    session: AsyncSession,
    rows: Sequence[NewMention],
    zones: Mapping[int, ZoneInfo],
    *,
    differences: Deltas,
) -> None:
    """Insert mentions and count them in. zones: watchlist → its zone.

    History is not shown to the alert rules (DESIGN §2); entities are looked for in all.
    """
    for row in rows:
        differences.add(row.counted, zones[row.watchlist_id])
    full = [(*row, False, "new", not row.backfill, True) for row in rows]
    await insert_many(session, Mention, _COLUMNS, full)


async def change(session: AsyncSession, changes: Changes) -> None:
    """Change mentions and move the roll-ups by the difference. Unknown ids are passed over."""
    before = await _counted(session, changes)
    if not before:
        return
    zones = await zones_of(session, (one.brand_id for one in before.values()))
    differences = Deltas()
    for mention_id, one in before.items():
        moved = {k: v for k, v in changes[mention_id].items() if k in Counted._fields}
        if moved:
            differences.add(one, zones[one.brand_id], sign=-1)
            differences.add(one._replace(**moved), zones[one.brand_id])
    await session.execute(
        update(Mention).execution_options(synchronize_session=False),
        [{"id": mention_id, **changes[mention_id]} for mention_id in before],
    )
    await apply(session, differences)


async def change_label(
    session: AsyncSession, mention_ids: Sequence[int], label: str, **also: Any
) -> None:
    """Count mentions under another label. also: further columns, such as score and model_id."""
    await change(session, {mention_id: {"label": label, **also} for mention_id in mention_ids})


async def set_relevant(
    session: AsyncSession, mention_ids: Sequence[int], relevant: bool | None
) -> None:
    """A person's mark: "not about us" (False: counted out, kept), about us, or taken back."""
    mark = {"relevant": relevant, "filtered": False}
    await change(session, dict.fromkeys(mention_ids, mark))


class Word(Protocol):
    """What a filter says of a text."""

    @property
    def keeps(self) -> bool: ...
    @property
    def chance(self) -> float: ...


def filtered(word: Word | None) -> dict[str, Any]:
    """The columns that say what a filter said; None: nothing was asked."""
    if word is None:
        return {"relevant": None, "filtered": False, "relevance": None}
    return {
        "relevant": None if word.keeps else False, "filtered": not word.keeps,
        "relevance": word.chance,
    }  # fmt: skip


async def judge(session: AsyncSession, words: Mapping[int, Word]) -> None:
    """The filter's word on mentions: those a person marked stay as they are."""
    open_ = await _unmarked(session, list(words))
    await change(session, {one: filtered(words[one]) for one in open_})


async def free(session: AsyncSession, mention_ids: Sequence[int]) -> None:
    """Take the filter's word back; what people marked stays."""
    await change(session, dict.fromkeys(await _unmarked(session, mention_ids), filtered(None)))


async def _unmarked(session: AsyncSession, mention_ids: Sequence[int]) -> Sequence[int]:
    """Those that no person has marked, locked until the transaction ends."""
    if not mention_ids:
        return ()
    rows = await session.scalars(
        select(Mention.id)
        .where(Mention.id.in_(mention_ids), or_(Mention.relevant.is_(None), Mention.filtered))
        .order_by(Mention.id)
        .with_for_update(key_share=True)
    )
    return rows.all()


async def remove(session: AsyncSession, mention_ids: Sequence[int]) -> int:
    """Delete mentions that nobody has worked on and count them out; how many went."""
    free = await untouched(session, mention_ids)
    before = await _counted(session, free)
    if not before:
        return 0
    zones = await zones_of(session, (one.brand_id for one in before.values()))
    differences = Deltas()
    for one in before.values():
        differences.add(one, zones[one.brand_id], sign=-1)
    await session.execute(
        delete(Mention).where(Mention.id.in_(before)).execution_options(synchronize_session=False)
    )
    await apply(session, differences)
    return len(before)


async def corrected(session: AsyncSession, mention_ids: Sequence[int]) -> set[int]:
    """Those whose label a person has set: it wins over every verdict."""
    if not mention_ids:
        return set()
    rows = await session.scalars(
        select(Correction.mention_id).where(
            Correction.mention_id.in_(mention_ids),
            Correction.field.in_(("label", "sentiment")),
            Correction.undone_at.is_(None),
        )
    )
    return set(rows)


async def _counted(
    session: AsyncSession, mention_ids: Mapping[int, Any] | Sequence[int]
) -> dict[int, Counted]:
    """What the roll-ups count now; the rows are locked against a change between."""
    if not mention_ids:
        return {}
    rows = await session.execute(
        select(Mention.id, *_COUNTED)
        .where(Mention.id.in_(list(mention_ids)))
        .order_by(Mention.id)
        .with_for_update(key_share=True)
    )
    return {row[0]: Counted(*row[1:]) for row in rows}


async def untouched(session: AsyncSession, mention_ids: Sequence[int]) -> Sequence[int]:
    """Those that nobody has worked on: they go with their match."""
    if not mention_ids:
        return ()
    worked_on = (
        exists().where(Correction.mention_id == Mention.id)
        | exists().where(MentionTag.mention_id == Mention.id)
        | exists().where(Note.subject_kind == "mention", Note.subject_id == Mention.id)
    )
    rows = await session.scalars(
        select(Mention.id).where(
            Mention.id.in_(mention_ids),
            Mention.status == "new",
            Mention.assignee_id.is_(None),
            Mention.snoozed_until.is_(None),
            or_(Mention.relevant.is_(None), Mention.filtered),
            ~worked_on,
        )
    )
    return rows.all()
