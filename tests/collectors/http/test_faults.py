"""A hostile or broken server costs bounded time and memory, and ends as a named error."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
from collections.abc import Callable

import pytest

from collectors.errors import BadPayload, CollectorError, RateLimited, Transient
from collectors.http import Http, NotSent, Unanswered
from tests.support.faultserver import (
    Answer,
    FaultServer,
    cut,
    drip,
    head,
    reply,
    reset,
    silence,
)

MakeHttp = Callable[..., Http]
OK = head(200, {"content-length": "1000000"})

SLOW = {
    "body": drip(first=OK),
    "headers": drip(first=b"HTTP/1.1 200 OK\r\n", then=b"x: y\r\n"),
    "one endless header": drip(first=b"HTTP/1.1 200 OK\r\nx: ", then=b"y"),
    "status line": drip(first=b"HTTP/1.1 ", then=b"2"),
    "chunks": drip(first=head(200, {"transfer-encoding": "chunked"}), then=b"1\r\nx\r\n"),
    "provisional answers": drip(first=b"", then=b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "nothing": silence(),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
async def test_the_whole_exchange_has_a_deadline_that_dripping_does_not_move(
    answer: Answer, server: FaultServer, make_http: MakeHttp
) -> None:
    server.on("/", answer)
    started = time.monotonic()
    with pytest.raises(Unanswered):
        await make_http(total_timeout=0.3).get(server.url())
    assert 0.25 < time.monotonic() - started < 1.5
    assert len(server.requests) == 1


async def test_redirects_share_one_deadline(server: FaultServer, make_http: MakeHttp) -> None:
    async def late(_seen: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.12)
        writer.write(reply(302, headers={"location": "/", "connection": "close"}))

    server.on("/", late)
    with pytest.raises(Unanswered):
        await make_http(total_timeout=0.3).get(server.url())
    assert len(server.requests) == 3


async def test_a_slow_host_does_not_hold_up_another(
    server: FaultServer, make_http: MakeHttp
) -> None:
    http = make_http(total_timeout=5.0)
    server.on("/", silence())
    stuck = [asyncio.create_task(http.get(server.url())) for _ in range(5)]
    try:
        async with FaultServer() as other:
            other.on("/", reply(200))
            assert await http.get(other.url(host="2130706433")) is not None
    finally:
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_cancelling_a_call_frees_its_slot_and_its_connection(
    server: FaultServer, http: Http
) -> None:
    server.on("/", silence())
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await http.get(server.url())
    server.on("/", reply(200))
    assert await http.get(server.url()) is not None


BROKEN = {
    "reset before the head": reset(),
    "reset in the head": reset(b"HTTP/1.1 200"),
    "reset in the body": reset(OK + b"abc"),
    "closed without an answer": cut(b""),
    "shorter than promised": cut(OK + b"abc"),
    "chunk cut": cut(head(200, {"transfer-encoding": "chunked"}) + b"5\r\nab"),
    "garbage": cut(b"\0\xff garbage\r\n\r\n"),
    "not http": cut(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "bad length": cut(head(200, {"content-length": "-5"})),
    "two lengths": cut(head(200, {"content-length": "5, 6"}) + b"abcdef"),
    "header of 200 kB": cut(head(200, {"x": "y" * 200_000})),
    "60,000 headers": cut(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n"),
    "folded nonsense": cut(b"HTTP/1.1 200 OK\r\n folded\r\n: x\r\n\r\n"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_a_broken_answer_is_a_passing_fault_with_unknown_outcome(
    answer: Answer, server: FaultServer, http: Http
) -> None:
    server.on("/", answer)
    with pytest.raises(Unanswered):
        await http.post(server.url(), content=b"x")
    assert len(server.requests) == 1


async def test_more_than_was_promised_is_not_read(server: FaultServer, http: Http) -> None:
    server.on("/", head(200, {"content-length": "3"}) + b"abcHTTP/1.1 200 OK\r\n\r\nsmuggled")
    response = await http.get(server.url())
    assert response is not None
    assert response.body == b"abc"


async def test_a_body_without_end_stops_at_the_cap(server: FaultServer, http: Http) -> None:
    server.on("/", drip(first=head(200, {}), then=b"x" * 50_000, every=0.0))
    with pytest.raises(BadPayload, match="larger than 100,000 bytes"):
        await http.get(server.url(), max_bytes=100_000)


async def test_a_gzip_bomb_stops_at_the_cap_in_little_memory(
    server: FaultServer, http: Http
) -> None:
    bomb = gzip.compress(b"\0" * (64 * 2**20), compresslevel=1)
    server.on("/", reply(200, bomb, {"content-encoding": "gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(BadPayload, match="larger than"):
            await http.get(server.url())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * 2**20


async def test_a_stacked_bomb_is_refused_before_its_body(server: FaultServer, http: Http) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 2**24))
    server.on("/", reply(200, bomb, {"content-encoding": "gzip, gzip"}))
    with pytest.raises(BadPayload, match="not asked for"):
        await http.get(server.url())
    server.on("/", reply(200, bomb, {"Content-Encoding": "gzip", "content-encoding": "gzip"}))
    with pytest.raises(BadPayload, match="not asked for"):
        await http.get(server.url())


async def test_one_broken_server_leaves_the_next_request_well(
    server: FaultServer, http: Http
) -> None:
    for answer in BROKEN.values():
        server.on("/bad", answer)
        with pytest.raises(CollectorError):
            await http.post(server.url("/bad"), content=b"x")
    server.on("/", reply(200, b"well"))
    response = await http.get(server.url())
    assert response is not None
    assert response.body == b"well"


def test_what_may_be_sent_again_and_what_is_unknown_are_both_passing() -> None:
    assert issubclass(NotSent, Transient)
    assert issubclass(Unanswered, Transient)
    assert not issubclass(NotSent, RateLimited)
