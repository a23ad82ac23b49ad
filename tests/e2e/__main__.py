"""`make e2e`: the real service, embedded (SQLite) and scaled out (PostgreSQL, two workers).

    python -m tests.e2e              the whole week of the replay
    python -m tests.e2e --bounded    36 hours round its busiest ones
    python -m tests.e2e --mode embedded | scale-out

Prints a line per number: what an independent count wants, what was found. Exit 1 where any differs.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.replay import Post, busiest_stretch, load
from tests.e2e.run import Outcome, Run
from tests.support.postgres import start_postgres

BOUNDED_HOURS = 36
MODES = ("embedded", "scale-out")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bounded", action="store_true")
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="keep data and logs in this folder")
    given = parser.parse_args()
    posts, kind = load(datetime.now(UTC))
    if given.bounded:
        posts = busiest_stretch(posts, BOUNDED_HOURS)
    print(
        f"e2e: {len(posts)} rows of {kind}, {posts[0].at:%d %b %H:%M} to {posts[-1].at:%d %b %H:%M}"
    )
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vigie-e2e-") as base:
        for mode in [given.mode] if given.mode else MODES:
            failed += run_mode(mode, posts, base=given.keep or Path(base), kills=given.kills)
    print(f"e2e: {'FAILED' if failed else 'all numbers agree'}")
    return int(bool(failed))


def run_mode(mode: str, posts: list[Post], *, base: Path, kills: int) -> int:
    started = time.monotonic()
    folder = (base / mode).resolve()
    if mode == "embedded":
        outcome = play(House(folder, f"sqlite:///{folder / 'vigie.db'}", free_port()), posts, kills)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix="vigie-pg-") as data,
            start_postgres(data) as server,
        ):
            server.create("vigie_e2e")
            try:
                house = House(folder, server.url("vigie_e2e"), free_port(), workers=2)
                outcome = play(house, posts, kills)
            finally:
                server.drop("vigie_e2e")
    print(f"\n{mode}: {time.monotonic() - started:.0f} s")
    for what, wanted, found in outcome.lines:
        mark = "ok " if wanted == found else "BAD"
        print(f"  {mark} {what:<32} wanted {wanted!s:<12} found {found}")
    return len(outcome.wrong)


def play(house: House, posts: list[Post], kills: int) -> Outcome:
    return asyncio.run(Run(house, posts, kills=kills).play())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
