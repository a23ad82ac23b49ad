"""One Vigie on a fresh SQLite database, polling as the service does; prints seconds of each round.

python -m bench.feeds_vigie CONTROL < ADDRESSES    (one address a line)
Rounds as in peer_reader.py. Claims, conditional requests, parsing in child processes, matching and
judging in the brain's process, storing, roll-ups, listening log: nothing is left out.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, update

from app.clock import ManualClock
from app.config import Settings
from app.db.keys import fresh_key
from app.db.migrate import migrate
from app.ingest.service import poll_due, poll_source
from app.models import Item, Source, WatchlistSource
from app.services import Services, open_services
from bench.pipeline import watch
from collectors.http import Http, Policy

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


async def main(control: str, addresses: Sequence[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, allow_private="127.0.0.0/8")
        migrate(settings.database_url, backups=folder, now=NOW)
        clock = ManualClock(NOW)
        async with open_services(settings, clock=clock) as services:
            await _add(services, addresses)
            # The brain and the parsing children start once a service, not once a poll.
            await _warm(services)
            found: dict[str, float] = {}
            for name, turn in (("first", 0), ("unchanged", None), ("changed", 1)):
                if turn is not None:
                    await _turn(control, turn)
                clock.at += timedelta(days=2)
                begun, cpu = time.perf_counter(), time.process_time()
                polled = await poll_due(services, limit=len(addresses))
                found[name] = time.perf_counter() - begun
                found[f"{name}_cpu"] = time.process_time() - cpu
                if polled != len(addresses):
                    raise SystemExit(f"{polled} of {len(addresses)} feeds were polled")
            found["entries"] = await _entries(services)
            return found


async def _add(services: Services, addresses: Sequence[str]) -> None:
    watchlist = await watch(services)
    async with services.db.write() as session:
        rows = [
            {
                "id": fresh_key(), "kind": "rss", "name": address, "config": {"url": address},
                "fingerprint": address, "next_poll_at": NOW, "created_at": NOW, "updated_at": NOW,
                "first_poll_done_at": NOW,
            }
            for address in addresses
        ]  # fmt: skip
        await session.execute(insert(Source), rows)
        links = [{"watchlist_id": watchlist, "source_id": row["id"]} for row in rows]
        await session.execute(insert(WatchlistSource), links)


async def _warm(services: Services) -> None:
    """One poll of the first feed before the clock runs; its entries are not new in the round."""
    async with services.db.read() as session:
        one = await session.scalar(select(func.min(Source.id)))
    await poll_source(services, one)
    async with services.db.write() as session:
        await session.execute(update(Source).values(cursor={}, next_poll_at=NOW))


async def _entries(services: Services) -> int:
    async with services.db.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Item)) or 0)


async def _turn(control: str, turn: int) -> None:
    async with Http(Policy.parse("127.0.0.0/8")) as http:
        await http.post(f"{control}/round/{turn}")


if __name__ == "__main__":
    found = asyncio.run(main(sys.argv[1], sys.stdin.read().split()))
    sys.stdout.write(json.dumps(found) + "\n")
