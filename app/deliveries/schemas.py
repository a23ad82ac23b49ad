"""What the API says of channels and deliveries. Secrets go in and never come out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.deliveries.service import ChannelKind, Shown, Trial
from app.models import Channel, Delivery, DeliveryAttempt

_CONFIG = {"url": "https://hooks.slack.com/services/…"}


class ChannelIn(Schema):
    """A channel to make; `config` as its kind's schema says."""

    kind: str = Field(max_length=100, examples=["slack"])
    name: str = Field(min_length=1, max_length=100, examples=["#veille"])
    config: dict[str, Any] = Field({}, examples=[_CONFIG])
    never_twice: bool = Field(
        False, description="Rather lose a message than send it twice (Slack)."
    )


class ChannelChange(Schema):
    """What to change; a secret left out of `config` keeps its stored value."""

    name: str | None = Field(None, min_length=1, max_length=100, examples=["#veille"])
    config: dict[str, Any] | None = Field(None, examples=[_CONFIG])
    never_twice: bool | None = None
    state: Literal["active", "paused"] | None = None


class ChannelOut(Schema):
    """Where to tell. `config` holds what is not secret."""

    id: str = Field(examples=[EXAMPLE_ID])
    kind: str = Field(examples=["slack"])
    name: str = Field(examples=["#veille"])
    config: dict[str, Any] = Field(examples=[{}])
    has_secrets: bool
    state: str = Field(
        description="active, paused, needs_attention, disabled.", examples=["active"]
    )
    hold_until: datetime | None = Field(examples=[None])
    failing_since: datetime | None = Field(examples=[None])
    last_error: str = Field(examples=[""])
    last_ok_at: datetime | None
    never_twice: bool = Field(examples=[False])
    version: int
    created_at: datetime
    updated_at: datetime


class ChannelKindOut(Schema):
    """A transport that is installed."""

    kind: str = Field(examples=["slack"])
    capabilities: dict[str, bool] = Field(examples=[{"idempotent": False}])
    config_schema: dict[str, Any] = Field(
        description="JSON Schema of `config`.", examples=[{"type": "object"}]
    )


class TrialOut(Schema):
    """What a test message came to, in the receiver's words."""

    ok: bool
    outcome: str = Field(examples=["sent"])
    status: int | None = Field(examples=[200])
    error: str = Field(examples=[""])
    answer: str = Field(examples=["ok"])
    took_ms: int = Field(examples=[84])


class AttemptOut(Schema):
    """One try."""

    number: int
    at: datetime
    outcome: str = Field(examples=["sent"])
    status: int | None = Field(examples=[200])
    answer: str = Field(description="The first 2,048 characters.", examples=["ok"])
    took_ms: int = Field(examples=[84])


class DeliveryOut(Schema):
    """One message to one channel."""

    id: str = Field(examples=[EXAMPLE_ID])
    channel_id: str = Field(examples=[EXAMPLE_ID])
    kind: str = Field(description="alert, digest, test, notice.", examples=["alert"])
    message_id: str = Field(examples=["msg_3f2a"])
    alert_id: str | None = Field(examples=[EXAMPLE_ID])
    digest_id: str | None = Field(examples=[None])
    state: str = Field(description="pending, sent, dead, unknown, cancelled.", examples=["sent"])
    tries: int
    due_at: datetime
    last_error: str = Field(examples=[""])
    created_at: datetime
    sent_at: datetime | None


class DeliveryShown(DeliveryOut):
    """A message with every try of it."""

    attempts: list[AttemptOut]


def channel_out(row: Channel) -> ChannelOut:
    return ChannelOut(
        id=str(row.id), kind=row.kind, name=row.name, config=row.config,
        has_secrets=bool(row.secrets), state=row.state, hold_until=row.hold_until,
        failing_since=row.failing_since, last_error=row.last_error, last_ok_at=row.last_ok_at,
        never_twice=row.never_twice, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def channel_kind_out(kind: ChannelKind) -> ChannelKindOut:
    return ChannelKindOut(
        kind=kind.kind, capabilities=asdict(kind.capabilities), config_schema=dict(kind.schema)
    )


def trial_out(trial: Trial) -> TrialOut:
    return TrialOut(**asdict(trial))


def _fields(row: Delivery) -> dict[str, Any]:
    return {
        "id": str(row.id), "channel_id": str(row.channel_id), "kind": row.kind,
        "message_id": row.message_id, "alert_id": str(row.alert_id) if row.alert_id else None,
        "digest_id": str(row.digest_id) if row.digest_id else None, "state": row.state,
        "tries": row.tries, "due_at": row.due_at, "last_error": row.last_error,
        "created_at": row.created_at, "sent_at": row.sent_at,
    }  # fmt: skip


def delivery_out(row: Delivery) -> DeliveryOut:
    return DeliveryOut(**_fields(row))


def _attempt_out(row: DeliveryAttempt) -> AttemptOut:
    return AttemptOut(
        number=row.number, at=row.at, outcome=row.outcome, status=row.status,
        answer=row.answer, took_ms=row.took_ms,
    )  # fmt: skip


def shown_out(shown: Shown) -> DeliveryShown:
    return DeliveryShown(
        **_fields(shown.delivery), attempts=[_attempt_out(row) for row in shown.attempts]
    )
