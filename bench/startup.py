"""The service as an operator meets it: how soon a second start answers, what it holds when idle."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

VIGIE = Path(sys.executable).with_name("vigie")
PATIENCE_S = 60.0
IDLE_AFTER_S = 10.0
"""The jobs have looked twice by then, found nothing, and all that is loaded at start is loaded."""


def report(say: Callable[[str], Any], *, times: int = 5) -> None:
    """Print the median of the second starts, and the memory of the last once it idles."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        with _serving(Path(name)):
            pass  # the first start makes the database, the key and the compiled modules
        starts, memory = [], 0
        for number in range(times):
            with _serving(Path(name)) as (seconds, process):
                starts.append(seconds)
                if number == times - 1:
                    time.sleep(IDLE_AFTER_S)
                    memory = resident(process.pid)
    shown = " ".join(f"{one:.2f}" for one in sorted(starts))
    say(f"second start   {median(starts):8.2f} s to /healthz, median of {shown} (budget 3)")
    say(f"idle service   {memory / 1e6:8.0f} MB resident, its children too (budget 400)")


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    """A running service, and the seconds it took to answer."""
    port = _free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    env |= {"VIGIE_DATA_DIR": str(folder / "var"), "VIGIE_PORT": str(port)}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(VIGIE), "serve"], cwd=folder, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until_healthy(port, process)
        yield time.perf_counter() - begun, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise SystemExit(f"the service ended with {process.returncode} before it answered")
        if _is_healthy(port):
            return
        time.sleep(0.01)
    raise SystemExit(f"the service did not answer within {PATIENCE_S:g} s")


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def resident(pid: int) -> int:
    """Bytes of memory that a process and its descendants hold. Linux only (/proc)."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold spaces: what follows the last one is regular.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended while we looked
        parents.setdefault(parent, []).append(int(stat.parent.name))
    tree, total = [pid], 0
    while tree:
        one = tree.pop()
        tree += parents.get(one, [])
        total += _resident(one)
    return total


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    report(lambda line: sys.stdout.write(line + "\n"))
