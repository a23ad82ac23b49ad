"""The real service's commands on a data folder of its own: each is a new process, so every poll is
one after a restart."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from app.cli.running import with_services
from app.services import Services
from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist

VIGIE = str(Path(sys.executable).with_name("vigie"))


class Vigie:
    """One data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "vigie.db"
        clean = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
        self.env = clean | {
            "VIGIE_DATA_DIR": str(folder),
            "VIGIE_DATABASE": f"sqlite:///{self.database}",
            "VIGIE_ALLOW_PRIVATE": "127.0.0.1/32",
            "VIGIE_LANG": "en",
        }

    def run(self, *arguments: str, good: bool = True) -> str:
        done = subprocess.run(
            [VIGIE, *arguments], env=self.env, capture_output=True, text=True, check=False
        )
        if good and done.returncode:
            raise RuntimeError(f"vigie {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def watch(self, brand: str) -> None:
        """A watchlist with one brand, as `vigie watch new` makes it but without its sources, which
        would be public ones."""
        subprocess.run([sys.executable, "-m", __name__, brand], env=self.env, check=True)

    def add(self, kind: str, config: Mapping[str, Any]) -> str:
        """A new source's id."""
        given = ["--config", json.dumps(config), "--json"]
        return str(json.loads(self.run("source", "add", kind, *given))["id"])

    def poll(self, source: str, *, good: bool = True) -> str:
        """What the command tells of one poll."""
        return self.run("source", "poll", source, "--json", good=good)

    def stored(self, platform: str) -> list[str]:
        """The ids of the stored items, as often as they are there."""
        rows = self.query("SELECT external_id FROM items WHERE platform = ?", platform)
        return [str(row[0]) for row in rows]

    def cursor(self, source: str) -> dict[str, Any]:
        found = self.query("SELECT cursor FROM sources WHERE id = ?", int(source))
        cursor: dict[str, Any] = json.loads(found[0][0])
        return cursor

    def set_cursor(self, source: str, cursor: Mapping[str, Any]) -> None:
        self.query("UPDATE sources SET cursor = ? WHERE id = ?", json.dumps(cursor), int(source))

    def query(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            return connection.execute(statement, values).fetchall()


async def _watch(services: Services, brand: str) -> None:
    made = await create_watchlist(services, NewWatchlist(name=brand, zone="Europe/Paris"))
    await add_brand(services, made.id, NewBrand(name=brand))


if __name__ == "__main__":
    with_services(lambda services: _watch(services, sys.argv[1]), make=True)
