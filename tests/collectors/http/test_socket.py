"""WebSockets through the guarded door: a real server, and ones that misbehave."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Http, NotSent, OverBudget, Policy, Unanswered
from tests.support.faultserver import (
    Answer,
    FaultServer,
    Seen,
    cut,
    drip,
    head,
    reply,
    silence,
    tls_pair,
)

MakeHttp = Callable[..., Http]
Frames = Callable[[asyncio.StreamWriter], Awaitable[None]]
TEXT, CONT, PING = 0x1, 0x0, 0x9


@asynccontextmanager
async def real_server(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: object
) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/stream"


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    first = bytes([opcode | (0x80 if fin else 0)])
    if size < 126:
        return first + bytes([size]) + data
    if size < 2**16:
        return first + b"\x7e" + struct.pack("!H", size) + data
    return first + b"\x7f" + struct.pack("!Q", size) + data


def upgraded(frames: Frames) -> Answer:
    """Shake hands, then write whatever `frames` writes."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        key = accept_key(seen.headers["sec-websocket-key"])
        fields = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": key}
        writer.write(head(101, fields))
        await writer.drain()
        await frames(writer)

    return answer


def endless(piece: bytes, *, first: bytes = b"", every: float = 0.0) -> Answer:
    async def frames(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return upgraded(frames)


def once(data: bytes) -> Answer:
    async def frames(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return upgraded(frames)


async def failure(http: Http, url: str, **options: float) -> CollectorError:
    async def read() -> None:
        async with http.socket(url, **options) as socket:  # type: ignore[arg-type]
            async for _ in socket:
                pass

    with pytest.raises(CollectorError) as caught:
        await asyncio.wait_for(read(), 10)
    return caught.value


def ws(server: FaultServer, path: str = "/") -> str:
    return server.url(path).replace("http", "ws", 1)


async def test_messages_come_and_a_close_in_order_ends_it(http: Http) -> None:
    seen: list[str] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.path)
        seen.append(connection.request.headers["User-Agent"])
        await connection.send("un été")
        await connection.send(["in ", "parts"])
        await connection.send(b"\x00\x01")
        seen.append(str(await connection.recv()))

    got: list[str | bytes] = []
    async with real_server(handler) as url, http.socket(url, params={"cursor": 5}) as socket:
        async for message in socket:
            got.append(message)
            if len(got) == 3:
                await socket.send("done")
    assert got == ["un été", "in parts", b"\x00\x01"]
    assert seen[0] == "/stream?cursor=5"
    assert seen[1].startswith("Vigie")
    assert seen[2] == "done"


async def test_pings_are_answered_and_leaving_says_farewell(http: Http) -> None:
    codes: list[int | None] = []
    pong = asyncio.Event()

    async def handler(connection: ServerConnection) -> None:
        waiter = await connection.ping()
        await connection.send("hello")
        await waiter
        pong.set()
        await connection.send("ponged")
        await connection.wait_closed()
        codes.append(connection.close_code)

    before = asyncio.all_tasks()
    async with real_server(handler) as url:
        async with http.socket(url) as socket:
            got = []
            async for message in socket:
                got.append(message)
                if message == "ponged":
                    break
        assert got == ["hello", "ponged"]
        assert asyncio.all_tasks() - before == {
            task for task in asyncio.all_tasks() - before if "websockets" in repr(task)
        }
    assert pong.is_set()
    assert codes == [1000]


async def test_a_quiet_server_that_answers_pings_is_alive(http: Http) -> None:
    async def handler(connection: ServerConnection) -> None:
        await asyncio.sleep(0.7)
        await connection.send("late")

    async with real_server(handler) as url, http.socket(url, idle=0.2) as socket:
        assert [message async for message in socket] == ["late"]


async def test_nothing_is_compressed_even_where_the_server_would(http: Http) -> None:
    async def handler(connection: ServerConnection) -> None:
        assert not connection.protocol.extensions
        await connection.send("x" * 1_000)

    async with (
        real_server(handler, compression="deflate") as url,
        http.socket(url) as socket,
    ):
        assert [len(message) async for message in socket] == [1_000]


async def test_tls_is_checked_like_for_any_other_call(make_http: MakeHttp) -> None:
    server_context, client_context = tls_pair()

    async def handler(connection: ServerConnection) -> None:
        await connection.send("safe")

    async with real_server(handler, ssl=server_context) as url:
        secure = url.replace("ws:", "wss:")
        async with make_http(ssl_context=client_context).socket(secure) as socket:
            assert [message async for message in socket] == ["safe"]
        error = await failure(make_http(), secure)
        assert isinstance(error, NotSent)
        assert "certificate" in str(error)


BAD = {
    "endless fragments": endless(frame(CONT, b"x" * 500, fin=False), first=frame(TEXT, fin=False)),
    "a frame that says it is huge": once(frame(TEXT, length=2**40)),
    "a message a byte too long": once(frame(TEXT, b"x" * 10_001)),
    "bad UTF-8": once(frame(TEXT, b"\xff\xfe")),
    "a masked frame": once(b"\x81\x81abcdx"),
    "an unknown opcode": once(b"\x83\x00"),
    "a compressed frame nobody asked for": once(b"\xc1\x01x"),
    "a long ping": once(frame(PING, b"x" * 126)),
    "a continuation of nothing": once(frame(CONT, b"x")),
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
async def test_what_breaks_the_protocol_or_the_cap_is_named(
    answer: Answer, server: FaultServer, http: Http
) -> None:
    server.on("/", answer)
    assert isinstance(await failure(http, ws(server), max_bytes=10_000), BadPayload)


async def test_a_message_as_long_as_the_cap_is_taken(server: FaultServer, http: Http) -> None:
    server.on("/", once(frame(TEXT, b"x" * 10_000)))
    async with http.socket(ws(server), max_bytes=10_000) as socket:
        assert len(await anext(aiter(socket))) == 10_000


LIFELESS = {
    "silence": once(b""),
    "a drip that makes no frame": endless(b"x", first=b"\x81\x7e\x20\x00", every=0.02),
    "empty fragments for ever": endless(frame(CONT, fin=False), first=frame(TEXT, fin=False)),
    "pings in the middle of a message": endless(frame(PING), first=frame(TEXT, fin=False)),
    "no answer to the handshake": silence(),
    "a handshake that drips": drip(first=b"HTTP/1.1 101 OK\r\n", then=b"x: y\r\n"),
}


@pytest.mark.parametrize("answer", LIFELESS.values(), ids=LIFELESS)
async def test_no_sign_of_life_ends_it(
    answer: Answer, server: FaultServer, make_http: MakeHttp
) -> None:
    server.on("/", answer)
    started = time.monotonic()
    error = await failure(make_http(total_timeout=0.4), ws(server), idle=0.4)
    assert isinstance(error, Unanswered | BadPayload)
    assert time.monotonic() - started < 4  # and a second for the farewell


BROKEN = {
    "cut in the middle of a frame": (upgraded(lambda writer: _cut(writer, frame(TEXT, b"ab")[:3]))),
    "cut between frames": (upgraded(lambda writer: _cut(writer, frame(TEXT, b"ab")))),
    "closed for a fault of its own": once(frame(0x8, struct.pack("!H", 1011))),
    "cut in the handshake": cut(b"HTTP/1.1 101"),
}


async def _cut(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_a_break_is_a_passing_fault(answer: Answer, server: FaultServer, http: Http) -> None:
    server.on("/", answer)
    assert isinstance(await failure(http, ws(server)), Unanswered)


async def test_a_refused_handshake_means_what_its_status_means(
    server: FaultServer, http: Http
) -> None:
    wrong_key = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": "no"}
    server.on("/401", reply(401))
    server.on("/429", reply(429, b"", {"retry-after": "9"}))
    server.on("/500", reply(500))
    server.on("/302", reply(302, b"", {"location": "/"}))
    server.on("/200", reply(200, b"hello"))
    server.on("/key", head(101, wrong_key))
    server.on("/deflate", _upgrade_with("permessage-deflate"))
    wanted = {
        "/401": NeedsAttention, "/302": NeedsAttention, "/429": RateLimited, "/500": Transient,
        "/200": BadPayload, "/key": BadPayload, "/deflate": BadPayload,
    }  # fmt: skip
    for path, error in wanted.items():
        got = await failure(http, ws(server, path))
        assert isinstance(got, error), (path, got)
        assert not isinstance(got, RateLimited) or got.retry_after == 9.0
    assert len(server.requests) == len(wanted)


def _upgrade_with(extension: str) -> Answer:
    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        key = accept_key(seen.headers["sec-websocket-key"])
        fields = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": key}
        writer.write(head(101, {**fields, "sec-websocket-extensions": extension}))
        await writer.drain()

    return answer


async def test_who_may_be_contacted_is_decided_as_for_any_call(
    server: FaultServer, make_http: MakeHttp
) -> None:
    error = await failure(make_http(Policy()), ws(server))
    assert isinstance(error, NeedsAttention)
    for url in ("http://example.org/", "file:///etc/passwd", "ws://u:p@127.0.0.1/", "ws:///x"):
        assert isinstance(await failure(make_http(), url), NeedsAttention)
    assert server.contacts == 0


async def test_budget_hosts_and_slots_hold(server: FaultServer, http: Http) -> None:
    server.on("/", endless(frame(TEXT, b"x"), every=0.01))
    server.on("/p", reply(200, b"ok"))
    child = http.budget(1)
    async with (
        child.socket(ws(server)) as one,
        http.socket(ws(server)) as two,
        http.socket(ws(server)) as three,
    ):
        for socket in (one, two, three):
            assert await anext(aiter(socket)) == "x"
        assert await asyncio.wait_for(http.get(server.url("/p")), 5) is not None
    assert isinstance(await failure(child, ws(server)), OverBudget)
    assert isinstance(await failure(http.budget(1, hosts={"x"}), ws(server)), NeedsAttention)


async def test_a_token_shows_neither_in_an_error_nor_in_a_log(
    server: FaultServer, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("/", reply(401))
    for token in ("s3cret", "s3cret\r\nx: y"):
        with pytest.raises(NeedsAttention) as caught:
            async with http.socket(ws(server), headers={"authorization": token}):
                pass
        assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert "s3cret" not in caplog.text
