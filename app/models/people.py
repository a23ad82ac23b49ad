"""Lists of people, saved views, campaigns, incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Keyed


class PeopleList(Keyed, Base):
    __tablename__ = "people_lists"
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)

    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime]


class PeopleListMember(Base):
    __tablename__ = "people_list_members"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("people_lists.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[int] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True
    )


class SavedView(Keyed, Base):
    """One filter, used by list, alert, export and feed."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)

    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    name: Mapped[str]
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Campaign(Keyed, Base):
    """A period with a cost and a goal."""

    __tablename__ = "campaigns"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id", ondelete="SET NULL"))
    name: Mapped[str]
    starts_on: Mapped[str]
    ends_on: Mapped[str]
    cost: Mapped[float | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    goal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Incident(Keyed, Base):
    """A crisis file that grows from an alert."""

    __tablename__ = "incidents"

    watchlist_id: Mapped[int] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    alert_id: Mapped[int | None]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    timeline: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
