"""Who changed what (R-53): one line in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import AuditEntry


def record(
    session: AsyncSession,
    *,
    now: datetime,
    actor: str,
    action: str,
    subject: str,
    subject_id: int | str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry to the session's transaction.

    actor: who did it ("member:ID", "key:PREFIX", "cli", "system"); action: a verb in a constant
    form ("watchlist.create"). detail: never a secret and never a person's handle.
    """
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            action=action,
            subject_kind=subject,
            subject_id=str(subject_id),
            detail=dict(detail or {}),
        )
    )
