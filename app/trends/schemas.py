"""What the API says of figures over time."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.sources.schemas import GapOut, gap_out
from app.trends.rules import Counts
from app.trends.service import Breakdown, Frame, Line, Share, ShareLine, Trend


class CountsOut(Schema):
    """Mentions counted; `not_judged` is apart from `neutral`."""

    n: int = Field(examples=[42])
    earned: int = Field(description="Without what brands say of themselves.", examples=[40])
    owned: int = Field(examples=[2])
    syndicated: int = Field(examples=[5])
    engagement: int = Field(examples=[310])
    positive: int = Field(examples=[12])
    neutral: int = Field(examples=[14])
    negative: int = Field(examples=[9])
    not_judged: int = Field(examples=[7])
    net_sentiment: float | None = Field(
        description="(positive − negative) / judged; null where nothing was judged.",
        examples=[0.0857],
    )


class FrameOut(Schema):
    """What every figure says of itself."""

    bucket: str = Field(examples=["day"])
    zone: str = Field(examples=["Europe/Paris"])
    start: datetime
    end: datetime = Field(description="Not in it.")
    previous_start: datetime
    previous_end: datetime
    slots: list[str] = Field(
        description="Local dates, or the UTC starts of the hours.", examples=[["2026-11-23"]]
    )
    sample: int = Field(description="Mentions counted.", examples=[42])
    gaps: list[GapOut]
    stale: bool = Field(description="A change of zone is being worked in.", examples=[False])


class LineOut(Schema):
    """One brand: a value per slot, null where nobody listened."""

    brand_id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Decathlon"])
    kind: str = Field(examples=["own"])
    color: str = Field(examples=["#0b5d66"])
    points: list[CountsOut | None]
    total: CountsOut
    previous: CountsOut


class TrendOut(Schema):
    """Figures of each brand."""

    frame: FrameOut
    lines: list[LineOut]


class ShareLineOut(Schema):
    """One brand's share, 0..1."""

    brand_id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Decathlon"])
    kind: str = Field(examples=["own"])
    color: str = Field(examples=["#0b5d66"])
    points: list[float | None] = Field(examples=[[0.42]])
    total: float | None = Field(examples=[0.42])
    previous: float | None = Field(examples=[0.38])


class ShareOut(Schema):
    """Share of voice of own brands and competitors; markets are out."""

    frame: FrameOut
    by: str = Field(examples=["mentions"])
    of: str = Field(examples=["earned"])
    own: float | None = Field(examples=[0.42])
    own_previous: float | None = Field(examples=[0.38])
    lines: list[ShareLineOut]


class PartOut(Schema):
    """One source or language."""

    key: str = Field(examples=["fr"])
    name: str = Field(examples=["fr"])
    counts: CountsOut


class BreakdownOut(Schema):
    """Counts by source or language, most first."""

    frame: FrameOut
    by: str = Field(examples=["lang"])
    rows: list[PartOut]


def counts_out(counts: Counts) -> CountsOut:
    return CountsOut(
        n=counts.n, earned=counts.earned, owned=counts.owned, syndicated=counts.syndicated,
        engagement=counts.engagement, positive=counts.label("positive"),
        neutral=counts.label("neutral"), negative=counts.label("negative"),
        not_judged=counts.not_judged, net_sentiment=counts.net_sentiment,
    )  # fmt: skip


def frame_out(frame: Frame, lang: str) -> FrameOut:
    return FrameOut(
        bucket=frame.bucket, zone=frame.zone, start=frame.start, end=frame.end,
        previous_start=frame.previous_start, previous_end=frame.previous_end,
        slots=[slot.key for slot in frame.slots], sample=frame.sample,
        gaps=[gap_out(gap, lang) for gap in frame.gaps], stale=frame.stale,
    )  # fmt: skip


def _line_out(line: Line) -> LineOut:
    return LineOut(
        brand_id=str(line.brand_id), name=line.name, kind=line.kind, color=line.color,
        points=[counts_out(point) if point else None for point in line.points],
        total=counts_out(line.total), previous=counts_out(line.previous),
    )  # fmt: skip


def trend_out(trend: Trend, lang: str) -> TrendOut:
    return TrendOut(
        frame=frame_out(trend.frame, lang), lines=[_line_out(line) for line in trend.lines]
    )


def _share_line_out(line: ShareLine) -> ShareLineOut:
    return ShareLineOut(
        brand_id=str(line.brand_id), name=line.name, kind=line.kind, color=line.color,
        points=list(line.points), total=line.total, previous=line.previous,
    )  # fmt: skip


def share_out(share: Share, lang: str) -> ShareOut:
    return ShareOut(
        frame=frame_out(share.frame, lang), by=share.by, of=share.of, own=share.own,
        own_previous=share.own_previous, lines=[_share_line_out(line) for line in share.lines],
    )  # fmt: skip


def breakdown_out(found: Breakdown, lang: str) -> BreakdownOut:
    return BreakdownOut(
        frame=frame_out(found.frame, lang), by=found.by,
        rows=[PartOut(key=key, name=name, counts=counts_out(n)) for key, name, n in found.rows],
    )  # fmt: skip
