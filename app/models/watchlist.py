"""Watchlist, brands, accounts, queries: what is watched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Keyed


class Watchlist(Keyed, Base):
    """A workspace."""

    __tablename__ = "watchlists"

    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    """IANA zone of its days and hours; a change rebuilds the roll-ups."""
    language: Mapped[str] = mapped_column(default="fr")
    owner: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    """Why people's posts are read (GDPR 5(1)(b)); shown in the information notice."""
    is_demo: Mapped[bool] = mapped_column(default=False)
    pseudonymous: Mapped[bool] = mapped_column(default=False)
    rollups_stale: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Brand(Keyed, Base):
    """A watched thing. `kind`: own, competitor or market."""

    __tablename__ = "brands"
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="own")
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    domains: Mapped[list[Any]] = mapped_column(default=list)
    """Own hosts: a post from them is owned, not earned."""
    handles: Mapped[list[Any]] = mapped_column(default=list)
    color: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Account(Keyed, Base):
    """A profile of a brand on a platform."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("brand_id", "platform", "handle"),)

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    platform: Mapped[str]
    """The kind of collector that can read it."""
    handle: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="", server_default="")
    """As the platform shows it; empty until it was read."""
    next_at: Mapped[datetime | None]
    """When it is to be read again; None: at once."""
    last_error: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]


class AccountSnapshot(Base):
    """An account's public figures on one local day."""

    __tablename__ = "account_snapshots"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(primary_key=True)
    followers: Mapped[int | None]
    following: Mapped[int | None]
    posts: Mapped[int | None]
    reach: Mapped[int | None]
    """Own accounts: people reached on the day before."""
    impressions: Mapped[int | None]
    taken_at: Mapped[datetime]


class Query(Keyed, Base):
    """What makes an item a mention of a brand. Its text lives in its versions."""

    __tablename__ = "queries"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), unique=True)
    current_version_id: Mapped[int | None]


class QueryVersion(Keyed, Base):
    """One wording of a query. `rematched_at` is set once the stored items have been searched."""

    __tablename__ = "query_versions"
    __table_args__ = (
        UniqueConstraint("query_id", "number"),
        Index("ix_query_versions_pending", "rematched_at"),
    )

    query_id: Mapped[int] = mapped_column(ForeignKey("queries.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    rematched_at: Mapped[datetime | None]
    rematch_key: Mapped[int | None]
    """The item key down to which the stored items have been searched (newest first)."""
    rematch_searched: Mapped[int] = mapped_column(default=0, server_default="0")
    rematch_total: Mapped[int | None]
    """The items stored when the search began; at its end those it looked at."""
    rematch_added: Mapped[int] = mapped_column(default=0, server_default="0")
    """Mentions that the search has brought, taken away and left as far as it has come."""
    rematch_removed: Mapped[int] = mapped_column(default=0, server_default="0")
    rematch_kept: Mapped[int] = mapped_column(default=0, server_default="0")


class Epoch(Base):
    """Counters that tell a worker its picture of the configuration is old ("queries")."""

    __tablename__ = "epochs"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
