"""Subscriptions to hubs that tell when a feed has news (WebSub)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class PushSubscription(Base):
    """What a hub was asked for a source. A push only says "look now": the poll reads."""

    __tablename__ = "push_subscriptions"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    hub: Mapped[str]
    topic: Mapped[str]
    token: Mapped[str]
    """The unguessable end of the callback's address."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted; the hub signs with it."""
    state: Mapped[str] = mapped_column(default="new")
    """new, asked (the hub has yet to verify), active, denied, failed."""
    failures: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(index=True)
    """When to ask the hub again: to try anew, or to renew the lease."""
    last_error: Mapped[str] = mapped_column(default="")
    pushed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
