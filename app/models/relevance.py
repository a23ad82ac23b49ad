"""The filter that a brand learned from people's marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RelevanceFilter(Base):
    """One row a brand, made with its first mark.

    The row is the work: `pending` until the marks are learned, `applied_at` null until the stored
    mentions have been judged with the present filter (or freed, where it is off).
    """

    __tablename__ = "relevance_filters"

    brand_id: Mapped[int] = mapped_column(
        ForeignKey("brands.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    on: Mapped[bool] = mapped_column("is_on", default=False)
    pending: Mapped[bool] = mapped_column(default=True)
    marks: Mapped[int] = mapped_column(default=0)
    """Raised with every mark: a training that began before the last one leaves `pending`."""
    version: Mapped[int] = mapped_column(default=0)
    """Raised with every training and switch: a window of the last one is not applied any more."""
    model: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hashed weights, no words (see nlp.relevance.model)."""
    digest: Mapped[str] = mapped_column(default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Cross-validated on the marks: precision, recall, with sample sizes and intervals."""
    trained_at: Mapped[datetime | None]
    apply_key: Mapped[int | None] = mapped_column(BigInteger)
    """The mention key down to which the stored mentions have been judged (newest first)."""
    applied_at: Mapped[datetime | None]
