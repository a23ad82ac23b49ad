"""Channels, the outbox, digests, reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Key
from app.models.base import Base, Keyed


class Channel(Keyed, Base):
    """Where to tell. `kind`: slack, webhook, email, console …"""

    __tablename__ = "channels"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    name: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="active")
    """active, paused (by a person), needs_attention, disabled."""
    hold_until: Mapped[datetime | None]
    """Retry-After holds the channel, not only the message."""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    last_ok_at: Mapped[datetime | None]
    never_twice: Mapped[bool] = mapped_column(default=False)
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What its transport remembers between sends (addresses refused, and how often)."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Base):
    """One message to one channel: the outbox row, written with its alert or digest."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "state", "due_at"),
        Index("ix_deliveries_channel_id_id", "channel_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    dedup: Mapped[str] = mapped_column(unique=True)
    """"alert:ID:channel:ID" and the like: the same message is never queued twice."""
    message_id: Mapped[str] = mapped_column(unique=True)
    """Stable over every attempt: webhook-id, Message-ID, the short id in Slack."""
    kind: Mapped[str]
    """alert, digest, test, notice."""
    alert_id: Mapped[int | None] = mapped_column(Key)
    digest_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What to say, channel-neutral; the transport renders it."""
    state: Mapped[str] = mapped_column(default="pending")
    """pending, sent, dead, unknown, cancelled."""
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """Attempts that count against the retry plan (a 429 does not)."""
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class DeliveryAttempt(Base):
    """One try: what was answered."""

    __tablename__ = "delivery_attempts"

    delivery_id: Mapped[int] = mapped_column(
        Key, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    outcome: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")
    """The first 2,048 characters."""
    took_ms: Mapped[int] = mapped_column(default=0)


class DigestSubscription(Keyed, Base):
    """Who wants a digest, where, in which language and at what local time."""

    __tablename__ = "digest_subscriptions"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(default="fr")
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    send_at: Mapped[str] = mapped_column(default="08:00")
    """Local wall time, HH:MM."""
    skip_quiet: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    next_due_at: Mapped[datetime] = mapped_column(index=True)
    unsubscribed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Digest(Keyed, Base):
    """One per subscription and local date (R-28, R-29)."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("subscription_id", "local_date"),)

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("digest_subscriptions.id", ondelete="CASCADE")
    )
    local_date: Mapped[str]
    """The reader's date on which it is sent; it tells of the day before."""
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="queued")
    """queued, sent, skipped (with `note`), failed."""
    note: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The figures it shows, so that it can be shown again as it was."""
    created_at: Mapped[datetime]


class Report(Keyed, Base):
    """A period for people to hand on."""

    __tablename__ = "reports"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    starts_on: Mapped[str]
    ends_on: Mapped[str]
    language: Mapped[str] = mapped_column(default="fr")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
