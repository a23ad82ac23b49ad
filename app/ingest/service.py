"""The way in: due sources are polled, files imported, queries searched for in what is stored."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_

from app.db.claim import Claim, claim
from app.errors import Conflict, Invalid, NotFound
from app.ingest.dryrun import DryRun, dry_run_config, dry_run_source
from app.ingest.heard import Heard, heard, newest_keys
from app.ingest.history import read_history
from app.ingest.importer import ImportReport, import_file
from app.ingest.poll import LEASE, SESSION_SECONDS, PollReport, run_poll
from app.ingest.prepare import Origin
from app.ingest.refresh import refresh_items
from app.ingest.rematch import rematch_pending
from app.ingest.rules import DEMO_KIND, IMPORT_KIND, INTAKE_KIND, NOT_POLLED, Arrival
from app.ingest.store import Stored, blank
from app.ingest.writer import Incoming, PageWriter
from app.models import Source
from app.services import Services

__all__ = [
    "DEMO_KIND",
    "IMPORT_KIND",
    "NOT_POLLED",
    "Arrival",
    "DryRun",
    "Heard",
    "ImportReport",
    "Incoming",
    "Origin",
    "PageWriter",
    "PollReport",
    "Stored",
    "blank",
    "dry_run_config",
    "dry_run_source",
    "heard",
    "import_file",
    "listen_live",
    "newest_keys",
    "poll_due",
    "poll_source",
    "read_history",
    "refresh_items",
    "rematch_pending",
    "store_page",
]  # fmt: skip

PARALLEL = 8
"""Sources polled at once by one process."""
STREAMS = 16
"""Streams that one process listens to at once."""
LOOK_S = 1.0
"""While some poll is slow, free hands look that often for other due sources."""
ROUND_S = 60.0
"""After that the job hands in as soon as no poll is under way. While a slow one is, its other
hands go on: the next tick cannot begin before it ends."""

store_page = PageWriter
"""Demo and replay store pages through the same writer that polls use."""


async def poll_due(services: Services, limit: int = 200) -> int:
    """Poll the sources that are due, up to `limit`; how many were polled.

    Eight at once; a slow one keeps one hand busy and holds up no other.
    """
    hands = _Hands(services, limit)
    await asyncio.gather(*(hands.work() for _ in range(min(PARALLEL, limit))))
    return hands.polled


async def poll_source(services: Services, source_id: int) -> PollReport:
    """Poll one source now, whatever its due time or state. Raises NotFound, and Conflict where
    it is being polled at this moment."""
    wanted = and_(
        Source.id == source_id, Source.removed_at.is_(None), Source.kind.not_in(NOT_POLLED)
    )
    for mine in await _claim(services, wanted, limit=1):
        return await run_poll(services, mine)
    async with services.db.read() as session:
        found = await session.get(Source, source_id)
    if found is not None and found.kind == INTAKE_KIND:
        raise Invalid(
            "This source is not read by us: its posts are pushed in.",
            fr="Cette source n’est pas lue par nous : ses publications nous sont envoyées.",
        )
    if found is None or found.removed_at is not None or found.kind in NOT_POLLED:
        raise NotFound("There is no such source.", fr="Cette source n’existe pas.")
    raise Conflict(
        "This source is being read at this moment: look again in a minute.",
        fr="Cette source est en cours de lecture : revenez dans une minute.",
    )


@dataclass(slots=True)
class _Hands:
    """Workers that share the due sources of one round."""

    services: Services
    limit: int
    taken: int = 0
    """Claimed so far."""
    polled: int = 0
    busy: int = 0
    begun: float = field(default_factory=time.monotonic)
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    ready: deque[Claim] = field(default_factory=deque)
    """Claimed, and waiting for a hand: one transaction claims for several."""

    async def work(self) -> None:
        while self.ready or (self.taken < self.limit and (self.busy or self._fresh())):
            mine = await self._next()
            if mine is None:
                if not self.busy:
                    return
                await asyncio.sleep(LOOK_S)
                continue
            self.busy += 1
            try:
                self.polled += 1
                await run_poll(self.services, mine)
            finally:
                self.busy -= 1

    async def _next(self) -> Claim | None:
        async with self.claiming:
            if not self.ready and self.taken < self.limit:
                # As many as hands are free: what waits for a slow one another worker may take.
                most = min(PARALLEL - self.busy, self.limit - self.taken)
                found = await _claim(self.services, self._due(), limit=most)
                self.taken += len(found)
                self.ready.extend(found)
            return self.ready.popleft() if self.ready else None

    def _fresh(self) -> bool:
        return time.monotonic() - self.begun < ROUND_S

    def _due(self) -> ColumnElement[bool]:
        return _due(self.services, live=False)


def _due(services: Services, *, live: bool) -> ColumnElement[bool]:
    return and_(
        Source.state.in_(("active", "failing")),
        Source.next_poll_at <= services.clock.now(),
        Source.removed_at.is_(None),
        Source.kind.not_in(NOT_POLLED),
        Source.live.is_(live),
    )


async def listen_live(services: Services, *, seconds: float = SESSION_SECONDS) -> int:
    """Listen to the streams that nobody listens to, for so long; how many sessions there were.

    A stream that is added, or that broke off and may be opened again, joins while the others go
    on; all end together, so that the next look finds them all.
    """
    ends = time.monotonic() + seconds
    sessions: set[asyncio.Task[PollReport]] = set()
    async with asyncio.TaskGroup() as group:
        while (left := ends - time.monotonic()) > 0:
            free = STREAMS - sum(not one.done() for one in sessions)
            for mine in await _claim_streams(services, free):
                sessions.add(group.create_task(run_poll(services, mine, seconds=left)))
            if all(one.done() for one in sessions):
                break
            await asyncio.sleep(min(LOOK_S, left))
    return len(sessions)


async def _claim_streams(services: Services, limit: int) -> Sequence[Claim]:
    if not limit:
        return ()
    async with services.db.write() as session:
        return await claim(
            session, Source, due=_due(services, live=True), order_by=Source.next_poll_at,
            now=services.clock.now(), lease=LEASE, limit=limit,
        )  # fmt: skip


async def _claim(services: Services, due: ColumnElement[bool], *, limit: int) -> Sequence[Claim]:
    async with services.db.write() as session:
        return await claim(
            session, Source, due=due, order_by=Source.next_poll_at,
            now=services.clock.now(), lease=LEASE, limit=limit,
        )  # fmt: skip
