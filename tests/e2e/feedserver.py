"""A feed server on loopback that shows the newest posts up to the replay's now, and misbehaves.

/posts.xml      RSS of the newest 1,000 even rows; ETag and 304; every 23rd answer is an error
                (500, 429 with Retry-After, or garbage), so that recovery is part of every run
/broken.xml     never anything good: 500, garbage and 429 in turn
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.e2e.replay import Post

WINDOW = 1_000
GARBAGE = b"<html><p>We are updating this site \x00\xff</p>"


class FeedServer:
    """HTTP/1.1 by hand: what goes over the wire is exactly what is written here."""

    def __init__(self, posts: Sequence[Post], now: Callable[[], datetime]) -> None:
        self._posts = sorted(posts, key=lambda post: post.at)
        self._now = now
        self._server: asyncio.Server | None = None
        self.answers: Counter[str] = Counter()

    @property
    def url(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> FeedServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                path = head.split(" ", 2)[1]
                writer.write(self._answer(path, head.lower()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client hung up, or was killed: that is what the run is about
        finally:
            writer.close()

    def _answer(self, path: str, head: str) -> bytes:
        count = self.answers.total()
        if path == "/broken.xml" or count % 23 == 22:
            return self._fault(count)
        if path != "/posts.xml":
            self.answers["404"] += 1
            return _http(404, b"not here")
        body = self._feed()
        etag = hashlib.sha256(body).hexdigest()[:16]
        if f'if-none-match: "{etag}"' in head:
            self.answers["304"] += 1
            return _http(304, b"", f'ETag: "{etag}"')
        self.answers["200"] += 1
        return _http(200, body, f'ETag: "{etag}"', "Content-Type: application/rss+xml")

    def _fault(self, count: int) -> bytes:
        kind = ("500", "garbage", "429")[count % 3]
        self.answers[kind] += 1
        if kind == "500":
            return _http(500, b"oops")
        if kind == "429":
            return _http(429, b"slow down", "Retry-After: 60")
        return _http(200, GARBAGE, "Content-Type: application/rss+xml")

    def _feed(self) -> bytes:
        now = self._now()
        shown = [post for post in self._posts if post.at <= now][-WINDOW:]
        entries = "".join(
            f"<item><title/><link>{post.url}</link><guid isPermaLink='false'>{post.id}</guid>"
            f"<pubDate>{format_datetime(post.at)}</pubDate>"
            f"<author>{post.author}</author><description>{escape(escape(post.text))}</description>"
            "</item>\n"
            for post in reversed(shown)
        )
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Posts</title><link>https://posts.example/</link>{entries}</channel></rss>"
        ).encode()


def _http(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + (b"" if status == 304 else body)
