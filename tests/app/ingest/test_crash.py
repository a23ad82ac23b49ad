"""kill -9 at named places: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from app.crashpoints import crash_point
from app.models import Sighting
from app.trends.rollup import check_rollups
from tests.support.pipeline import House

RUN = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from app.clock import ManualClock
from app.config import Settings
from app.db.engine import Database
from app.ingest import importer
from app.secrets import load_cipher
from app.services import Services
from collectors.http import Http, Policy
from tests.support.pipeline import inline_brain

async def main(url, watchlist, file, folder, now):
    importer.BATCH = 2
    services = Services(
        settings=Settings(data_dir=folder), clock=ManualClock(datetime.fromisoformat(now)),
        db=Database(url), cipher=load_cipher(Path(folder) / "key"), http=Http(Policy.parse("")),
        brain=inline_brain(),
    )
    await importer.import_file(services, Path(file), watchlist_id=int(watchlist))
    await services.db.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_crash_point_is_nothing_where_it_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_CRASH_AT", "elsewhere")
    crash_point("ingest.before_commit")
    monkeypatch.delenv("VIGIE_CRASH_AT")
    crash_point("ingest.before_commit")


@pytest.mark.parametrize(
    ("place", "stored"),
    [("ingest.before_commit", 0), ("ingest.after_commit", 2)],
)
async def test_an_import_killed_anywhere_is_completed_by_the_next_start(
    house: House, database_url: str, tmp_path: Path, now: datetime, place: str, stored: int
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(
        json.dumps({"id": str(n), "text": f"Acme {n}", "published_at": "2026-11-20"}) + "\n"
        for n in range(5)
    ))  # fmt: skip
    arguments = [database_url, str(house.watchlist_id), str(file), str(tmp_path), now.isoformat()]

    def start(crash_at: str) -> int:
        environment = {**os.environ, "VIGIE_CRASH_AT": crash_at}
        return subprocess.run(
            [sys.executable, "-c", RUN, *arguments], env=environment, check=False
        ).returncode

    assert start(place) == 137
    assert len(await house.items()) == stored
    assert await check_rollups(house.services) == []
    assert start("") == 0
    assert len(await house.items()) == len(await house.mentions()) == 5
    assert await house.count(Sighting) == 5
    assert await check_rollups(house.services) == []
