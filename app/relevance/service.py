"""Marking mentions, learning from the marks, and what the filter hides.

Nothing is deleted: a hidden mention is marked, leaves every count, and one click brings it back.
Order of locks: the query epoch, the filter, mentions, roll-ups.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import Invalid, NotFound
from app.mentions.service import MAX_BATCH, MentionView, for_update, get_mention, store
from app.models import Brand, RelevanceFilter
from app.relevance import queries, rules, thinking
from app.relevance.learning import apply_pending, learn_pending
from app.relevance.thinking import Judged
from app.watchlists.service import bump_queries_epoch, current_query, get_brand
from nlp.relevance import Sample, Suggestions

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "Example", "Judged", "RelevanceView", "Suggested", "Wording", "active_filters", "apply_pending",
    "forget", "has_marks", "judge", "learn_pending", "mark", "relevance", "suggestions", "switch",
]  # fmt: skip

LOOKED_AT = 500
"""The newest unmarked mentions on which is shown what the filter would do."""
TRIED = 200
"""As many where a query is being typed."""
EXAMPLES = 5
ASKED = 5
"""Mentions that are proposed to be marked next."""


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that the filter would hide, with the probability that it is about the brand."""

    mention_id: int
    text: str
    chance: float


@dataclass(frozen=True, slots=True)
class RelevanceView:
    """Where the filter of a brand stands.

    refusal: why it cannot be switched on; looked_at, would_hide, examples: on the newest unmarked
    mentions; mark_next: whose mark would teach most; applied_to: down to where the stored mentions
    are judged, None where all are.
    """

    brand: Brand
    on: bool
    relevant: int
    noise: int
    pending: bool
    figures: Mapping[str, Any]
    trained_at: datetime | None
    refusal: rules.Said | None
    hidden: int
    looked_at: int
    would_hide: int
    examples: Sequence[Example]
    mark_next: Sequence[int]
    applying: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """Terms to add to a brand's query, and the query with them. unmarked: how many unmarked
    mentions were looked at besides."""

    brand: Brand
    query: str
    found: Suggestions
    unmarked: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A query that is not in force (yet). finds: those of some items that it finds."""

    text: str
    finds: Callable[[Sequence[int]], Awaitable[Collection[int]]]


async def mark(
    services: Services,
    watchlist_id: int,
    mention_ids: Sequence[int],
    *,
    relevant: bool | None,
    actor: str = "system",
) -> Sequence[MentionView]:
    """Say that mentions are about their brand, or not, or (None) take that back; all or none.

    The brands' filters learn it soon after. Raises Invalid, NotFound.
    """
    ids = sorted(set(mention_ids))
    if not 1 <= len(ids) <= MAX_BATCH:
        raise Invalid(
            f"Name 1 to {MAX_BATCH} mentions.",
            fr=f"Indiquez de 1 à {MAX_BATCH} mentions.",
            field="ids",
        )
    async with services.db.write() as session:
        found = await for_update(session, watchlist_id, ids)
        if len(found) != len(ids):
            raise NotFound(
                "There is no such mention in this watchlist.",
                fr="Cette mention n’existe pas dans cette veille.",
            )
        await store.set_relevant(session, ids, relevant)
        await queries.note_marks(session, sorted({one.brand_id for one in found}))
        audit.record(
            session, now=services.clock.now(), actor=actor, action="mention.relevance",
            subject="watchlist", subject_id=watchlist_id,
            detail={"mentions": [str(one) for one in ids], "relevant": relevant},
        )  # fmt: skip
    return [await get_mention(services, watchlist_id, one) for one in ids]


async def relevance(services: Services, watchlist_id: int, brand_id: int) -> RelevanceView:
    """Where the filter of a brand stands. Raises NotFound."""
    brand = await get_brand(services, watchlist_id, brand_id)
    async with services.db.read() as session:
        row = await queries.filter_of(session, brand_id)
        counts = await queries.counts(session, brand_id)
        hidden = await queries.hidden(session, brand_id)
        texts = await queries.unmarked(session, brand_id, limit=LOOKED_AT)
    state = _state(row, counts)
    model = row.model if row else None
    judged: Sequence[Judged | None] = ()
    asked: Sequence[int] = [*range(min(ASKED, len(texts)))]
    if model:
        samples = [one.sample for one in texts]
        judged = await judge([(model, sample) for sample in samples])
        asked = await asyncio.to_thread(thinking.ask_next, model, samples, count=ASKED)
    out = [(one, said) for one, said in zip(texts, judged, strict=False) if said and not said.keeps]
    return RelevanceView(
        brand=brand, on=bool(row and row.on), relevant=state.relevant, noise=state.noise,
        pending=state.pending, figures=state.figures, trained_at=row.trained_at if row else None,
        refusal=rules.refusal(state), hidden=hidden, looked_at=len(judged), would_hide=len(out),
        examples=[Example(o.mention_id, o.whole[:280], s.chance) for o, s in out[:EXAMPLES]],
        mark_next=[texts[at].mention_id for at in asked],
        applying=bool(row and row.version and row.applied_at is None),
    )  # fmt: skip


async def switch(
    services: Services, watchlist_id: int, brand_id: int, *, on: bool, actor: str = "system"
) -> RelevanceView:
    """Let the filter hide, or have it bring everything back.

    Raises NotFound, and Invalid where there is no precision to show yet.
    """
    await get_brand(services, watchlist_id, brand_id)
    async with services.db.write() as session:
        await bump_queries_epoch(session)  # pages in the making are judged anew
        row = await session.get(RelevanceFilter, brand_id, with_for_update=True)
        refusal = rules.refusal(_state(row, await queries.counts(session, brand_id)))
        if on and refusal:
            raise Invalid(refusal.en, fr=refusal.fr, field="on")
        if row is not None and row.on != on:
            row.on, row.version = on, row.version + 1
            row.apply_key = row.applied_at = None
            audit.record(
                session, now=services.clock.now(), actor=actor,
                action="relevance.on" if on else "relevance.off", subject="brand",
                subject_id=brand_id, detail={"digest": row.digest, "figures": row.figures},
            )  # fmt: skip
    return await relevance(services, watchlist_id, brand_id)


async def suggestions(
    services: Services, watchlist_id: int, brand_id: int, *, wording: Wording | None = None
) -> Suggested:
    """Context terms and exclusions, measured on the stored mentions.

    wording: instead of the query in force; of the mentions only those count that it finds.
    Raises NotFound.
    """
    brand = await get_brand(services, watchlist_id, brand_id)
    version = await current_query(services, watchlist_id, brand_id)
    async with services.db.read() as session:
        row = await queries.filter_of(session, brand_id)
        marks = await queries.marked(session, brand_id)
        texts = await queries.unmarked(session, brand_id, limit=LOOKED_AT if not wording else TRIED)
    text = version.text if version else ""
    if wording is not None:
        text = wording.text
        there = await wording.finds([one.item_id for one in (*marks, *texts)])
        marks = [one for one in marks if one.item_id in there]
        texts = [one for one in texts if one.item_id in there]
    found = await asyncio.to_thread(
        thinking.suggested,
        [(one.whole, bool(one.relevant)) for one in marks],
        [(one.whole, one.sample) for one in texts],
        row.model if row else None,
        rules.own_words(brand.name, [str(alias) for alias in brand.aliases]),
    )
    return Suggested(brand, text, found, len(texts))


async def has_marks(services: Services, brand_id: int) -> bool:
    """Whether people marked mentions of a brand on both sides: before that nothing is proposed."""
    async with services.db.read() as session:
        return len(await queries.counts(session, brand_id)) == len((True, False))


async def active_filters(session: AsyncSession) -> Mapping[int, bytes]:
    """The filters that are on, by brand; dated by the query epoch, as the queries are."""
    return await queries.active(session)


async def judge(asked: Sequence[tuple[bytes, Sample]]) -> Sequence[Judged | None]:
    """What filters say of texts, off the event loop."""
    return await asyncio.to_thread(thinking.judge, asked) if asked else ()


async def forget(session: AsyncSession) -> None:
    """Texts are gone for good: every filter learns again from those that are left, and until then
    no old one is used to train on."""
    await queries.learn_all_again(session)


def _state(row: RelevanceFilter | None, counts: Mapping[bool, int]) -> rules.State:
    return rules.State(
        relevant=counts.get(True, 0), noise=counts.get(False, 0),
        pending=bool(row and row.pending), trained=bool(row and row.model),
        figures=row.figures if row and row.model else {},
    )  # fmt: skip
