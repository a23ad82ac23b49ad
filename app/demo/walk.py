"""Lives through the demo's days on a virtual clock, by the pipeline that real posts go through."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.alerts.service import evaluate_pending, resolve_due
from app.clock import ManualClock
from app.db.upsert import put
from app.deliveries.service import drain
from app.demo import cast
from app.demo.rules import Plan, Post, is_read, looks, midnight, posts_of
from app.demo.stage import Stage
from app.digests.service import build_due
from app.ingest.service import DEMO_KIND, Arrival, Incoming, Origin, PageWriter, Stored
from app.models import ListeningLog
from app.services import Services
from collectors.api import Author, Item

HOUR = timedelta(hours=1)
ASKED_AN_HOUR = 4
"""Polls an hour of a source that is read every quarter."""


@dataclass(slots=True)
class Walk:
    """The way through the days. services: on the scratch database and the virtual clock."""

    services: Services
    clock: ManualClock
    plan: Plan
    stage: Stage
    items: int = 0
    mentions: int = 0
    _since: datetime = field(init=False)
    _got: Counter[tuple[str, datetime]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._since = self.plan.start

    async def go(self, told: Callable[[int], None]) -> None:
        """Live all of it; `told` hears how many looks are done."""
        waiting: list[Post] = []
        day = self.plan.start
        for number, look in enumerate(looks(self.plan), start=1):
            while day <= look:
                local = (day + 12 * HOUR).date()
                waiting += posts_of(self.plan, local)
                day = midnight(local + timedelta(days=1))
            due = [self._is_due(one, look) for one in waiting]
            seen = [one for one, now in zip(waiting, due, strict=True) if now]
            waiting = [one for one, now in zip(waiting, due, strict=True) if not now]
            self.clock.at = look
            await self._look(seen)
            self._since = look
            told(number)
            # The service that lends us its event loop has requests to answer.
            await asyncio.sleep(0)

    def _is_due(self, one: Post, look: datetime) -> bool:
        return one.at <= look and is_read(self.plan, one.source, look)

    async def _look(self, seen: Sequence[Post]) -> None:
        """One look at the world: what the jobs of the service do at a tick, in their order."""
        heard = [one for one in seen if not self.plan.is_blind(one.source, one.at)]
        for place in cast.SOURCES:
            page = [item_of(one) for one in heard if one.source == place.key]
            if page:
                await self._store(place, page)
        await self._listen(heard)
        while await evaluate_pending(self.services):
            pass
        await resolve_due(self.services)
        await build_due(self.services)
        await drain(self.services)

    async def _store(self, place: cast.SourceCast, page: Sequence[Item]) -> None:
        origin = Origin(self.stage.sources[place.key], place.name, DEMO_KIND, place.platform)
        writer = PageWriter(self.services, origin, Arrival(now=self.clock.at), expects_known=False)
        stored = await writer.write(Incoming(items=page), guard=_nothing, after=_nothing)
        self.items += stored.new
        self.mentions += stored.mentions

    async def _listen(self, heard: Sequence[Post]) -> None:
        """The listening log of the hours since the last look; the hour in progress is replaced."""
        now = _hour(self.clock.at)
        self._got.update((one.source, now) for one in heard)
        first, rows = _hour(self._since), []
        while first <= now:
            rows += [self._heard(place.key, first) for place in cast.SOURCES]
            first += HOUR
        async with self.services.db.write() as session:
            await put(session, ListeningLog, rows, keys=("source_id", "hour"))

    def _heard(self, source: str, hour: datetime) -> dict[str, Any]:
        count, blind = self._got[source, hour], self.plan.is_blind(source, hour)
        return {
            "source_id": self.stage.sources[source], "hour": hour, "asked": ASKED_AN_HOUR,
            "got": count, "new": count, "refused": ASKED_AN_HOUR if blind else 0, "failed": 0,
            "skipped": 0, "truncated": 0, "missed": 0, "note": cast.BLIND_NOTE if blind else "",
        }  # fmt: skip


def item_of(post: Post) -> Item:
    """The post as a collector would hand it in."""
    return Item(
        external_id=post.id, url=post.url, title=post.title, text=post.text,
        published_at=post.at, kind=post.kind, metrics=dict(post.metrics),
        author=Author(name=post.author, id=post.author_id, followers=post.followers),
    )  # fmt: skip


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


async def _nothing(session: AsyncSession, stored: Stored | None = None) -> None:
    """No lease to hold and no cursor to keep: the demo is told once."""
