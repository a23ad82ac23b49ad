"""Feeds: how fast they are asked and taken in, beside PyPI's reader and Debian's newsboat.

`make bench-feeds`. 200 feeds of 25 entries on as many loopback addresses (feedhost.py, a process
of its own); every contender is a process of its own and sees the same rounds: a first reading, one
in which nothing changed (304), one in which every entry is new. All figures are of one run: compare
the ratios, not the seconds. cpu: seconds of the contender's main process, unchanged and changed,
which say more than the clock where other work runs on the machine.

Vigie is measured whole (vigie: due sources claimed, asked, parsed, matched, judged, stored,
counted, the listening log written) and, for unchanged feeds, in the asking alone (asking), which
is no figure of the service: the peers store in that round what they have to store.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.feedhost import ENTRIES, FEEDS, hosts

READER = Path(".venv-bench/bin/python")
WORKERS = 10
Round = Mapping[str, float]


def main(say: Callable[[str], Any] = lambda line: sys.stdout.write(line + "\n")) -> None:
    """Run the contenders one after the other and print seconds, rates and ratios."""
    with _host() as port:
        control = f"http://{hosts()[0]}:{port}"
        addresses = "\n".join(f"http://{host}:{port}/feed.xml" for host in hosts())
        found = {
            "asking": _ask([sys.executable, "-m", "bench.feeds_asked"], addresses),
            "vigie": _ask([sys.executable, "-m", "bench.feeds_vigie", control], addresses),
        }
        if READER.exists():
            peer = [str(READER), str(Path(__file__).with_name("peer_reader.py")), control]
            found["reader"] = _ask([*peer, str(WORKERS)], addresses)
        if shutil.which("newsboat"):
            found["newsboat"] = _newsboat(control, addresses)
    report(found, say)


def report(found: Mapping[str, Round], say: Callable[[str], Any]) -> None:
    """Print every figure and the ratios against each peer."""
    entries = FEEDS * ENTRIES
    say(f"{FEEDS} feeds x {ENTRIES} entries on loopback, {WORKERS} workers; seconds of each round")
    say("              first   unchanged   changed   feeds/s unchanged   entries/s changed   cpu")
    for name, one in found.items():
        first, same, changed = (one.get(key) for key in ("first", "unchanged", "changed"))
        say(
            f"{name:<10} {_s(first):>8} {_s(same):>11} {_s(changed):>9}"
            f" {FEEDS / same if same else 0:19.0f} {entries / changed if changed else 0:19.0f}"
            f"   {_s(one.get('unchanged_cpu'))} {_s(one.get('changed_cpu'))}"
        )
    for peer in ("reader", "newsboat"):
        if peer not in found:
            say(f"{peer}: not installed, no ratio")
            continue
        other = found[peer]
        asking = other["unchanged"] / found["asking"]["unchanged"]
        whole = other["unchanged"] / found["vigie"]["unchanged"]
        changed = other["changed"] / found["vigie"]["changed"]
        say(
            f"against {peer}: unchanged {asking:.2f} x (asking), {whole:.2f} x (whole service); "
            f"changed {changed:.2f} x"
        )


def _s(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


@contextmanager
def _host() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.feedhost", str(port)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait()


def _ask(command: list[str], addresses: str) -> Round:
    """What a contender printed last, as JSON."""
    done = subprocess.run(command, input=addresses, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-1500:]}")
    found: Round = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _newsboat(control: str, addresses: str) -> Round:
    """newsboat is a program: each round is one run of it, its start included."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "urls").write_text(addresses + "\n")
        (folder / "config").write_text(f"reload-threads {WORKERS}\n")
        command = [
            "newsboat", "-x", "reload", "-u", str(folder / "urls"), "-C", str(folder / "config"),
            "-c", str(folder / "cache.db"),
        ]  # fmt: skip
        for turn_name, turn in (("first", 0), ("unchanged", None), ("changed", 1)):
            if turn is not None:
                urlopen(Request(f"{control}/round/{turn}", method="POST")).read()
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env={"HOME": name})
            found[turn_name] = time.perf_counter() - begun
    return found


if __name__ == "__main__":
    main()
