"""Polling one leased source: pages in, each with its cursor, until it ends or fails."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.claim import Claim, LeaseLost, close, hold
from app.db.upsert import add_counts
from app.errors import AppError, StoreBusy, StoreFull
from app.ingest.clean import short
from app.ingest.identity import alias_of
from app.ingest.prepare import Origin
from app.ingest.rules import Arrival, NextState, Outcome, Polled, next_state
from app.ingest.store import Stored
from app.ingest.writer import Incoming, PageWriter
from app.models import ListeningLog, Source
from app.services import Services
from app.sources.service import build_collector, desk_for, narrowing_of, safety_rest, shelve
from collectors.api import Collector, Listening, Narrowing, Page, Refreshes, Streams
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Http

LEASE = timedelta(minutes=4)
"""Renewed by every page. A dead worker's sources come back when it ends."""
PAGE_SECONDS = 180.0
"""Longest wait for one page."""
POLL_SECONDS = 300.0
"""After that a poll stops between two pages and goes on at the next tick."""
SESSION_SECONDS = 200.0
"""Longest listening to one stream. Below the lease: a quiet stream has no page that renews it."""
STREAM_INTERVAL = timedelta(seconds=30)
"""Before a stream that broke off is opened again; doubled with each failure in a row."""
STORE_WAIT = timedelta(minutes=1)
"""Pause after the store would not take a page; the source is not to blame."""


@dataclass(slots=True, kw_only=True)
class PollReport:
    """What one poll did. outcome "lost": another worker holds the source now."""

    source_id: int
    outcome: Outcome | str = "ok"
    message: str = ""
    pages: int = 0
    got: int = 0
    skipped: int = 0
    stored: Stored = field(default_factory=Stored)
    next_poll_at: datetime | None = None
    asked: int = 0
    """Requests that the pages told of."""


@dataclass(slots=True, kw_only=True)
class _Poll:
    """One poll under way."""

    services: Services
    mine: Claim
    source: Source
    collector: Collector
    narrowing: Narrowing
    http: Http
    report: PollReport
    seconds: float
    rest: float = 0.0
    """Seconds for which the source itself wants to be left alone."""


async def run_poll(
    services: Services, mine: Claim, *, seconds: float = SESSION_SECONDS
) -> PollReport:
    """Poll a source that is leased to us, and give the lease back.

    seconds: how long to listen where the source is a stream, at most SESSION_SECONDS.
    """
    report = PollReport(source_id=mine.id)
    async with services.db.read() as session:
        source = await session.scalar(select(Source).where(Source.id == mine.id))
        narrowing = await narrowing_of(session, source) if source else Narrowing()
        rest = await safety_rest(session, source, services.clock.now()) if source else 0.0
    if source is None:
        report.outcome = "lost"
        return report
    log = structlog.get_logger().bind(source_id=source.id, kind=source.kind)
    polled, http = await _collect(services, mine, source, narrowing, report, seconds, rest)
    report.outcome, report.message = report.outcome or polled.outcome, polled.message
    if report.outcome == "lost":
        log.info("source.lease_lost")
        return report
    await _finish(services, mine, source, polled, report, http)
    return report


async def _collect(
    services: Services,
    mine: Claim,
    source: Source,
    narrowing: Narrowing,
    report: PollReport,
    seconds: float,
    rest: float,
) -> tuple[Polled, Http | None]:
    """Read and store pages; every way it can end is a value."""
    http: Http | None = None
    report.outcome = ""
    try:
        collector = build_collector(services, source)
        desk = desk_for(services, source, collector)
        http = services.http.budget(collector.capabilities.max_requests, desk=desk)
        poll = _Poll(
            services=services, mine=mine, source=source, collector=collector,
            narrowing=narrowing, http=http, report=report, seconds=seconds, rest=rest,
        )  # fmt: skip
        complete = await _pages(poll)
        report.outcome = "ok" if complete else "unfinished"
        return Polled(outcome="ok", freshness=max(http.freshness or 0.0, poll.rest)), http
    except LeaseLost as lost:
        report.outcome = "lost"
        return Polled(outcome="transient", message=str(lost)), http
    except (StoreBusy, StoreFull) as refused:
        report.outcome = refused.code
        return Polled(outcome="ok", message=refused.message), http
    except CollectorError as error:
        return _explained(error, http), http
    except AppError as error:
        return Polled(outcome="needs_attention", message=error.message), http
    except Exception as bug:  # foreign code: one must not stop the others
        structlog.get_logger().exception("source.bug", source_id=source.id, kind=source.kind)
        return Polled(outcome="bug", message=f"{type(bug).__name__} in the collector"), http


def _explained(error: CollectorError, http: Http | None) -> Polled:
    message, freshness = str(error), http.freshness if http else None
    if isinstance(error, RateLimited):
        return Polled(
            outcome="rate_limited", message=message, freshness=freshness,
            retry_after=error.retry_after,
        )  # fmt: skip
    kinds: Mapping[type[CollectorError], Outcome] = {
        Transient: "transient", BadPayload: "bad_payload", NeedsAttention: "needs_attention",
    }  # fmt: skip
    outcome = next((name for kind, name in kinds.items() if isinstance(error, kind)), "bug")
    return Polled(outcome=cast(Outcome, outcome), message=message, freshness=freshness)


async def _pages(poll: _Poll) -> bool:
    """Store page after page; False where the time was over before the end."""
    source, now = poll.source, poll.services.clock.now()
    origin = origin_of(source, poll.collector)
    first = source.created_at if source.first_poll_done_at is None else None
    writer = PageWriter(poll.services, origin, Arrival(now=now, first_poll_of=first))
    ends = time.monotonic() + POLL_SECONDS
    cursor = dict(source.cursor or {})
    if source.live and isinstance(poll.collector, Streams):
        return await _session(poll, writer, cursor)
    pages = cast("Any", poll.collector.poll(poll.narrowing, cursor, poll.http))
    async with aclosing(pages):
        while (page := await next_page(pages)) is not None:
            poll.rest = max(poll.rest, page.freshness or 0.0)
            if page != Page(cursor=cursor, freshness=page.freshness, listening=Listening(asked=0)):
                await _store(poll, writer, page, now)
                cursor = dict(page.cursor)
            if time.monotonic() > ends:
                return False
    return True


async def _session(poll: _Poll, writer: PageWriter, cursor: Mapping[str, Any]) -> bool:
    """Listen to a stream for a while; False: it is to be opened again at once.

    A stream that ends by itself is a poll that is done: it is opened again after its interval, so
    that a server which closes at once is not asked in a circle.
    """
    assert isinstance(poll.collector, Streams)
    ends = time.monotonic() + min(poll.seconds, SESSION_SECONDS)
    pages = cast("Any", poll.collector.listen(poll.narrowing, cursor, poll.http))
    async with aclosing(pages):
        while (left := ends - time.monotonic()) > 0:
            over = asyncio.timeout(left)
            try:
                async with over:
                    page = await anext(pages)
            except StopAsyncIteration:
                return True
            except TimeoutError as error:
                if over.expired():
                    break
                raise Transient("the stream gave no answer in time") from error
            now = poll.services.clock.now()
            writer.at(now)  # what is said now was not seen when the session began
            await _store(poll, writer, page, now)
    return False


def origin_of(source: Source, collector: Collector) -> Origin:
    """Where the items of this source's pages come from."""
    refreshes = isinstance(collector, Refreshes)
    return Origin(source.id, source.name, source.kind, collector.platform, refreshes)


async def next_page(pages: AsyncIterator[Page]) -> Page | None:
    """The next page, None at the end. Raises Transient where it takes too long."""
    try:
        async with asyncio.timeout(PAGE_SECONDS):
            return await anext(pages)
    except StopAsyncIteration:
        return None
    except TimeoutError as error:
        raise Transient(f"no answer within {PAGE_SECONDS:g} s") from error


async def _store(poll: _Poll, writer: PageWriter, page: Page, now: datetime) -> None:
    """A page and its cursor, or neither."""
    incoming = Incoming(
        items=page.items,
        removed=[alias_of(short(one)) for one in page.removed],
        skipped=page.skipped,
    )

    async def guard(session: AsyncSession) -> None:
        leased = {"cursor": dict(page.cursor), "leased_until": poll.services.clock.now() + LEASE}
        await hold(session, Source, poll.mine, leased)

    async def after(session: AsyncSession, stored: Stored) -> None:
        await shelve(session, poll.source.id, page.keep, now=now)
        counts = {"got": len(page.items), "new": stored.new, "skipped": len(page.skipped)}
        row = {**row_of(poll.source.id, now, page.listening), **counts}
        await listen(session, row, note=page.listening.note)

    stored = await writer.write(incoming, guard=guard, after=after)
    report = poll.report
    report.pages += 1
    report.got += len(page.items)
    report.skipped += len(page.skipped)
    report.asked += page.listening.asked
    add_up(report.stored, stored)


async def _finish(
    services: Services, mine: Claim, source: Source, polled: Polled, report: PollReport,
    http: Http | None,
) -> None:  # fmt: skip
    """The closing write: what the source becomes, and the rest of the listening log."""
    now = services.clock.now()
    interval = STREAM_INTERVAL if source.live else timedelta(seconds=source.interval_s)
    after = next_state(
        polled, state=source.state, failures=source.failures, interval=interval, now=now,
        jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
    )  # fmt: skip
    values = _closing(after, polled, report, source, now)
    report.next_poll_at = values["next_poll_at"]
    refused = int(polled.outcome == "rate_limited")
    failed = int(polled.outcome != "ok") - refused
    # A poll that told of no request was still a look.
    made = max(http.asked if http else 0, 0 if report.pages else 1)
    row = {
        "source_id": source.id, "hour": hour_of(now),
        "asked": max(made - report.asked, refused + failed), "got": 0, "new": 0,
        "refused": refused, "failed": failed, "skipped": 0, "truncated": 0, "missed": 0,
    }  # fmt: skip
    try:
        async with services.db.write() as session:
            await close(session, Source, mine, values)
            await listen(session, row, note=polled.message)
    except LeaseLost:
        report.outcome = "lost"
    except (StoreBusy, StoreFull) as refusal:
        # The lease ends by itself, and the source is polled again from the same cursor.
        report.outcome, report.message = refusal.code, refusal.message
    _tell(source, after)


def _closing(
    after: NextState, polled: Polled, report: PollReport, source: Source, now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": after.state, "failures": after.failures, "next_poll_at": after.next_poll_at,
        "last_error": short(after.last_error), "last_polled_at": now, "updated_at": now,
    }  # fmt: skip
    if report.outcome in (StoreBusy.code, StoreFull.code):
        # Our own trouble: neither success nor failure of the source.
        return {"next_poll_at": now + STORE_WAIT, "updated_at": now}
    if report.outcome == "unfinished":
        values["next_poll_at"] = now
    if polled.outcome == "ok" and (source.live or report.outcome != "unfinished"):
        values["first_poll_done_at"] = source.first_poll_done_at or now
    if polled.outcome == "ok":
        values["last_ok_at"] = now
    if report.stored.new:
        values["last_new_at"] = now
    return values


def _tell(source: Source, after: NextState) -> None:
    """A source that goes down or comes back is told once; the rest is the listening log."""
    if after.news:
        structlog.get_logger().warning(
            f"source.{after.news}", source_id=source.id, kind=source.kind, reason=after.last_error
        )


async def listen(session: AsyncSession, row: Mapping[str, Any], *, note: str) -> None:
    """Add to the listening log; a note replaces an earlier one of the hour."""
    keys = ("source_id", "hour")
    if note:
        await add_counts(
            session, ListeningLog, [{**row, "note": short(note)[:500]}], keys=keys,
            replace=("note",),
        )  # fmt: skip
    else:
        await add_counts(session, ListeningLog, [row], keys=keys)


def row_of(source_id: int, now: datetime, heard: Listening) -> dict[str, Any]:
    """What a page says of our hearing, as a row of the listening log."""
    return {
        "source_id": source_id, "hour": hour_of(now), "asked": heard.asked, "got": 0, "new": 0,
        "refused": heard.refused, "failed": 0, "skipped": 0, "truncated": int(heard.truncated),
        "missed": int(heard.missed),
    }  # fmt: skip


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def add_up(total: Stored, more: Stored) -> None:
    for name in Stored.__slots__:
        setattr(total, name, getattr(total, name) + getattr(more, name))
