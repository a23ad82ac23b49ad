"""Items, where they were seen, who wrote them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Key
from app.models.base import Base, Keyed


class Author(Keyed, Base):
    """A person or outlet, pseudonymisable: the names may be blanked, `dedup_key` stays."""

    __tablename__ = "authors"

    dedup_key: Mapped[int] = mapped_column(BigInteger, unique=True)
    platform: Mapped[str]
    native_id: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    followers: Mapped[int | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Item(Base):
    """One post, article, comment, review or page change, matched or not.

    The key follows `published_at`. Identity: `dedup_key` = 64-bit hash of `identity`; on a true
    collision the row lives under the next key.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index("ix_items_text_hash", "text_hash"),
        Index("ix_items_cluster_id", "cluster_id"),
        Index("ix_items_author_id", "author_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    dedup_key: Mapped[int] = mapped_column(BigInteger, unique=True)
    identity: Mapped[str]
    platform: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="post")
    url: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime]
    published_raw: Mapped[str] = mapped_column(default="")
    """What the platform said, where `published_at` had to be clamped (R-18); else empty."""
    edited_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    lang: Mapped[str | None]
    country: Mapped[str | None]
    in_reply_to: Mapped[str] = mapped_column(default="")
    links: Mapped[list[Any]] = mapped_column(default=list)
    media: Mapped[list[Any]] = mapped_column(default=list)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    engagement: Mapped[int] = mapped_column(default=0)
    """likes + reposts + replies + quotes + comments, as last seen."""
    backfill: Mapped[bool] = mapped_column(default=False)
    """History (DESIGN §2, cases a to c): counted in trends, never alerts, not new in a digest."""
    text_hash: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the normalised text: equal texts are told once in a digest."""
    cluster_id: Mapped[int | None]
    removed_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
    """Content taken out by the retention job or an erasure; counts stay."""


class Sighting(Base):
    """Where an item was seen. `external_id` is what that source calls it."""

    __tablename__ = "sightings"
    __table_args__ = (
        Index("ix_sightings_source_id_external_id", "source_id", "external_id"),
        # What a source saw, newest first, without a sort (item keys follow time).
        Index("ix_sightings_source_id_item_id", "source_id", "item_id"),
    )

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
    )
    external_id: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]


class SearchPending(Base):
    """Items that the full-text index does not hold as they are now. The row is the work, and a
    search looks at these items whatever the index says of them."""

    __tablename__ = "search_pending"

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class Cluster(Keyed, Base):
    """Near-duplicates and syndicated copies of one text or news."""

    __tablename__ = "clusters"

    first_item_id: Mapped[int]
    size: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class ErasureBlock(Base):
    """Keyed hash of an author who objected (R-49): never collected again."""

    __tablename__ = "erasure_blocks"

    hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
