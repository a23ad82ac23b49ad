"""Polling sources for a person who waits: several at once, beside a running service or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import func, select

from app.cli import console
from app.errors import Conflict
from app.ingest.service import PollReport, poll_source
from app.models import Mention, Sighting, Source
from app.services import Services

PARALLEL = 8
LOOK_S = 0.5
WAIT_S = 120.0
"""How long we wait for a poll that the running service has begun."""

_WORDS = {
    "ok": ("a répondu", "answered"),
    "unfinished": ("a répondu, la suite viendra", "answered, more to come"),
    "by_service": ("lue par le service", "read by the service"),
    "busy": ("en cours de lecture par le service", "being read by the service"),
    "rate_limited": ("demande d’attendre", "asks to wait"),
    "transient": ("injoignable pour l’instant", "cannot be reached now"),
    "bad_payload": ("réponse illisible", "unreadable answer"),
    "needs_attention": ("attend une intervention", "needs attention"),
    "bug": ("erreur du collecteur", "error in the collector"),
    "store-busy": ("base occupée", "database busy"),
    "store-full": ("disque plein", "disk full"),
    "lost": ("reprise par le service", "taken over by the service"),
}
_ANSWERED = frozenset({"ok", "unfinished", "by_service", "busy", "lost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How one source's poll ended. new, mentions: added by this very poll."""

    id: str
    kind: str
    name: str
    outcome: str
    message: str = ""
    got: int = 0
    new: int = 0
    mentions: int = 0

    @property
    def answered(self) -> bool:
        return self.outcome in _ANSWERED

    def line(self) -> str:
        """For people: what came of it."""
        fr, en = _WORDS.get(self.outcome, (self.outcome, self.outcome))
        told = console.t(fr=fr, en=en)
        if not self.answered:
            return f"{self.name} : {told} ({self.message})"
        return console.t(
            fr=f"{self.name} : {told}, {self.got} lus, {self.new} nouveaux, "
            f"{self.mentions} mentions",
            en=f"{self.name}: {told}, {self.got} read, {self.new} new, {self.mentions} mentions",
        )

    def record(self) -> dict[str, Any]:
        return asdict(self)


async def poll_all(services: Services, sources: Sequence[Source]) -> AsyncIterator[Polled]:
    """Poll them, eight at once; results as they come."""
    hands = asyncio.Semaphore(PARALLEL)

    async def one(source: Source) -> Polled:
        async with hands:
            return await poll_one(services, source)

    for done in asyncio.as_completed([one(source) for source in sources]):
        yield await done


async def poll_one(services: Services, source: Source) -> Polled:
    """Poll one source; where the running service does at this moment, wait for what it finds."""
    try:
        report = await poll_source(services, source.id)
    except Conflict:
        return await _by_service(services, source)
    return _polled(source, report)


def _polled(source: Source, report: PollReport) -> Polled:
    return Polled(
        id=str(source.id), kind=source.kind, name=source.name, outcome=str(report.outcome),
        message=report.message, got=report.got, new=report.stored.new,
        mentions=report.stored.mentions,
    )  # fmt: skip


async def _by_service(services: Services, source: Source) -> Polled:
    told = Polled(id=str(source.id), kind=source.kind, name=source.name, outcome="busy")
    waited = 0.0
    while waited < WAIT_S:
        async with services.db.read() as session:
            row = await session.get_one(Source, source.id)
        if row.leased_until is None:
            if row.state in ("failing", "needs_attention"):
                outcome = "transient" if row.state == "failing" else row.state
                return replace(told, outcome=outcome, message=row.last_error)
            items, mentions = await found_by(services, [source.id])
            return replace(told, outcome="by_service", got=items, new=items, mentions=mentions)
        await asyncio.sleep(LOOK_S)
        waited += LOOK_S
    return told


async def found_by(services: Services, source_ids: Sequence[int]) -> tuple[int, int]:
    """Items seen by these sources, and mentions among them."""
    seen = select(Sighting.item_id).where(Sighting.source_id.in_(source_ids)).distinct()
    async with services.db.read() as session:
        items = await session.scalar(select(func.count()).select_from(seen.subquery()))
        mentions = await session.scalar(
            select(func.count()).select_from(Mention).where(Mention.item_id.in_(seen))
        )
    return items or 0, mentions or 0
