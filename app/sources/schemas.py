"""What the API says of sources, collectors and listening gaps."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.models import Source
from app.sources.service import Checked, Gap, Kind

_CONFIG = {"url": "https://www.example.fr/flux.xml"}


class SourceIn(Schema):
    """A source to add; `config` as the collector's schema says."""

    kind: str = Field(max_length=100, examples=["rss"])
    name: str = Field(min_length=1, max_length=120, examples=["Le blog d’Example"])
    config: dict[str, Any] = Field(examples=[_CONFIG])
    interval_s: int | None = Field(None, ge=60, le=86_400, examples=[900])


class SourceChange(Schema):
    """What to change; a secret left out of `config` stays, unless the address changes."""

    name: str | None = Field(None, min_length=1, max_length=120, examples=["Le blog"])
    config: dict[str, Any] | None = Field(None, examples=[_CONFIG])
    interval_s: int | None = Field(None, ge=60, le=86_400, examples=[900])


class SourceOut(Schema):
    """A configured collector, its secrets left out."""

    id: str = Field(examples=[EXAMPLE_ID])
    kind: str = Field(examples=["rss"])
    name: str = Field(examples=["Le blog d’Example"])
    config: dict[str, Any] = Field(examples=[_CONFIG])
    has_secrets: bool = Field(examples=[False])
    state: str = Field(description="active, paused, failing, needs_attention.", examples=["active"])
    interval_s: int = Field(examples=[900])
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
    summary: str = Field(examples=["Feeds: RSS, Atom, RDF, JSON Feed."])
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


class GapOut(Schema):
    """A stretch in which a source heard nothing, or not everything."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    source: str = Field(examples=["Le blog d’Example"])
    start: datetime
    end: datetime = Field(description="Not in it.")
    why: str = Field(examples=["failed"])
    detail: str = Field(examples=["the source could not be read"])


def source_out(row: Source) -> SourceOut:
    return SourceOut(
        id=str(row.id), kind=row.kind, name=row.name, config=row.config,
        has_secrets=bool(row.secrets), state=row.state, interval_s=row.interval_s,
        failures=row.failures, last_error=row.last_error, next_poll_at=row.next_poll_at,
        last_polled_at=row.last_polled_at, last_ok_at=row.last_ok_at,
        last_new_at=row.last_new_at, first_poll_done_at=row.first_poll_done_at,
        version=row.version, created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def collector_out(kind: Kind) -> CollectorOut:
    return CollectorOut(**asdict(kind))


def check_out(checked: Checked) -> CheckOut:
    return CheckOut(ok=checked.ok, message=checked.message)


def gap_out(gap: Gap, lang: str) -> GapOut:
    return GapOut(
        source_id=str(gap.source_id), source=gap.source, start=gap.start, end=gap.end,
        why=gap.why, detail=gap.words(lang),
    )  # fmt: skip
