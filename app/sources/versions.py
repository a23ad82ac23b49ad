"""Versions of watched pages, as they were kept: to look at, and to compare with the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.errors import NotFound
from app.models import SourceDocument
from app.sources import queries
from app.sources.rules import compare

if TYPE_CHECKING:
    from app.services import Services

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of one document. size: characters."""

    id: int
    name: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A version with its text, and what differs from the version before it.

    changes: lines beginning with "− " or "+ "; none for the first version there is.
    """

    version: Version
    text: str
    before: datetime | None
    changes: Sequence[str]


async def versions(services: Services, watchlist_id: int, source_id: int) -> Sequence[Version]:
    """What a source keeps, newest first. Raises NotFound."""
    async with services.db.read() as session:
        await queries.source(session, watchlist_id, source_id)
        rows = await session.execute(
            select(
                SourceDocument.id, SourceDocument.name, SourceDocument.created_at,
                func.length(SourceDocument.text).label("size"),
            )
            .where(SourceDocument.source_id == source_id, SourceDocument.kind == "version")
            .order_by(SourceDocument.id.desc())
            .limit(MOST)
        )  # fmt: skip
        return [
            Version(id=row.id, name=row.name, at=row.created_at, size=row.size or 0) for row in rows
        ]


async def version(
    services: Services, watchlist_id: int, source_id: int, version_id: int
) -> Compared:
    """One version beside the one before it. Raises NotFound."""
    async with services.db.read() as session:
        await queries.source(session, watchlist_id, source_id)
        found = await session.get(SourceDocument, version_id)
        if found is None or found.source_id != source_id or found.kind != "version":
            raise NotFound(
                "There is no such version: only the newest are kept.",
                fr="Cette version n’existe pas : seules les plus récentes sont gardées.",
            )
        before = await session.scalar(
            select(SourceDocument)
            .where(
                SourceDocument.source_id == source_id, SourceDocument.name == found.name,
                SourceDocument.kind == "version", SourceDocument.id < found.id,
            )
            .order_by(SourceDocument.id.desc())
            .limit(1)
        )  # fmt: skip
    changes: Sequence[str] = ()
    if before is not None:
        # Long pages take a while: not in the event loop.
        changes = await asyncio.to_thread(compare, before.text, found.text)
    return Compared(
        version=Version(
            id=found.id, name=found.name, at=found.created_at, size=len(found.text)
        ),
        text=found.text, before=before.created_at if before else None, changes=changes,
    )  # fmt: skip
