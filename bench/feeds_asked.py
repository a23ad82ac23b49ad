"""Only the asking: Rss.poll on cursors that hold an ETag, through the guarded door; seconds.

python -m bench.feeds_asked < ADDRESSES    (one address a line)
What the service adds to it (claims, the closing write, the listening log) is in feeds_vigie.py.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence

from collectors.api import Cursor, Narrowing
from collectors.bounded import close_workers
from collectors.http import Http, Policy
from collectors.rss.collector import Rss, RssConfig

WORKERS = 10


async def main(addresses: Sequence[str]) -> dict[str, float]:
    async with Http(Policy.parse("127.0.0.0/8")) as http:
        feeds = [Rss(RssConfig(url=address)) for address in addresses]
        cursors = await _round(feeds, [{} for _ in feeds], http)
        # One round, as the other contenders have.
        begun, cpu = time.perf_counter(), time.process_time()
        await _round(feeds, cursors, http)
        return {
            "unchanged": time.perf_counter() - begun, "unchanged_cpu": time.process_time() - cpu,
        }  # fmt: skip


async def _round(feeds: Sequence[Rss], cursors: Sequence[Cursor], http: Http) -> list[Cursor]:
    """Poll all, WORKERS at once."""
    work = iter(range(len(feeds)))
    after = list(cursors)

    async def hand() -> None:
        for number in work:
            child = http.budget(Rss.capabilities.max_requests)
            async for page in feeds[number].poll(Narrowing(), cursors[number], child):
                after[number] = page.cursor

    await asyncio.gather(*(hand() for _ in range(WORKERS)))
    return after


if __name__ == "__main__":
    found = asyncio.run(main(sys.stdin.read().split()))
    close_workers()
    sys.stdout.write(json.dumps(found) + "\n")
