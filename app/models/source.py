"""Sources and what they heard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Keyed


class Source(Keyed, Base):
    """A configured collector. Polled once, whoever watches it."""

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_due", "state", "next_poll_at"),)

    kind: Mapped[str]
    name: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is not secret. The secrets are in `secrets`, encrypted."""
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    """kind + config digest: adding the same source twice gives the first one."""
    state: Mapped[str] = mapped_column(default="active")
    """active, paused (by a person), needs_attention, failing (backing off)."""
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    interval_s: Mapped[int] = mapped_column(default=900)
    live: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Listened to as a stream instead of polled."""
    next_poll_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    last_polled_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    first_poll_done_at: Mapped[datetime | None]
    """Until then, what was published before `created_at` is history (backfill (c))."""
    told_at: Mapped[datetime | None]
    """When its owner was told that it is silent; empty again once it is back."""
    removed_at: Mapped[datetime | None]
    """Removed by a person; kept because its sightings name it."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WatchlistSource(Base):
    """Which watchlists a source feeds."""

    __tablename__ = "watchlist_sources"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ListeningLog(Base):
    """Per source and UTC hour: asked, got, refused … No news is not the same as not listening."""

    __tablename__ = "listening_log"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    asked: Mapped[int] = mapped_column(default=0)
    got: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    truncated: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")


class Quarantine(Keyed, Base):
    """A record that could not be read or judged (R-16): raw kept, with the error."""

    __tablename__ = "quarantine"

    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), index=True
    )
    item_id: Mapped[int | None]
    stage: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    raw: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class ImportRun(Keyed, Base):
    """A `vigie import` of one file, resumable by its hash and offset."""

    __tablename__ = "import_runs"

    file_hash: Mapped[str] = mapped_column(index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    offset: Mapped[int] = mapped_column(default=0)
    """Records done (a CSV or JSON line is one)."""
    stored: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
