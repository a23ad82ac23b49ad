"""import → match → fast enrich → store → roll-up on one core, beside its bare parts.

Prints items/s of the real import, what each part costs alone on the same texts and rows, and the
ratio to their sum; beside it PyPI's obsei 1.1.1 on the same records, where `.venv-bench` has it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, cast

from app.clock import ManualClock
from app.config import Settings
from app.db.engine import Database
from app.db.migrate import migrate
from app.enrich.brain import Brain
from app.enrich.inline import InlineBrain
from app.ingest.service import import_file
from app.models import Brand, Epoch, Query, QueryVersion, Watchlist
from app.secrets import load_cipher
from app.services import Services
from bench import parts
from bench.records import BRANDS, records
from collectors.http import Http, Policy

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LANGUAGES = ("fr", "en", "de", "es", "it", "pt")


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the processor of one run."""

    items: int
    whole: float
    language: float
    vader: float
    match: float
    store: float

    @property
    def parts(self) -> float:
        return self.language + self.vader + self.match + self.store


def run(limit: int) -> Measured:
    """One import into a fresh database, and its parts alone."""
    _, found = records(limit)
    # One of its own: it knows queries by their epoch, which is 1 in every fresh database.
    brain = InlineBrain(LANGUAGES)
    asyncio.run(_warm(brain))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "records.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in found))
        seconds, stored = asyncio.run(_import(folder, file, brain))
        empty = folder / "empty.db"
        migrate(f"sqlite:///{empty}", backups=folder, now=NOW)
        texts = list({one["id"]: one["text"] for one in found}.values())
        return Measured(
            stored, seconds, parts.language(texts, LANGUAGES), parts.vader(texts),
            parts.match(texts, BRANDS), parts.raw_store(folder / "vigie.db", empty),
        )  # fmt: skip


async def _import(folder: Path, file: Path, brain: InlineBrain) -> tuple[float, int]:
    settings = Settings(data_dir=folder)
    migrate(settings.database_url, backups=folder, now=NOW)
    services = Services(
        settings=settings, clock=ManualClock(NOW), db=Database(settings.database_url),
        cipher=load_cipher(settings.key_path), http=Http(Policy.parse("")),
        brain=cast("Brain", brain),
    )  # fmt: skip
    try:
        watchlist_id = await watch(services)
        begun = time.process_time()
        report = await import_file(services, file, watchlist_id=watchlist_id)
        if not report.mentions:
            raise SystemExit("nothing matched: what was measured is no pipeline")
        return time.process_time() - begun, report.stored
    finally:
        await services.http.aclose()
        await services.db.close()


async def watch(services: Services) -> int:
    async with services.db.write() as session:
        watchlist = Watchlist(name="bench", created_at=NOW, updated_at=NOW)
        session.add(watchlist)
        await session.flush()
        for name, text in BRANDS.items():
            brand = Brand(watchlist_id=watchlist.id, name=name, created_at=NOW, updated_at=NOW)
            session.add(brand)
            await session.flush()
            query = Query(brand_id=brand.id, current_version_id=None)
            session.add(query)
            await session.flush()
            version = QueryVersion(
                query_id=query.id, number=1, text=text, created_at=NOW, rematched_at=NOW
            )
            session.add(version)
            await session.flush()
            query.current_version_id = version.id
        session.add(Epoch(name="queries", value=1))
        return watchlist.id


def report(
    runs: list[Measured], source: str, peer: float | None, say: Callable[[str], Any]
) -> None:
    """Print the medians."""
    items = runs[0].items
    each = {
        name: median(getattr(one, name) for one in runs) / items * 1e6
        for name in ("whole", "language", "vader", "match", "store")
    }
    total = median(one.parts for one in runs) / items * 1e6
    ratio = median(one.whole / one.parts for one in runs)
    say(f"records        {items} from {source}, median of {len(runs)} runs, processor time")
    say(f"pipeline       {1e6 / each['whole']:8.0f} items/s  {each['whole']:7.1f} µs an item")
    for name, label in (
        ("language", "language id"), ("vader", "bare VADER"), ("match", "match"),
        ("store", "raw sqlite3"),
    ):  # fmt: skip
        say(f"  {label:<12} {1e6 / each[name]:8.0f} items/s  {each[name]:7.1f} µs an item")
    say(f"  sum of parts          {total:14.1f} µs an item")
    say(f"ratio          {ratio:8.2f} x the sum of its parts (budget 1.5)")
    if peer:
        times = 1e6 / each["whole"] / peer
        say(f"obsei 1.1.1    {peer:8.0f} items/s; Vigie is {times:.1f} x (budget 5)")
    else:
        say("obsei 1.1.1    not installed in .venv-bench: not compared")


def main(limit: int = 15_000, times: int = 5) -> None:
    """Pin to one core, run, print."""
    from bench.peer import obsei_rate

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    source, found = records(limit)
    runs = [run(limit) for _ in range(times)]
    peer = obsei_rate(found)
    report(runs, source, peer, lambda line: sys.stdout.write(line + "\n"))


async def _warm(brain: InlineBrain) -> None:
    from app.enrich.values import QuerySet, TextIn

    await brain.analyse([TextIn(body="I love this"), TextIn(body="j'adore ça")], QuerySet(0, {}))


if __name__ == "__main__":
    main(*(int(arg) for arg in sys.argv[1:]))
