"""A loopback server that replays recorded answers, for tests of collectors.

A case folder holds `responses/*.json`, each one recorded exchange:

    {"path": "/feed.xml", "query": {"page": "2", "since": null}, "status": 200,
     "headers": {"etag": "\\"a\\""}, "body": "text" | {any JSON}}

The first file (by name) whose path is asked for and whose query values agree answers; a value of
null means "not given", keys that are not named may be anything; `told`, where it is there, is a
text that the body of the question must hold. `{base}` in a body or a header
stands for the server's own address. An answer with an ETag answers 304 to it.

Instead of a body an exchange may hold a stream, sent at once and then ended in good order:

    "events": [{"event": "update", "data": "text" | {any JSON}, "id": "1"}, ":a comment"]
    "frames": ["text" | {any JSON}]          (a WebSocket: one text message each)
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

_WEBSOCKET: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 §1.3: what a server adds to the key before it hashes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded answer and the question it answers."""

    path: str
    query: Mapping[str, str | None] = field(default_factory=dict)
    told: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    events: Sequence[JsonValue] | None = None
    frames: Sequence[JsonValue] | None = None

    def answers(self, asked: Asked) -> bool:
        agrees = all(asked.query.get(key) == value for key, value in self.query.items())
        return self.path == asked.path and agrees and self.told.encode() in asked.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came in. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


def read_exchanges(folder: Path) -> list[Exchange]:
    """The recorded exchanges of a case, in the order of their names."""
    return [_exchange(path) for path in sorted((folder / "responses").glob("*.json"))]


def _exchange(path: Path) -> Exchange:
    record = json.loads(path.read_text("utf-8"))
    body = record.pop("body", "")
    return Exchange(**record, body=body if isinstance(body, str) else json.dumps(body))


class Loopback:
    """A server on 127.0.0.1 while it is entered, for one protocol. base: its address."""

    scheme: ClassVar[str] = "http"

    def __init__(self) -> None:
        self.base = ""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"{self.scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class ReplayServer(Loopback):
    """Answers on 127.0.0.1 while it is entered.

    instead: where set, this answers every request (status, headers, body).
    asked: all requests so far.
    """

    def __init__(self, exchanges: Sequence[Exchange] = ()) -> None:
        super().__init__()
        self.exchanges = list(exchanges)
        self.instead: Exchange | None = None
        self.asked: list[Asked] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await _read(reader)
            self.asked.append(asked)
            writer.write(self._answer(asked))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away, which some tests do on purpose
        finally:
            writer.close()

    def _answer(self, asked: Asked) -> bytes:
        found = self.instead or next((e for e in self.exchanges if e.answers(asked)), None)
        exchange = found or Exchange(path=asked.path, status=404, body="nothing recorded")
        if exchange.frames is not None and "sec-websocket-key" in asked.headers:
            return _web_socket(exchange.frames, asked.headers["sec-websocket-key"], base=self.base)
        if exchange.events is not None:
            return _event_stream(exchange.events, base=self.base)
        headers = {name.lower(): value for name, value in exchange.headers.items()}
        status, body = exchange.status, exchange.body.replace("{base}", self.base).encode()
        if "etag" in headers and asked.headers.get("if-none-match") == headers["etag"]:
            status, body = 304, b""
        lines = [f"HTTP/1.1 {status} {status}", "connection: close"]
        lines += [
            f"{name}: {value.replace('{base}', self.base)}" for name, value in headers.items()
        ]
        lines += [f"content-length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


def _event_stream(events: Sequence[JsonValue], *, base: str) -> bytes:
    head = "HTTP/1.1 200 200\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n"
    return (head + "".join(_event(one) for one in events).replace("{base}", base)).encode()


def _event(event: JsonValue) -> str:
    if not isinstance(event, dict):
        return f"{event}\n"
    lines = {**event, "data": _text(event.get("data"))}
    return "".join(f"{name}: {value}\n" for name, value in lines.items()) + "\n"


def _web_socket(frames: Sequence[JsonValue], key: str, *, base: str) -> bytes:
    accept = base64.b64encode(hashlib.sha1((key + _WEBSOCKET).encode()).digest())  # noqa: S324
    head = b"HTTP/1.1 101 101\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    head += b"sec-websocket-accept: " + accept + b"\r\n\r\n"
    sent = (_text(frame).replace("{base}", base).encode() for frame in frames)
    close = b"\x88\x02" + struct.pack("!H", 1000)
    return head + b"".join(b"\x81" + _length(data) + data for data in sent) + close


def _length(data: bytes) -> bytes:
    if len(data) < 126:
        return bytes([len(data)])
    if len(data) < 2**16:
        return b"\x7e" + struct.pack("!H", len(data))
    return b"\x7f" + struct.pack("!Q", len(data))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_TLS: Final = b"\x16"
"""How a TLS handshake begins (RFC 8446, section 5.1)."""


async def _read(reader: asyncio.StreamReader) -> Asked:
    first = await reader.readexactly(1)
    if first == _TLS:
        raise ConnectionError("spoken to in TLS")  # who tries https first is refused at once
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    query = {k: values[-1] for k, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Asked(method=method, path=parts.path, query=query, headers=headers, body=body)
