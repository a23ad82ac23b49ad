"""Rules and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Key
from app.models.base import Base, Keyed


class AlertRule(Keyed, Base):
    """When to tell. `kind`: mention (each new mention passing the filter) or count (more than
    `params.threshold` items in `params.window_s`)."""

    __tablename__ = "alert_rules"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    kind: Mapped[str]
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    channel_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Ids as strings."""
    severity: Mapped[str] = mapped_column(default="info")
    cooldown_s: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Alert(Base):
    """An episode with a named reason that opens, grows, resolves. One per rule, subject and
    window (R-20). The key follows `opened_at`."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("rule_id", "subject", "window"),
        Index("ix_alerts_watchlist_id_id", "watchlist_id", "id"),
        Index("ix_alerts_rule_id_id", "rule_id", "id"),
        # What the job that resolves alerts looks through each minute.
        Index(
            "ix_alerts_open",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rules.id", ondelete="CASCADE"))
    subject: Mapped[str]
    """What it is about: "all", "brand:ID", "mention:ID"."""
    window: Mapped[str] = mapped_column(default="")
    """ISO start of the window; "" where there is none (a NULL would never collide)."""
    brand_id: Mapped[int | None]
    reason: Mapped[str]
    """Named: new_mention, count_over_threshold …"""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The numbers behind the reason: count, threshold, window, sample mentions …"""
    severity: Mapped[str] = mapped_column(default="info")
    state: Mapped[str] = mapped_column(default="open")
    count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]


class AlertMention(Base):
    """The mentions an alert is about (the newest hundred)."""

    __tablename__ = "alert_mentions"

    alert_id: Mapped[int] = mapped_column(
        Key, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True
    )
    mention_id: Mapped[int] = mapped_column(
        Key, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True
    )
