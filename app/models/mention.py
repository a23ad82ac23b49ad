"""Mentions, verdicts, what people say of them, and the roll-ups that count them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import Key
from app.models.base import Base, Keyed


class Mention(Base):
    """An item matched to a brand, with why. The key follows the item's `published_at`.

    `label` is what the roll-ups count it under: positive, neutral, negative or none (not judged).
    It changes only in the transaction that moves the roll-ups.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("item_id", "brand_id"),
        Index("ix_mentions_brand_id_id", "brand_id", "id"),
        Index("ix_mentions_watchlist_id_id", "watchlist_id", "id"),
        Index(
            "ix_mentions_rules_pending",
            "id",
            sqlite_where=text("rules_pending"),
            postgresql_where=text("rules_pending"),
        ),
        Index(
            "ix_mentions_entities_pending",
            "id",
            sqlite_where=text("entities_pending"),
            postgresql_where=text("entities_pending"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="CASCADE"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    query_version_id: Mapped[int]
    source_id: Mapped[int]
    """The source that saw it first."""
    spans: Mapped[list[Any]] = mapped_column(default=list)
    """[[field, start, end] …], code points."""
    clause: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    backfill: Mapped[bool] = mapped_column(default=False)
    owned: Mapped[bool] = mapped_column(default=False)
    syndicated: Mapped[bool] = mapped_column(default=False)
    lang: Mapped[str | None]
    label: Mapped[str] = mapped_column(default="none")
    score: Mapped[float | None]
    unsure: Mapped[bool] = mapped_column(default=False)
    model_id: Mapped[int | None]
    engagement: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int | None]
    relevant: Mapped[bool | None]
    """False: "not about us", marked, never deleted."""
    filtered: Mapped[bool] = mapped_column(default=False)
    """`relevant` is the brand's filter's word, not a person's: whatever a person says stands."""
    relevance: Mapped[float | None]
    """How likely the brand's filter holds it to be about the brand; None where none is on."""
    status: Mapped[str] = mapped_column(default="new")
    assignee_id: Mapped[int | None]
    snoozed_until: Mapped[datetime | None]
    rules_pending: Mapped[bool] = mapped_column(default=False)
    """The row is the work: true until the alert rules have seen it."""
    entities_pending: Mapped[bool] = mapped_column(default=False)


class ModelVersion(Keyed, Base):
    """A ModelRef seen in verdicts: name and build."""

    __tablename__ = "model_versions"
    __table_args__ = (UniqueConstraint("name", "build"),)

    name: Mapped[str]
    build: Mapped[str]
    first_used_at: Mapped[datetime]


class Verdict(Base):
    """What an analyzer said of an item (brand_id 0) or of an item towards a brand.

    One row per item, brand, kind and model (R-19): a new model writes beside the old one.
    `abstain` names the reason where there is no label.
    """

    __tablename__ = "verdicts"

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True
    )
    brand_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    kind: Mapped[str] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str | None]
    score: Mapped[float | None]
    unsure: Mapped[bool] = mapped_column(default=False)
    abstain: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Entities and evidence."""
    judged_at: Mapped[datetime]


class HourRollup(Base):
    """hour × brand × label. `hour` is the watchlist's local hour, stored as its UTC start."""

    __tablename__ = "rollup_hours"

    brand_id: Mapped[int] = mapped_column(
        ForeignKey("brands.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    n_owned: Mapped[int] = mapped_column(default=0)
    n_syndicated: Mapped[int] = mapped_column(default=0)
    engagement: Mapped[int] = mapped_column(default=0)


class DayRollup(Base):
    """day × brand × label. `day` is the watchlist's local date, ISO."""

    __tablename__ = "rollup_days"

    brand_id: Mapped[int] = mapped_column(
        ForeignKey("brands.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    n_owned: Mapped[int] = mapped_column(default=0)
    n_syndicated: Mapped[int] = mapped_column(default=0)
    engagement: Mapped[int] = mapped_column(default=0)


class WideDayRollup(Base):
    """day × brand × source × label × language, for breakdowns."""

    __tablename__ = "rollup_days_wide"

    brand_id: Mapped[int] = mapped_column(
        ForeignKey("brands.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    n_owned: Mapped[int] = mapped_column(default=0)
    n_syndicated: Mapped[int] = mapped_column(default=0)
    engagement: Mapped[int] = mapped_column(default=0)


class AuthorDayRollup(Base):
    """day × brand × author: distinct authors and reach of any span of days."""

    __tablename__ = "rollup_author_days"

    brand_id: Mapped[int] = mapped_column(
        ForeignKey("brands.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(default=0)


class Topic(Keyed, Base):
    """A group found."""

    __tablename__ = "topics"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    terms: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Theme(Keyed, Base):
    """A group the user wrote."""

    __tablename__ = "themes"
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)

    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]
    created_at: Mapped[datetime]


class MentionTopic(Base):
    """Which topics and themes a mention belongs to."""

    __tablename__ = "mention_topics"

    mention_id: Mapped[int] = mapped_column(
        Key, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True, default="topic")


class Tag(Keyed, Base):
    """A word people put on things."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)

    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    name: Mapped[str]


class MentionTag(Base):
    __tablename__ = "mention_tags"

    mention_id: Mapped[int] = mapped_column(
        Key, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class Note(Keyed, Base):
    """What somebody wrote about a mention, an author, an alert."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_subject", "subject_kind", "subject_id"),)

    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    member_id: Mapped[int | None]
    text: Mapped[str]
    created_at: Mapped[datetime]


class Correction(Keyed, Base):
    """A person's word against the machine's; it wins over every verdict and trains the next."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_mention_id", "mention_id"),)

    mention_id: Mapped[int] = mapped_column(Key, ForeignKey("mentions.id", ondelete="CASCADE"))
    field: Mapped[str]
    old: Mapped[str] = mapped_column(default="")
    new: Mapped[str]
    member_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
