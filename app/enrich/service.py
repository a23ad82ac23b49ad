"""What follows in the background for matched mentions: entities, newest first.

The row is the work: `Mention.entities_pending`. Two workers that meet on a row do it twice and
write the same verdict once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import insert_ignore, put
from app.enrich.brain import Thinks
from app.enrich.values import Analysed, Judgement, Match, QuerySet, TextIn, of_watchlist
from app.models import Item, Mention, ModelVersion, Verdict
from app.services import Services
from nlp.api import Abstain, Doc, Entity, ModelRef
from nlp.api import Verdict as Said

__all__ = [
    "Analysed", "Judgement", "Match", "QuerySet", "TextIn", "Thinks",
    "enrich_pending", "model_id", "of_watchlist",
]  # fmt: skip

BATCH = 200
"""Mentions taken at once."""
ENTITIES = "entities"


class _Text(NamedTuple):
    """A text to look at. version: of the text, so that an edit meanwhile is noticed."""

    item_id: int
    version: int
    lang: str | None
    title: str
    body: str

    @property
    def doc(self) -> Doc:
        return Doc(str(self.item_id), TextIn(self.title, self.body).spoken, self.lang)


async def enrich_pending(services: Services) -> int:
    """Find the named things in one batch of mentions; how many mentions were taken."""
    async with services.db.read() as session:
        pending = await _pending(session)
        texts = await _texts(session, sorted(set(pending.values())))
    if not pending:
        return 0
    answers = await services.brain.entities([text.doc for text in texts])
    async with services.db.write() as session:
        await _save(session, texts, answers, now=services.clock.now())
        await _settle(session, pending, texts)
    return len(pending)


async def _pending(session: AsyncSession) -> Mapping[int, int]:
    """Mention → item, newest first."""
    rows = await session.execute(
        select(Mention.id, Mention.item_id)
        .where(Mention.entities_pending)
        .order_by(Mention.id.desc())
        .limit(BATCH)
    )
    return {row.id: row.item_id for row in rows}


async def _texts(session: AsyncSession, item_ids: Sequence[int]) -> list[_Text]:
    rows = await session.execute(
        select(Item.id, Item.text_hash, Item.lang, Item.title, Item.text).where(
            Item.id.in_(item_ids), Item.purged_at.is_(None)
        )
    )
    return [_Text(*row) for row in rows]


async def _save(
    session: AsyncSession,
    texts: Sequence[_Text],
    answers: Sequence[tuple[Said | Abstain, ModelRef]],
    *,
    now: datetime,
) -> None:
    """Verdicts of the texts that are still there: what was erased meanwhile is not quoted."""
    there = await session.scalars(
        select(Item.id)
        .where(Item.id.in_([text.item_id for text in texts]), Item.purged_at.is_(None))
        .with_for_update(read=True)
    )
    kept = set(there)
    models = {ref: await model_id(session, ref, now=now) for ref in {ref for _, ref in answers}}
    rows = [
        _row(text, answer, models[ref], now)
        for text, (answer, ref) in zip(texts, answers, strict=True)
        if text.item_id in kept
    ]
    await put(session, Verdict, rows, keys=("item_id", "brand_id", "kind", "model_id"))


def _row(text: _Text, answer: Said | Abstain, model: int, now: datetime) -> dict[str, Any]:
    abstained = isinstance(answer, Abstain)
    named = [] if isinstance(answer, Abstain) else [_named(text, e) for e in answer.entities]
    return {
        "item_id": text.item_id, "brand_id": 0, "kind": ENTITIES, "model_id": model,
        "label": None if abstained else "", "score": None, "unsure": False,
        "abstain": answer.reason if isinstance(answer, Abstain) else "",
        "detail": {"entities": named} if named else {}, "judged_at": now,
    }  # fmt: skip


def _named(text: _Text, entity: Entity) -> dict[str, Any]:
    """An entity with its place in the field it stands in (code points)."""
    body_at = len(text.title) + 1 if text.title and text.body else 0
    in_title = bool(text.title) and (not text.body or entity.start < body_at)
    shift = 0 if in_title else body_at
    return {
        "text": entity.text, "label": entity.label, "field": "title" if in_title else "text",
        "start": entity.start - shift, "end": entity.end - shift,
    }  # fmt: skip


async def _settle(
    session: AsyncSession, pending: Mapping[int, int], texts: Sequence[_Text]
) -> None:
    """Take the mark off, but where the text was edited meanwhile: that one is looked at again."""
    rows = await session.execute(
        select(Item.id, Item.text_hash).where(Item.id.in_([text.item_id for text in texts]))
    )
    now = {row.id: row.text_hash for row in rows}
    edited = {text.item_id for text in texts if now.get(text.item_id) != text.version}
    done = [mention for mention, item in pending.items() if item not in edited]
    await session.execute(
        update(Mention)
        .where(Mention.id.in_(done))
        .values(entities_pending=False)
        .execution_options(synchronize_session=False)
    )


async def model_id(session: AsyncSession, ref: ModelRef, *, now: datetime) -> int:
    """The row of a model version, made where it is new."""
    wanted = select(ModelVersion.id).where(
        ModelVersion.name == ref.name, ModelVersion.build == ref.build
    )
    found = await session.scalar(wanted)
    if found is None:
        row = {"id": key_at(now), "name": ref.name, "build": ref.build, "first_used_at": now}
        await insert_ignore(session, ModelVersion, [row], on=("name", "build"))
        found = await session.scalar(wanted)
    assert found is not None
    return found
