"""Verdict rows of a page, and the models they name (R-19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.bulk import insert_many
from app.db.upsert import put
from app.enrich.service import Analysed, Judgement, model_id
from app.models import Verdict
from nlp.api import ModelRef

SENTIMENT = "sentiment"

_COLUMNS = (
    "item_id", "brand_id", "kind", "model_id", "label", "score", "unsure", "abstain", "detail",
    "judged_at",
)  # fmt: skip
"""The first four are the key."""


class Verdicts:
    """Collects the overall tone of items (brand 0) and writes it at once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._ids: dict[ModelRef, int] = {}
        self._new: list[tuple[Any, ...]] = []
        self._again: list[dict[str, Any]] = []

    async def prepare(self, session: AsyncSession, analysed: Iterable[Analysed]) -> None:
        """Know the row of every model that speaks in these."""
        refs = {one.tone.model for one in analysed}
        for ref in sorted(refs - self._ids.keys(), key=str):
            self._ids[ref] = await model_id(session, ref, now=self._now)

    def model_id(self, tone: Judgement) -> int:
        return self._ids[tone.model]

    def add_new(self, item_id: int, tone: Judgement) -> None:
        """The word on an item that is stored for the first time."""
        self._new.append(self._row(item_id, tone))

    def add(self, item_id: int, tone: Judgement) -> None:
        """The word on an edited item: it replaces what the same model said before."""
        self._again.append(dict(zip(_COLUMNS, self._row(item_id, tone), strict=True)))

    def _row(self, item_id: int, tone: Judgement) -> tuple[Any, ...]:
        return (
            item_id, 0, SENTIMENT, self._ids[tone.model], tone.label, tone.score, tone.unsure,
            tone.abstain, {}, self._now,
        )  # fmt: skip

    async def save(self, session: AsyncSession) -> None:
        """One row per item and model."""
        await insert_many(session, Verdict, _COLUMNS, self._new)
        await put(session, Verdict, self._again, keys=_COLUMNS[:4])

    @staticmethod
    async def blank(session: AsyncSession, item_ids: Sequence[int]) -> None:
        """Take out what verdicts quote of the text; labels stay."""
        await session.execute(
            update(Verdict)
            .where(Verdict.item_id.in_(item_ids))
            .values(detail={})
            .execution_options(synchronize_session=False)
        )
