"""The rss collector against Debian's MediaWiki: its redirect followed, its recent changes read."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.e2e_platforms.feeds import feed
from tests.e2e_platforms.php import free_port, need, serving
from tests.e2e_platforms.php import run as call

KIND = "rss"
"""The kind of collector that it shows (scripts/quality.py)."""

FOLDER = "/usr/share/mediawiki"
PACKAGES = "mediawiki php-sqlite3"
FEED = "/index.php?title=Special:RecentChanges&feed=atom"
FIRST, MORE = 6, 4


def run(outcome: Any, *, bounded: bool) -> None:
    need("php", folder=FOLDER, packages=PACKAGES)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vigie-e2e-mediawiki-") as name:
        folder, port = Path(name), free_port()
        settings = {"MW_CONFIG_FILE": str(folder / "LocalSettings.php")}
        call(
            "php", f"{FOLDER}/maintenance/install.php", "--dbtype=sqlite", f"--dbpath={folder}",
            f"--confpath={folder}", f"--server=http://127.0.0.1:{port}", "--scriptpath=",
            "--pass=not-a-secret-1", "Essais", "Admin",
        )  # fmt: skip
        with serving(Path(FOLDER), port, folder / "php.log", env=settings) as server:
            asyncio.run(_polls(outcome, server, settings, folder))
    print(f"mediawiki: {time.monotonic() - started:.0f} s")


def _edit(settings: dict[str, str], first: int, count: int) -> None:
    for number in range(first, first + count):
        call(
            "php", f"{FOLDER}/maintenance/edit.php", "--user=Admin", f"Page {number}",
            env=settings, stdin=f"Text of page {number} & more",
        )  # fmt: skip


def _changes(server: Any) -> list[str]:
    """An independent count: what the wiki's API lists, pages by title."""
    told = server.text(
        "/api.php?action=query&list=recentchanges&rcprop=title&rclimit=100&format=json"
    )
    return sorted(one["title"] for one in json.loads(told)["query"]["recentchanges"])


async def _polls(outcome: Any, server: Any, settings: dict[str, str], folder: Path) -> None:
    await asyncio.to_thread(_edit, settings, 0, FIRST)
    async with feed(folder / "vigie", server.url + FEED) as source:
        for count in (0, MORE):
            await asyncio.to_thread(_edit, settings, FIRST, count)
            await source.poll()
            wanted = await asyncio.to_thread(_changes, server)
            outcome.line(f"changes stored after {count} more", wanted, await source.titles())
        outcome.line("its redirect followed", True, server.answers(302, "/index.php") >= 2)
        outcome.line("no gap", 0, await source.missed())
