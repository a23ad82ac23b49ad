"""200 feeds on as many loopback addresses, in a process: `python -m bench.feedhost PORT`.

Each is `http://127.0.1.N:PORT/feed.xml` with 25 entries. `POST /round/R` (to any address) makes
all entries new; a request with the round's ETag is answered 304. `GET /counts` tells the answers.
One address a feed, because feeds of the web are on many hosts, and clients treat hosts apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

FEEDS = 200
ENTRIES = 25
EPOCH = datetime(2026, 11, 20, tzinfo=UTC)
TEXT = (
    "the new espresso machine of Acme is quiet and quick but its manual is hard to read and the "
    "service desk of Globex answers within a day which is better than last year when nobody did"
)


def hosts(feeds: int = FEEDS) -> list[str]:
    return [f"127.0.1.{number}" for number in range(1, feeds + 1)]


def feed(number: int, turn: int) -> bytes:
    """RSS 2.0 as a blog writes it: markup in the description, a date, an author."""
    entries = "".join(_entry(number, turn * ENTRIES + each) for each in reversed(range(ENTRIES)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Blog {number}</title><link>https://blog{number}.example/</link>"
        f"<description>Of coffee &amp; more</description>{entries}</channel></rss>"
    ).encode()


def _entry(number: int, entry: int) -> str:
    at = EPOCH + timedelta(minutes=entry * 7 + number)
    said = TEXT.split()
    start = (number * 7 + entry * 3) % len(said)
    words = [*said[start:], *said[:start]]
    text = f"&lt;p&gt;{' '.join(words)}, &lt;a href=&quot;/more&quot;&gt;more&lt;/a&gt;.&lt;/p&gt;"
    return (
        f"<item><title>Entry {entry} &amp; {words[0]} {words[1]} {words[2]}</title>"
        f"<link>https://blog{number}.example/{entry}</link>"
        f'<guid isPermaLink="true">https://blog{number}.example/{entry}</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><dc:creator>Ann {number}</dc:creator>"
        f"<description>{text}{text}</description></item>"
    )


class Host:
    def __init__(self) -> None:
        self._turn = 0
        self._counts: Counter[str] = Counter()
        self._bodies: dict[int, bytes] = {}
        self.turn_to(0)

    def turn_to(self, turn: int) -> None:
        self._turn = turn
        self._counts.clear()
        self._bodies = {number: feed(number, turn) for number in range(1, FEEDS + 1)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head, writer.get_extra_info("sockname")[0]))
                await writer.drain()
        writer.close()

    def _answer(self, head: bytes, address: str) -> bytes:
        target = head.split(b" ", 2)[1].decode()
        if target.startswith("/round/"):
            self.turn_to(int(target.removeprefix("/round/")))
            return _reply(200, b"")
        if target == "/counts":
            return _reply(200, json.dumps(self._counts).encode())
        tag = f'"{self._turn}"'
        if f"if-none-match: {tag}".encode() in head.lower():
            self._counts["304"] += 1
            return _reply(304, b"", tag)
        self._counts["200"] += 1
        return _reply(200, self._bodies[int(address.rsplit(".", 1)[1])], tag)


def _reply(status: int, body: bytes, tag: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/rss+xml"]
    lines += [f"ETag: {tag}"] if tag else []
    lines += [f"Content-Length: {len(body)}"] if status != 304 else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def main(port: int) -> None:
    host = Host()
    servers = [await asyncio.start_server(host.serve, one, port) for one in hosts()]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
