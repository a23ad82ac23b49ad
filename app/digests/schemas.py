"""What the API says of digests and of who wants them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.digests.service import Rendered
from app.models import Digest, DigestSubscription

Language = Literal["fr", "en"]
SEND_AT = r"^([01]\d|2[0-3]):[0-5]\d$"


class SubscriptionIn(Schema):
    """A digest each day to a channel."""

    channel_id: str = Field(examples=[EXAMPLE_ID])
    language: Language | None = Field(None, description="Default: the watchlist's.")
    zone: str | None = Field(
        None, description="Default: the watchlist's.", examples=["Europe/Paris"]
    )
    send_at: str = Field("08:00", pattern=SEND_AT, description="Local wall time.")
    skip_quiet: bool = Field(False, description="Nothing is sent for a day without mentions.")


class SubscriptionChange(Schema):
    """What to change; `active: true` also takes up what was unsubscribed."""

    channel_id: str | None = Field(None, examples=[EXAMPLE_ID])
    language: Language | None = None
    zone: str | None = Field(None, examples=["Europe/Paris"])
    send_at: str | None = Field(None, pattern=SEND_AT, examples=["08:00"])
    skip_quiet: bool | None = None
    active: bool | None = None


class SubscriptionOut(Schema):
    """Who wants a digest, where, in which language and at what local time."""

    id: str = Field(examples=[EXAMPLE_ID])
    channel_id: str = Field(examples=[EXAMPLE_ID])
    language: str = Field(examples=["fr"])
    zone: str = Field(examples=["Europe/Paris"])
    send_at: str = Field(examples=["08:00"])
    skip_quiet: bool = Field(examples=[False])
    active: bool
    next_due_at: datetime
    unsubscribed_at: datetime | None = Field(examples=[None])
    version: int
    created_at: datetime
    updated_at: datetime


class DigestOut(Schema):
    """One per subscription and local date."""

    id: str = Field(examples=[EXAMPLE_ID])
    subscription_id: str = Field(examples=[EXAMPLE_ID])
    local_date: str = Field(examples=["2026-11-23"])
    window_start: datetime
    window_end: datetime
    state: str = Field(description="queued, sent, skipped, failed.", examples=["sent"])
    note: str = Field(examples=[""])
    created_at: datetime


class DigestShown(DigestOut):
    """A digest with the figures it showed."""

    facts: dict[str, Any] = Field(examples=[{"day": "2026-11-22"}])


class MailOut(Schema):
    """A digest as it is read. The HTML is for a mail client; it quotes foreign text, escaped."""

    subject: str = Field(examples=["Decathlon – 42 mentions"])
    html: str = Field(examples=["<!doctype html>…"])
    text: str = Field(examples=["42 mentions…"])


class SentOut(Schema):
    """How many messages were queued."""

    queued: int = Field(examples=[1])


def subscription_out(row: DigestSubscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=str(row.id), channel_id=str(row.channel_id), language=row.language, zone=row.zone,
        send_at=row.send_at, skip_quiet=row.skip_quiet, active=row.active,
        next_due_at=row.next_due_at, unsubscribed_at=row.unsubscribed_at, version=row.version,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _fields(row: Digest) -> dict[str, Any]:
    return {
        "id": str(row.id), "subscription_id": str(row.subscription_id),
        "local_date": row.local_date, "window_start": row.window_start,
        "window_end": row.window_end, "state": row.state, "note": row.note,
        "created_at": row.created_at,
    }  # fmt: skip


def digest_out(row: Digest) -> DigestOut:
    return DigestOut(**_fields(row))


def digest_shown(row: Digest) -> DigestShown:
    return DigestShown(**_fields(row), facts=row.facts)


def mail_out(found: Rendered) -> MailOut:
    return MailOut(subject=found.subject, html=found.html, text=found.text)
