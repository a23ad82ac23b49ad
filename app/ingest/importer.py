"""`vigie import`: a file of records through the same pipeline, as history (backfill).

Resumable: a run is known by the file's digest and counts the records it is through with, in the
transaction that stores them. Unreadable records go to FILE.rejected.jsonl.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.enrich.service import Thinks
from app.errors import Conflict, Invalid
from app.ingest.prepare import Origin
from app.ingest.rejects import Rejects
from app.ingest.rules import IMPORT_KIND, Arrival
from app.ingest.store import Stored
from app.ingest.writer import Incoming, PageWriter
from app.models import ImportRun, Source, WatchlistSource
from app.services import Services
from app.watchlists.service import require_watchlist
from collectors.api import Item
from collectors.errors import BadPayload
from collectors.jsonl.files import Place, Reading, Record, read_page
from collectors.jsonl.records import item_from_record

BATCH = 500
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, over all its parts. resumed_at: records done by an earlier part."""

    records: int
    stored: int
    duplicates: int
    rejected: int
    mentions: int
    resumed_at: int
    rejected_file: Path | None


@dataclass(slots=True)
class _Run:
    """An import under way; the counts are those of its row."""

    id: int
    offset: int
    stored: int
    duplicates: int
    rejected: int
    mentions: int = 0


async def import_file(
    services: Services,
    path: Path,
    *,
    watchlist_id: int,
    source_name: str = "",
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    brain: Thinks | None = None,
) -> ImportReport:
    """Store the records of a JSON Lines or CSV file as history of a watchlist.

    source_name: shown as their source, default the file's name. mapping: key in the file → key of
    ours. brain: who judges, default the service's. Duplicates are counted, no error.
    Raises Invalid (no such file), NotFound (watchlist), Conflict (the file is being imported),
    StoreBusy, StoreFull; started again it goes on where it was.
    """
    digest, size = await _digest(path)
    now = services.clock.now()
    source, run = await _begin(services, watchlist_id, source_name or path.name, digest, now)
    resumed_at = run.offset
    origin = Origin(source.id, source.name, IMPORT_KIND, None)
    writer = PageWriter(
        services, origin, Arrival(now=now, imported=True), expects_known=False, brain=brain
    )
    with Rejects(path, done=run.offset) as rejects:
        for reading, records in _pages(path, skip=run.offset):
            await _take(run, writer, records, rejects, mapping or {})
            if progress:
                progress(reading.place.offset, size)
    async with services.db.write() as session:
        await session.execute(
            update(ImportRun)
            .where(ImportRun.id == run.id)
            .values(finished_at=services.clock.now())
        )  # fmt: skip
    return ImportReport(
        records=run.offset, stored=run.stored, duplicates=run.duplicates, rejected=run.rejected,
        mentions=run.mentions, resumed_at=resumed_at, rejected_file=rejects.written,
    )  # fmt: skip


async def _digest(path: Path) -> tuple[str, int]:
    def read() -> tuple[str, int]:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()

    try:
        return await asyncio.to_thread(read)
    except OSError as error:
        raise Invalid(
            f"{path}: cannot be read ({error.strerror}).",
            fr=f"{path} : lecture impossible ({error.strerror}).", field="path",
        ) from error  # fmt: skip


async def _begin(
    services: Services, watchlist_id: int, name: str, digest: str, now: datetime
) -> tuple[Source, _Run]:
    """The source that stands for these files, and the run to go on with, or a new one."""
    fingerprint = f"{IMPORT_KIND}:{watchlist_id}:{name}"
    async with services.db.write() as session:
        await require_watchlist(session, watchlist_id)
        row = {
            "id": key_at(now), "kind": IMPORT_KIND, "name": name, "fingerprint": fingerprint,
            "next_poll_at": _NEVER, "first_poll_done_at": now, "created_at": now,
            "updated_at": now,
        }  # fmt: skip
        await insert_ignore(session, Source, [row], on=("fingerprint",))
        source = (
            await session.scalars(select(Source).where(Source.fingerprint == fingerprint))
        ).one()
        link = {"watchlist_id": watchlist_id, "source_id": source.id}
        await insert_ignore(session, WatchlistSource, [link], on=("watchlist_id", "source_id"))
        unfinished = await session.scalar(
            select(ImportRun)
            .where(
                ImportRun.file_hash == digest,
                ImportRun.source_id == source.id,
                ImportRun.finished_at.is_(None),
            )
            .order_by(ImportRun.created_at.desc())
            .limit(1)
        )
        run = unfinished or ImportRun(
            id=key_at(now), file_hash=digest, source_id=source.id, created_at=now, offset=0,
            stored=0, duplicates=0, rejected=0,
        )  # fmt: skip
        session.add(run)
        return source, _Run(run.id, run.offset, run.stored, run.duplicates, run.rejected)


def _pages(path: Path, *, skip: int) -> Iterator[tuple[Reading, Sequence[Record]]]:
    """The records of a file that stands still, in batches, without the first `skip`."""
    place: Place | None = None
    seen = 0
    while (reading := read_page(path, place, limit=BATCH)) is not None:
        fresh = reading.records[max(skip - seen, 0) :]
        seen += len(reading.records)
        if fresh:
            yield reading, fresh
        ended = reading.place == place
        place = reading.place
        # A last line without its end is given out when the same size is seen a second time.
        if not reading.more and (ended or not place.tail):
            return


async def _take(
    run: _Run, writer: PageWriter, records: Sequence[Record], rejects: Rejects,
    mapping: Mapping[str, str],
) -> None:  # fmt: skip
    """One batch: its items and the run's new counts in one transaction."""
    items: list[Item] = []
    bad = 0
    for record in records:
        one = _read(record, mapping)
        if isinstance(one, Item):
            items.append(one)
        else:
            bad += 1
            rejects.add(record, one)
    rejects.flush()
    done = _Run(run.id, run.offset + len(records), 0, 0, run.rejected + bad)

    async def guard(session: AsyncSession) -> None:
        await _advance(session, run, {"offset": done.offset, "rejected": done.rejected})

    async def after(session: AsyncSession, stored: Stored) -> None:
        done.stored = run.stored + stored.new
        done.duplicates = run.duplicates + len(items) - stored.new - stored.blocked
        counts = {"stored": done.stored, "duplicates": done.duplicates}
        await session.execute(update(ImportRun).where(ImportRun.id == run.id).values(**counts))

    stored = await writer.write(Incoming(items=items), guard=guard, after=after)
    run.offset, run.stored, run.duplicates = done.offset, done.stored, done.duplicates
    run.rejected = done.rejected
    run.mentions += stored.mentions


def _read(record: Record, mapping: Mapping[str, str]) -> Item | str:
    """The item, or why there is none."""
    if record.value is None:
        return record.problem
    value = record.value
    if mapping:
        value = {mapping.get(key, key): one for key, one in value.items()}
    try:
        return item_from_record(value)
    except BadPayload as error:
        return str(error)


async def _advance(session: AsyncSession, run: _Run, values: Mapping[str, Any]) -> None:
    result = await session.execute(
        update(ImportRun)
        .where(ImportRun.id == run.id, ImportRun.offset == run.offset)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict(
            "This file is being imported by another process: wait for it, or stop it.",
            fr="Ce fichier est en cours d’import par un autre processus : attendez ou arrêtez-le.",
        )
