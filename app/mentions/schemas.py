"""What the API says of mentions and items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.mentions.service import ItemView, MentionView
from app.models import Item, Mention

Status = Literal["new", "in_progress", "done", "ignored"]


class Span(Schema):
    """Where the query matched, in code points; `end` is not in it."""

    field: str = Field(examples=["text"])
    start: int = Field(examples=[14])
    end: int = Field(examples=[23])


class SentimentOut(Schema):
    """What is thought of the brand in it; label null: not judged, which is not neutral."""

    label: Literal["positive", "neutral", "negative"] | None = Field(examples=["negative"])
    score: float | None = Field(examples=[-0.62])
    unsure: bool = Field(examples=[False])


class PostOut(Schema):
    """A post, article, comment or review as it was read."""

    id: str = Field(examples=[EXAMPLE_ID])
    platform: str = Field(examples=["mastodon"])
    kind: str = Field(examples=["post"])
    url: str = Field(examples=["https://mastodon.example/@lea/1"])
    title: str
    text: str = Field(examples=["Livraison chez Decathlon : trois semaines d’attente."])
    author: str = Field(description="Empty where unknown or blanked.", examples=["Léa"])
    published_at: datetime
    edited_at: datetime | None = Field(examples=[None])
    first_seen_at: datetime
    lang: str | None = Field(examples=["fr"])
    country: str | None = Field(examples=[None])
    metrics: dict[str, int] = Field(examples=[{"likes": 12}])
    engagement: int = Field(examples=[12])
    backfill: bool = Field(examples=[False])


class MentionOut(Schema):
    """A post matched to a brand, and why."""

    id: str = Field(examples=[EXAMPLE_ID])
    brand_id: str = Field(examples=[EXAMPLE_ID])
    brand: str = Field(examples=["Decathlon"])
    brand_kind: str = Field(examples=["own"])
    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Mastodon – Decathlon"])
    spans: list[Span]
    clause: str
    sentiment: SentimentOut
    owned: bool = Field(description="The brand says it of itself.", examples=[False])
    syndicated: bool = Field(examples=[False])
    backfill: bool = Field(examples=[False])
    relevant: bool | None = Field(
        description="false: not about the brand, left out of every count, never deleted.",
        examples=[None],
    )
    filtered: bool = Field(
        description="`relevant` is the brand’s filter’s word, not a person’s.", examples=[False]
    )
    relevance: float | None = Field(
        description="Probability that it is about the brand; null where no filter is on.",
        examples=[None],
    )
    status: str = Field(examples=["new"])
    assignee_id: str | None = Field(examples=[None])
    published_at: datetime
    first_seen_at: datetime
    item: PostOut


class SeenOut(Schema):
    """Where and when it was seen."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Mastodon – Decathlon"])
    seen_at: datetime


class MatchOut(Schema):
    """A mention of this item."""

    id: str = Field(examples=[EXAMPLE_ID])
    brand_id: str = Field(examples=[EXAMPLE_ID])
    sentiment: SentimentOut


class ItemOut(PostOut):
    """A post with where it was seen and the brands it mentions."""

    seen: list[SeenOut]
    mentions: list[MatchOut]


class MentionsPage(Schema):
    """One page, newest first."""

    data: list[MentionOut]
    next: str | None = Field(description="Cursor of the next page.", examples=[None])
    searched: int | None = Field(
        None, description="Candidates that `q` looked at.", examples=[None]
    )
    complete: bool = Field(
        True, description="False: `q` stopped at its cap; go on with `next`.", examples=[True]
    )


class ItemsPage(Schema):
    """One page, newest first."""

    data: list[ItemOut]
    next: str | None = Field(description="Cursor of the next page.", examples=[None])
    searched: int | None = Field(
        None, description="Candidates that `q` looked at.", examples=[None]
    )
    complete: bool = Field(
        True, description="False: `q` stopped at its cap; go on with `next`.", examples=[True]
    )


class CountOut(Schema):
    """How many pass the filter."""

    count: int = Field(examples=[1284])
    at_least: bool = Field(
        description="Counting stopped at its cap: there may be more.", examples=[False]
    )
    searched: int | None = Field(
        None, description="Candidates that `q` looked at.", examples=[1310]
    )


class TriageIn(Schema):
    """Set the status or the assignee of mentions, all or none."""

    ids: list[str] = Field(min_length=1, max_length=500, examples=[[EXAMPLE_ID]])
    status: Status | None = None
    assignee_id: str | None = Field(None, examples=[EXAMPLE_ID])
    unassign: bool = False


class Triaged(Schema):
    """The mentions that were set."""

    ids: list[str] = Field(examples=[[EXAMPLE_ID]])


def sentiment_out(row: Mention) -> SentimentOut:
    known = {"positive", "neutral", "negative"}
    return SentimentOut.model_validate(
        {"label": row.label if row.label in known else None, "score": row.score,
         "unsure": row.unsure}
    )  # fmt: skip


def _post(item: Item, author: str) -> dict[str, Any]:
    return {
        "id": str(item.id), "platform": item.platform, "kind": item.kind, "url": item.url,
        "title": item.title, "text": item.text, "author": author,
        "published_at": item.published_at, "edited_at": item.edited_at,
        "first_seen_at": item.first_seen_at, "lang": item.lang, "country": item.country,
        "metrics": _whole(item.metrics), "engagement": item.engagement,
        "backfill": item.backfill,
    }  # fmt: skip


def _whole(metrics: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in metrics.items() if isinstance(value, int | float)}


def mention_out(view: MentionView) -> MentionOut:
    row = view.mention
    return MentionOut(
        id=str(row.id), brand_id=str(row.brand_id), brand=view.brand,
        brand_kind=view.brand_kind, source_id=str(row.source_id), source=view.source,
        spans=[Span(field=name, start=start, end=end) for name, start, end in row.spans],
        clause=row.clause, sentiment=sentiment_out(row), owned=row.owned,
        syndicated=row.syndicated, backfill=row.backfill, relevant=row.relevant,
        filtered=row.filtered, relevance=row.relevance,
        status=row.status, assignee_id=str(row.assignee_id) if row.assignee_id else None,
        published_at=row.published_at, first_seen_at=row.first_seen_at,
        item=PostOut(**_post(view.item, view.author)),
    )  # fmt: skip


def item_out(view: ItemView) -> ItemOut:
    return ItemOut(
        **_post(view.item, view.author),
        seen=[
            SeenOut(source_id=str(one.source_id), source=one.source, seen_at=one.seen_at)
            for one in view.seen
        ],
        mentions=[
            MatchOut(id=str(m.id), brand_id=str(m.brand_id), sentiment=sentiment_out(m))
            for m in view.mentions
        ],
    )
