"""Print what parsing a feed costs here: on the spot, and in the bounded child process.

python scripts/feed_speed.py
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from collectors.bounded import bounded, close_workers
from collectors.rss.window import read_window

ENTRY = (
    "<item><title>Title {n} &amp;amp; more</title><link>https://e.example/{n}</link>"
    "<guid isPermaLink='false'>g{n}</guid><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
    "<description>&lt;p&gt;Some &lt;b&gt;text&lt;/b&gt; of an article, as long as a summary is,"
    " with &lt;a href='https://e.example/a'&gt;a link&lt;/a&gt;.&lt;/p&gt;</description></item>"
)


def feed(entries: int) -> bytes:
    """An RSS feed of so many entries."""
    items = "".join(ENTRY.format(n=n) for n in range(entries))
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


async def main() -> None:
    read = partial(read_window, url="https://e.example/feed")
    await bounded(read, feed(1))
    print("entries   bytes  on the spot  in the child   (ms a feed, best of 5)")
    for entries in (1, 10, 25, 100, 1000):
        data, here, there = feed(entries), [], []
        for _ in range(5):
            began = time.perf_counter()
            read(data)
            middle = time.perf_counter()
            await bounded(read, data)
            here.append(middle - began)
            there.append(time.perf_counter() - middle)
        best = min(here) * 1000, min(there) * 1000
        print(f"{entries:7} {len(data):7} {best[0]:12.2f} {best[1]:13.2f}")
    close_workers()


if __name__ == "__main__":
    asyncio.run(main())
