"""What the API says of queries on trial."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from app.api import EXAMPLE_ID, Schema
from app.mentions.schemas import Span
from app.querylab import rules
from app.querylab.rules import Counts, Tally
from app.querylab.service import Backtest, Example, Preview, Searched
from app.relevance.schemas import SuggestionsOut, suggestions_out
from app.watchlists.schemas import QueryText
from nlp.query import explain, parse
from nlp.query.translate import AskedDialect, DialectName, IssueKind, Translation
from nlp.query.values import Lang


class PreviewIn(Schema):
    """A query to try."""

    query: QueryText
    brand_id: str | None = Field(
        None,
        description="Whose marks “not about us” estimate the noise and propose terms.",
        examples=[EXAMPLE_ID],
    )


class BacktestIn(Schema):
    """A new wording for a brand."""

    brand_id: str = Field(examples=[EXAMPLE_ID])
    query: QueryText
    since: AwareDatetime | None = Field(None, description="Posts published from then on.")
    until: AwareDatetime | None = Field(None, description="Posts published before.")
    examples: int = Field(5, ge=0, le=rules.MOST_EXAMPLES, description="Of each outcome.")


class TranslateIn(Schema):
    """A query of another tool."""

    query: str = Field(max_length=20_000, examples=['title:decathlon NEAR/5 "prix cassés"'])
    tool: AskedDialect = Field(
        "auto", alias="from", description="Whose; auto: told from how it is written."
    )


class NoteOut(Schema):
    """What is likely not meant; it never blocks."""

    code: str = Field(examples=["lower_case_operator"])
    position: int = Field(description="Code point of the query.", examples=[5])
    end: int | None = Field(description="Where the stretch meant ends, if it is one.", examples=[7])
    message: str
    suggestion: str | None = Field(
        description="What to write in its place; own handle or domain: behind the query.",
        examples=["OR"],
    )


class AskedOut(Schema):
    """One thing that a platform is asked for."""

    text: str = Field(examples=["decathlon"])
    kind: Literal["word", "phrase", "hashtag", "handle"] = Field(examples=["word"])


class HitOut(Schema):
    """A stored post that the query matches, and why.

    Spans are code points of the stored title and text; `text` is a stretch of the stored text
    that begins at `text_from`, `title` one of the title from `title_from` on.
    """

    item_id: str = Field(examples=[EXAMPLE_ID])
    title: str
    title_from: int = Field(examples=[0])
    text: str = Field(examples=["Livraison chez Decathlon : trois semaines d’attente."])
    text_from: int = Field(examples=[0])
    spans: list[Span]
    clause: str = Field(description="The smallest part of the query that decided.")
    url: str = Field(examples=["https://mastodon.example/@lea/1"])
    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Mastodon – Decathlon"])
    lang: str | None = Field(examples=["fr"])
    published_at: datetime


class NoiseOut(Schema):
    """How much of the catch people marked “not about us”."""

    share: float | None = Field(
        description="Of the judged hits; null where none is judged.", examples=[0.25]
    )
    judged: int = Field(description="Hits that people judged.", examples=[8])
    noise: int = Field(examples=[2])


class SearchedOut(Schema):
    """How far the trial looked, newest posts first."""

    posts: int = Field(description="Posts looked at.", examples=[9300])
    complete: bool = Field(
        description="False: it stopped at its limit and every count is “at least”.",
        examples=[True],
    )
    down_to: datetime | None = Field(description="The oldest moment it reached.")


class DayHits(Schema):
    """Hits on a local day of the watchlist."""

    day: str = Field(examples=["2026-11-23"])
    n: int = Field(examples=[4])


class PreviewOut(Schema):
    """What a query says, what platforms are asked for it, and what it catches."""

    explanation: str = Field(examples=["Finds posts that contain the word “decathlon”."])
    notes: list[NoteOut]
    asks: list[list[AskedOut]] = Field(
        description="Any of these, each with all its terms; empty: for everything they have."
    )
    count: int = Field(examples=[4])
    at_least: bool = Field(description="More may be older.", examples=[False])
    days: list[DayHits] = Field(description="Days with hits, oldest first.")
    hits: list[HitOut] = Field(description="The newest, 50 at most.")
    noise: NoiseOut | None = Field(description="Null where no brand was named.")
    suggestions: SuggestionsOut | None = Field(
        description="Terms to add, measured on the mentions that people marked and this query "
        "finds; null where the brand has no marks on both sides."
    )
    searched: SearchedOut


class CountsOut(Schema):
    """Posts by what becomes of them; caught = newly_caught + kept."""

    caught: int = Field(examples=[243])
    newly_caught: int = Field(examples=[12])
    lost: int = Field(examples=[3])
    kept: int = Field(examples=[231])


class SourceCounts(CountsOut):
    """The same of one source."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Mastodon – Decathlon"])


class DayCounts(CountsOut):
    """The same of one local day."""

    day: str = Field(examples=["2026-11-23"])


class ExamplesOut(Schema):
    """The newest of each outcome; those lost with the spans of the old wording."""

    newly_caught: list[HitOut]
    lost: list[HitOut]
    kept: list[HitOut]


class EffectOut(Schema):
    """What saving the wording will do to the mentions there are."""

    added: int = Field(description="New mentions.", examples=[12])
    removed: int = Field(description="Mentions that go.", examples=[2])
    stays: int = Field(description="Match no more and stay: a person worked on them.", examples=[1])


class BeforeOut(Schema):
    """The wording in force."""

    number: int
    text: QueryText


class BacktestOut(Schema):
    """What a new wording would change."""

    before: BeforeOut | None = Field(description="Null where the brand has none.")
    counts: CountsOut
    at_least: bool = Field(description="Older posts may add to the counts.", examples=[False])
    sources: list[SourceCounts] = Field(description="Most caught or lost first.")
    days: list[DayCounts] = Field(description="Days with any, oldest first.")
    examples: ExamplesOut
    effect: EffectOut
    searched: SearchedOut


class PartOut(Schema):
    """A part of the pasted text that is not in the result as it stood; code points, `end` is not
    in it."""

    start: int = Field(examples=[0])
    end: int = Field(examples=[15])
    kind: IssueKind = Field(examples=["widened"])
    text: str = Field(examples=["title:decathlon"])
    message: str = Field(description="Why, and what to do.")


class TranslateOut(Schema):
    """The query in Vigie's language, and what could not be carried over as it stood."""

    dialect: DialectName = Field(examples=["brandwatch"])
    because: str = Field(description="Why this tool's reading.")
    query: str = Field(
        description="Empty where nothing of it can be said here.", examples=["decathlon"]
    )
    exact: bool = Field(description="It finds the same.", examples=[True])
    readable: bool = Field(
        description="False: the pasted text is broken; the one part says where.", examples=[True]
    )
    parts: list[PartOut]
    explanation: str | None = Field(
        description="What the result finds; null where it is empty.",
        examples=["Finds posts that contain the word “decathlon”."],
    )


def translate_out(found: Translation, text: str, lang: Lang) -> TranslateOut:
    # By place: the wall that keeps databases' dialects in app.db looks for the name.
    match found:
        case Translation(dialect=tool, query=query, parts=parts):
            pass
    return TranslateOut(
        dialect=tool, because=found.because.message(lang), query=query, exact=found.exact,
        readable=found.readable,
        parts=[
            PartOut(start=part.start, end=part.end, kind=part.kind,
                    text=text[part.start : part.end], message=part.message(lang))
            for part in parts
        ],
        explanation=explain(parse(query), lang) if query else None,
    )  # fmt: skip


def preview_out(found: Preview, lang: Lang) -> PreviewOut:
    tally, noise = found.tally, found.noise
    return PreviewOut(
        explanation=explain(found.query, lang),
        notes=[
            NoteOut(code=note.code, position=note.position, end=note.end,
                    message=note.message(lang), suggestion=note.suggestion)
            for note in found.notes
        ],
        asks=[
            [AskedOut(text=term.text, kind=term.kind) for term in clause] for clause in found.narrow
        ],
        count=tally.total.caught, at_least=not found.searched.complete,
        days=[DayHits(day=day, n=n.caught) for day, n in sorted(tally.by_day.items())],
        hits=[hit_out(hit) for hit in found.hits],
        noise=None if noise is None
        else NoiseOut(share=noise.share, judged=noise.judged, noise=noise.noise),
        suggestions=None if found.suggested is None else suggestions_out(found.suggested, lang),
        searched=_searched(found.searched),
    )  # fmt: skip


def backtest_out(found: Backtest) -> BacktestOut:
    shown = {what: [hit_out(one) for one in ones] for what, ones in found.examples.items()}
    before, effect = found.before, found.effect
    return BacktestOut(
        before=None if before is None else BeforeOut(number=before.number, text=before.text),
        counts=CountsOut(**_counts(found.tally.total)), at_least=not found.searched.complete,
        sources=_by_source(found.tally, found.sources),
        days=[
            DayCounts(day=day, **_counts(n)) for day, n in sorted(found.tally.by_day.items())
        ],
        examples=ExamplesOut.model_validate(shown),
        effect=EffectOut(added=effect.added, removed=effect.removed, stays=effect.stays),
        searched=_searched(found.searched),
    )  # fmt: skip


def hit_out(hit: Example) -> HitOut:
    item, match = hit.heard.item, hit.match
    parts: dict[str, Any] = {}
    spans = []
    for name in ("title", "text"):
        whole = getattr(item, name)
        low, high = rules.cut(whole, match.spans, name)
        parts |= {name: whole[low:high], f"{name}_from": low}
        spans += rules.shown_spans(match.spans, name, low, high)
    return HitOut(
        item_id=str(item.id), **parts,
        spans=[Span(field=name, start=start, end=end) for name, start, end in spans],
        clause=match.clause, url=item.url, source_id=str(hit.heard.source_id),
        source=hit.heard.source, lang=item.lang, published_at=item.published_at,
    )  # fmt: skip


def _counts(n: Counts) -> dict[str, Any]:
    return {
        "caught": n.caught, "newly_caught": n.newly_caught, "lost": n.lost, "kept": n.kept,
    }  # fmt: skip


def _by_source(tally: Tally, names: Mapping[int, str]) -> list[SourceCounts]:
    ordered = sorted(tally.by_source.items(), key=lambda one: (-one[1].caught - one[1].lost, one))
    return [
        SourceCounts(source_id=str(source_id), source=names[source_id], **_counts(n))
        for source_id, n in ordered
    ]


def _searched(found: Searched) -> SearchedOut:
    return SearchedOut(posts=found.posts, complete=found.complete, down_to=found.down_to)
