"""What is kept for sources between their polls: sessions, quotas, documents, walks, refreshes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Key
from app.models.base import Base, Keyed


class SourceToken(Base):
    """A session of a credential, sealed. Sources with the same credential share it."""

    __tablename__ = "source_tokens"

    credential: Mapped[str] = mapped_column(primary_key=True)
    """Keyed hash of kind, addresses and secrets: a changed password starts without a session."""
    name: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class QuotaLevel(Base):
    """What is used of a quota, by whatever shares it."""

    __tablename__ = "quota_levels"

    sharer: Mapped[str] = mapped_column(primary_key=True)
    """Kind and credential, or kind and host."""
    name: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[float]
    at: Mapped[datetime]


class Spending(Base):
    """What a source spent on a UTC day, by quota: the month-to-date line adds it up."""

    __tablename__ = "spending"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    """In `currency`; 0 where the quota has no price."""


class SourceDocument(Keyed, Base):
    """A document that a collector keeps: a version of a watched page, the list of a sitemap."""

    __tablename__ = "source_documents"
    __table_args__ = (Index("ix_source_documents_source_id_name", "source_id", "name"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="version")
    """version: earlier ones stay, up to a limit; state: replaced."""
    text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class HistoryRun(Keyed, Base):
    """A source's walk back into the past: resumable, marked as backfill, never alerting."""

    __tablename__ = "history_runs"
    __table_args__ = (Index("ix_history_runs_due", "state", "next_at"),)

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[str] = mapped_column(default="running")
    """running, done, stopped (by a person), failed (the source refuses for good)."""
    since: Mapped[datetime]
    """How far back it is to go."""
    reached: Mapped[datetime | None]
    """The oldest publication that it has brought."""
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pages: Mapped[int] = mapped_column(default=0)
    got: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    mentions: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ItemRefresh(Base):
    """When a mention's item is to be read again for its figures, edits and deletion."""

    __tablename__ = "item_refreshes"
    __table_args__ = (Index("ix_item_refreshes_due", "due_at"),)

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    published_at: Mapped[datetime]
    due_at: Mapped[datetime]
