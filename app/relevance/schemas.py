"""What the API says of relevance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.relevance.service import RelevanceView, Suggested
from nlp.relevance import Term


class RelevanceIn(Schema):
    """A person's word on a mention. null takes it back."""

    relevant: bool | None = Field(
        description="false: not about the brand. It leaves every count and is never deleted.",
        examples=[False],
    )


class RelevanceMany(RelevanceIn):
    """A person's word on mentions, all or none."""

    ids: list[str] = Field(min_length=1, max_length=500, examples=[[EXAMPLE_ID]])


class Marked(Schema):
    """The mentions that were marked."""

    ids: list[str] = Field(examples=[[EXAMPLE_ID]])


class Switch(Schema):
    """Whether the filter hides what it holds to be noise."""

    on: bool = Field(examples=[True])


class RateOut(Schema):
    """A share with its sample size and 95 % interval."""

    value: float = Field(examples=[0.96])
    n: int = Field(examples=[25])
    low: float = Field(examples=[0.8])
    high: float = Field(examples=[0.99])


class HiddenOut(Schema):
    """A mention that the filter would hide."""

    mention_id: str = Field(examples=[EXAMPLE_ID])
    text: str = Field(examples=["Une orange pressée le matin."])
    relevance: float = Field(description="Probability that it is about the brand.", examples=[0.08])


class TermOut(Schema):
    """A term to add, with what it does to the marked mentions."""

    term: str = Field(examples=['"au carrefour"'])
    noise: int = Field(description="Marked noise it stands in.", examples=[9])
    relevant: int = Field(description="Marked relevant mentions it stands in.", examples=[0])
    unmarked: int = Field(description="Unmarked mentions it stands in.", examples=[41])
    query: str = Field(
        description="The query with this term alone.", examples=['(carrefour) NOT "au carrefour"']
    )


class SuggestionsOut(Schema):
    """Terms that separate what people marked relevant from noise."""

    exclusions: list[TermOut]
    context: list[TermOut]
    noise: int = Field(description="Marked as noise.", examples=[12])
    relevant: int = Field(description="Marked as relevant.", examples=[14])
    unmarked: int = Field(
        description="Unmarked mentions looked at besides, the newest.", examples=[200]
    )
    noise_removed: int = Field(examples=[10])
    relevant_lost: int = Field(examples=[0])
    noise_removed_with_context: int = Field(examples=[12])
    relevant_lost_with_context: int = Field(examples=[1])
    query: str = Field(
        description="The query with the exclusions.",
        examples=['(carrefour) NOT "au carrefour"'],
    )
    query_with_context: str = Field(
        examples=['(carrefour) AND (drive OR magasin) NOT "au carrefour"']
    )
    sentence: str = Field(
        examples=["The exclusions remove 10 of 12 noise mentions and lose 0 of 14 relevant ones."]
    )


class RelevanceOut(Schema):
    """Where the filter of a brand stands."""

    brand_id: str = Field(examples=[EXAMPLE_ID])
    on: bool = Field(examples=[False])
    relevant: int = Field(description="Mentions people marked as about it.", examples=[14])
    noise: int = Field(description="Mentions people marked as not about it.", examples=[12])
    pending: bool = Field(description="The last marks are being learned.", examples=[False])
    precision: RateOut | None = Field(
        description="Of what it keeps, the share that is relevant: cross-validated on the marks."
    )
    recall: RateOut | None = Field(
        description="Of the relevant, the share it keeps: cross-validated on the marks."
    )
    baseline: float | None = Field(
        description="Precision on the same marks without a filter.", examples=[0.54]
    )
    trained_at: datetime | None
    refusal: str | None = Field(
        description="Why it cannot be switched on yet; null where it can.", examples=[None]
    )
    hidden: int = Field(description="Mentions it hides now.", examples=[0])
    applying: bool = Field(
        description="The stored mentions are being judged, newest first.", examples=[False]
    )
    looked_at: int = Field(description="Newest unmarked mentions tried out.", examples=[500])
    would_hide: int = Field(description="Of those, how many it would hide.", examples=[120])
    examples: list[HiddenOut]
    mark_next: list[str] = Field(
        description="Mentions whose mark would teach it most.", examples=[[EXAMPLE_ID]]
    )
    suggestions: SuggestionsOut


def relevance_out(view: RelevanceView, found: Suggested, lang: str) -> RelevanceOut:
    figures = view.figures
    refusal = view.refusal
    return RelevanceOut(
        brand_id=str(view.brand.id), on=view.on, relevant=view.relevant, noise=view.noise,
        pending=view.pending, precision=_rate(figures, "precision"),
        recall=_rate(figures, "recall"), baseline=figures.get("baseline"),
        trained_at=view.trained_at,
        refusal=None if refusal is None else refusal.fr if lang == "fr" else refusal.en,
        hidden=view.hidden, applying=view.applying, looked_at=view.looked_at,
        would_hide=view.would_hide,
        examples=[
            HiddenOut(mention_id=str(one.mention_id), text=one.text, relevance=one.chance)
            for one in view.examples
        ],
        mark_next=[str(one) for one in view.mark_next], suggestions=suggestions_out(found, lang),
    )  # fmt: skip


def suggestions_out(one: Suggested, lang: str) -> SuggestionsOut:
    found = one.found
    return SuggestionsOut(
        exclusions=[_term(term, f"({one.query}) NOT {term.text}") for term in found.exclusions],
        context=[_term(term, f"({one.query}) AND {term.text}") for term in found.context],
        noise=found.noise, relevant=found.relevant, unmarked=one.unmarked,
        noise_removed=found.noise_removed, relevant_lost=found.relevant_lost,
        noise_removed_with_context=found.noise_removed_with_context,
        relevant_lost_with_context=found.relevant_lost_with_context,
        query=found.applied(one.query) if found.exclusions else one.query,
        query_with_context=(
            found.applied(one.query, context=True)
            if found.exclusions or found.context else one.query
        ),
        sentence=found.sentence(lang),
    )  # fmt: skip


def _term(one: Term, query: str) -> TermOut:
    return TermOut(
        term=one.text, noise=one.noise, relevant=one.relevant, unmarked=one.unmarked, query=query
    )


def _rate(figures: Mapping[str, Any], name: str) -> RateOut | None:
    return RateOut(**figures[name]) if name in figures else None
