"""Runs in .venv-bench: PyPI's reader, feeds as arguments' file; prints seconds of each round.

python peer_reader.py CONTROL WORKERS < ADDRESSES    (one address a line)
Rounds: the first reading, an unchanged one, one where every entry is new.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from reader import make_reader


def main(control: str, workers: int) -> None:
    addresses = sys.stdin.read().split()
    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(str(Path(folder) / "reader.sqlite"))
        for address in addresses:
            reader.add_feed(address)
        found = {}
        for name, turn in (("first", 0), ("unchanged", None), ("changed", 1)):
            if turn is not None:
                urllib.request.urlopen(
                    urllib.request.Request(f"{control}/round/{turn}", method="POST")
                ).read()
            begun, cpu = time.perf_counter(), time.process_time()
            reader.update_feeds(workers=workers, scheduled=False)
            found[name] = time.perf_counter() - begun
            found[f"{name}_cpu"] = time.process_time() - cpu
        found["entries"] = reader.get_entry_counts().total
        reader.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
