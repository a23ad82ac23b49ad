"""What the API says of sources, collectors and listening gaps."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.models import HistoryRun, ListeningLog, Source
from app.sources.service import (
    Checked,
    Compared,
    Forecast,
    Gap,
    Kind,
    Proposals,
    Spent,
    Version,
    share_done,
)

_CONFIG = {"url": "https://www.example.fr/flux.xml"}


class SourceIn(Schema):
    """A source to add; `config` as the collector's schema says."""

    kind: str = Field(max_length=100, examples=["rss"])
    name: str = Field(min_length=1, max_length=120, examples=["Le blog d’Example"])
    config: dict[str, Any] = Field(examples=[_CONFIG])
    interval_s: int | None = Field(None, ge=60, le=86_400, examples=[900])
    history_days: int | None = Field(
        None,
        ge=0,
        le=365,
        description="How far back to read what was before, where the kind can; default 90.",
        examples=[90],
    )


class SourceChange(Schema):
    """What to change; a secret left out of `config` stays, unless the address changes."""

    name: str | None = Field(None, min_length=1, max_length=120, examples=["Le blog"])
    config: dict[str, Any] | None = Field(None, examples=[_CONFIG])
    interval_s: int | None = Field(None, ge=60, le=86_400, examples=[900])


class HistoryIn(Schema):
    """How far back a source is to read."""

    days: int = Field(90, ge=1, le=365, examples=[90])


class HistoryOut(Schema):
    """A source's walk into its past. What it brings is backfill: no alert, not new."""

    state: str = Field(description="running, done, stopped, failed.", examples=["running"])
    since: datetime = Field(description="How far back it is to go.")
    reached: datetime | None = Field(description="The oldest publication it has brought.")
    progress: float = Field(ge=0, le=1, description="Of the time.", examples=[0.4])
    got: int = Field(examples=[120])
    new: int = Field(examples=[118])
    mentions: int = Field(examples=[12])
    last_error: str
    next_at: datetime
    finished_at: datetime | None


class SourceOut(Schema):
    """A configured collector, its secrets left out."""

    id: str = Field(examples=[EXAMPLE_ID])
    kind: str = Field(examples=["rss"])
    name: str = Field(examples=["Le blog d’Example"])
    config: dict[str, Any] = Field(examples=[_CONFIG])
    has_secrets: bool = Field(examples=[False])
    state: str = Field(description="active, paused, failing, needs_attention.", examples=["active"])
    interval_s: int = Field(examples=[900])
    live: bool = Field(description="Listened to as a stream.", examples=[False])
    history: HistoryOut | None = Field(description="Of kinds that can read back.")
    failures: int = Field(examples=[0])
    last_error: str
    next_poll_at: datetime
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    first_poll_done_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    push_to: str | None = Field(
        None,
        description="Of a `webhook` just made: where its posts are sent to.",
        examples=[None],
    )
    signing_secret: str | None = Field(
        None, description="Made for it, and shown this once.", examples=[None]
    )


class CheckOut(Schema):
    """What one cheap call said."""

    ok: bool
    message: str = Field(examples=[""])


class CheckIn(Schema):
    """A source to try before it is added."""

    kind: str = Field(max_length=100, examples=["rss"])
    config: dict[str, Any] = Field(examples=[_CONFIG])


class CollectorOut(Schema):
    """A kind of source that is installed."""

    kind: str = Field(examples=["rss"])
    summary: str = Field(description="In the language asked for.", examples=["rss: feeds"])
    level: str = Field(
        description="experimental, supported, proven, or empty.", examples=["supported"]
    )
    platform: str | None = Field(examples=[None])
    auth: str = Field(examples=["none"])
    server_side_query: bool = Field(examples=[False])
    conditional_requests: bool
    history_days: float | None = Field(examples=[None])
    min_interval_s: int = Field(examples=[900])
    quota: str
    cost: str = Field(examples=["free"])
    max_requests: int = Field(examples=[20])
    config_schema: dict[str, Any] = Field(
        description="JSON Schema of `config`.", examples=[{"type": "object"}]
    )


class HeardOut(Schema):
    """What one source asked and got in one UTC hour."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    hour: datetime
    asked: int = Field(description="Requests made.", examples=[4])
    got: int = Field(description="Posts that came.", examples=[25])
    new: int = Field(examples=[3])
    refused: int = Field(description="The platform asked us to wait.", examples=[0])
    failed: int = Field(examples=[0])
    skipped: int = Field(description="Records that could not be read.", examples=[0])
    truncated: int = Field(description="Times it had more than it would give.", examples=[0])
    missed: int = Field(description="Times that posts slipped by in between.", examples=[0])
    note: str


class GapOut(Schema):
    """A stretch in which a source heard nothing, or not everything."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Le blog d’Example"])
    start: datetime
    end: datetime = Field(description="Not in it.")
    why: str = Field(examples=["failed"])
    detail: str = Field(examples=["the source could not be read"])


class VersionOut(Schema):
    """A version of a watched page that is kept."""

    id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(description="Address of the page.", examples=["https://acme.example/tarifs"])
    at: datetime
    size: int = Field(description="Characters.", examples=[1840])


class ComparedOut(VersionOut):
    """A version with its text, beside the one before it."""

    text: str
    before: datetime | None = Field(description="When the version before was read.")
    changes: list[str] = Field(
        description="Lines beginning with − or +.", examples=[["− Pro 29 €", "+ Pro 39 €"]]
    )


class ForecastIn(Schema):
    """A source that might be added, and what it would be asked for."""

    kind: str = Field(max_length=100, examples=["youtube"])
    config: dict[str, Any] = Field(examples=[{"api_key": "…"}])
    query: str | None = Field(
        None, max_length=20_000, description="Default: the watchlist's queries."
    )
    interval_s: int | None = Field(None, ge=60, le=86_400, examples=[900])
    ask: bool = Field(False, description="Let the platform count, where it can; may cost a call.")


class ForecastLineOut(Schema):
    """One quota: amounts of a day, cost of thirty."""

    name: str = Field(examples=["searches"])
    per_poll: float = Field(examples=[1])
    per_day: float = Field(examples=[24])
    limit: int = Field(examples=[100])
    window: str = Field(description="rolling, day, month.", examples=["day"])
    limit_per_day: float = Field(examples=[100])
    share: float = Field(description="Of the limit; above 1 it does not fit.", examples=[0.24])
    fits: bool = Field(examples=[True])
    cost_per_month: float = Field(examples=[0.0])
    currency: str = Field(examples=["USD"])
    source: str = Field(description="Where the platform says so.")


class ForecastOut(Schema):
    """What a source would spend."""

    polls_per_day: float = Field(examples=[96])
    fits: bool = Field(examples=[True])
    lines: list[ForecastLineOut]
    counted_items: int | None = Field(description="What the platform says there is.")
    counted_days: float | None
    message: str


class SpentOut(Schema):
    """What one source spent of one quota since the first of the month (UTC)."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["X"])
    name: str = Field(examples=["posts read"])
    amount: int = Field(examples=[1200])
    cost: float = Field(examples=[6.0])
    currency: str = Field(examples=["USD"])


class ProposedOut(Schema):
    """A source that would fit a brand; POST it to /sources to accept it."""

    kind: str = Field(examples=["rss"])
    name: str = Field(examples=["Le blog d’Example"])
    config: dict[str, Any] = Field(examples=[_CONFIG])
    why: str = Field(
        description="In the language of the watchlist.", examples=["un flux de example.fr"]
    )
    needs_key: bool = Field(description="A secret has to be entered first.", examples=[False])
    there: bool = Field(description="The watchlist has it already.", examples=[False])


class ProposalsOut(Schema):
    """What was found for a brand, and which kinds could not look."""

    data: list[ProposedOut]
    failed: dict[str, str] = Field(examples=[{}])


def history_out(run: HistoryRun) -> HistoryOut:
    return HistoryOut(
        state=run.state, since=run.since, reached=run.reached, progress=share_done(run),
        got=run.got, new=run.new, mentions=run.mentions, last_error=run.last_error,
        next_at=run.next_at, finished_at=run.finished_at,
    )  # fmt: skip


def version_out(one: Version) -> VersionOut:
    return VersionOut(id=str(one.id), name=one.name, at=one.at, size=one.size)


def compared_out(one: Compared) -> ComparedOut:
    shown = version_out(one.version).model_dump()
    return ComparedOut(**shown, text=one.text, before=one.before, changes=list(one.changes))


def forecast_out(found: Forecast) -> ForecastOut:
    lines = [ForecastLineOut(**asdict(line), fits=line.fits) for line in found.lines]
    return ForecastOut(
        polls_per_day=found.polls_per_day, fits=all(line.fits for line in lines), lines=lines,
        counted_items=found.counted.items if found.counted else None,
        counted_days=found.counted.days if found.counted else None, message=found.message,
    )  # fmt: skip


def spent_out(one: Spent) -> SpentOut:
    return SpentOut(**{**asdict(one), "source_id": str(one.source_id)})


def proposals_out(found: Proposals) -> ProposalsOut:
    return ProposalsOut(
        data=[ProposedOut(**asdict(one)) for one in found.found], failed=dict(found.failed)
    )


def source_out(row: Source, run: HistoryRun | None = None) -> SourceOut:
    return SourceOut(
        id=str(row.id), kind=row.kind, name=row.name, config=row.config,
        has_secrets=bool(row.secrets), state=row.state, interval_s=row.interval_s,
        live=row.live, history=history_out(run) if run else None,
        failures=row.failures, last_error=row.last_error, next_poll_at=row.next_poll_at,
        last_polled_at=row.last_polled_at, last_ok_at=row.last_ok_at,
        last_new_at=row.last_new_at, first_poll_done_at=row.first_poll_done_at,
        version=row.version, created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def collector_out(kind: Kind, lang: str) -> CollectorOut:
    values = asdict(kind)
    french = values.pop("summary_fr")
    return CollectorOut(**(values | {"summary": french} if lang == "fr" else values))


def check_out(checked: Checked) -> CheckOut:
    return CheckOut(ok=checked.ok, message=checked.message)


def heard_out(row: ListeningLog) -> HeardOut:
    return HeardOut(
        source_id=str(row.source_id), hour=row.hour, asked=row.asked, got=row.got, new=row.new,
        refused=row.refused, failed=row.failed, skipped=row.skipped, truncated=row.truncated,
        missed=row.missed, note=row.note,
    )  # fmt: skip


def gap_out(gap: Gap, lang: str) -> GapOut:
    return GapOut(
        source_id=str(gap.source_id), source=gap.source, start=gap.start, end=gap.end,
        why=gap.why, detail=gap.words(lang),
    )  # fmt: skip
