"""Server-Sent Events: read as the standard says, within bounds, through the same door."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from collectors.http import Event, Http, OverBudget, Policy, Unanswered
from collectors.http.events import EventReader
from tests.support.faultserver import Answer, FaultServer, Seen, cut, drip, head, reply, silence

MakeHttp = Callable[..., Http]
KIND = {"content-type": "text/event-stream"}
STREAM = head(200, KIND)


def read(*chunks: bytes, max_bytes: int = 1_000) -> list[Event]:
    reader = EventReader(host="h", max_bytes=max_bytes)
    return [event for chunk in chunks for event in reader.feed(chunk)]


def test_an_event_has_its_name_its_lines_of_data_and_the_last_id() -> None:
    stream = b"\xef\xbb\xbf:thump\n\nevent: update\nid: 7\ndata: one\ndata:two\n\ndata\n\n"
    assert read(stream) == [
        Event(name="update", data="one\ntwo", id="7"),
        Event(name="message", data="", id="7"),
    ]


def test_an_event_without_data_or_without_its_end_is_none() -> None:
    assert read(b"event: update\n\ndata: half") == []


@settings(deadline=None)
@given(st.data())
def test_where_chunks_are_cut_and_how_lines_end_changes_nothing(data: st.DataObject) -> None:
    end = data.draw(st.sampled_from([b"\n", b"\r", b"\r\n"]))
    lines = [b":x", b"event: up", b"data: \xc3\xa9t\xc3\xa9", b"data: b", b"", b"data: c", b"", b""]
    stream = end.join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*chunks) == [Event(name="up", data="été\nb"), Event(data="c")]


def test_bad_bytes_become_marks_and_not_errors() -> None:
    assert read(b"data: \xff\xfe\n\n")[0].data == "\ufffd\ufffd"


@pytest.mark.parametrize("piece", [b"x" * 10, b"data: x\n", b"data\n"])
def test_an_endless_line_or_event_ends_at_the_cap(piece: bytes) -> None:
    with pytest.raises(BadPayload, match="larger than 1,000 bytes"):
        read(*[piece] * 2_000)


def test_an_endless_line_in_small_pieces_costs_linear_time() -> None:
    reader = EventReader(host="h", max_bytes=2**20)
    started = time.perf_counter()
    for _ in range(2**17):
        list(reader.feed(b"xxxxxxx"))
    assert time.perf_counter() - started < 5


async def test_events_come_as_they_are_sent_and_the_end_ends_it(
    server: FaultServer, http: Http
) -> None:
    gate = asyncio.Event()

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + b"data: 1\n\n")
        await writer.drain()
        await gate.wait()
        writer.write(b"data: 2\n\n")
        await writer.drain()
        writer.close()

    server.on("/s", answer)
    got = []
    async for event in http.events(server.url("/s"), headers={"Authorization": "Bearer t"}):
        got.append(event.data)
        gate.set()
    assert got == ["1", "2"]
    seen = server.requests[0]
    assert seen.headers["authorization"] == "Bearer t"
    assert seen.headers["accept"] == "text/event-stream"
    assert seen.headers["accept-encoding"] == "identity"


async def test_leaving_early_closes_the_connection_and_leaves_no_task(
    server: FaultServer, http: Http
) -> None:
    gone = asyncio.Event()

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        try:
            while True:
                writer.write(b"data: x\n\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except OSError:
            gone.set()

    server.on("/s", answer)
    before = asyncio.all_tasks()
    async with aclosing(http.events(server.url("/s"))) as events:
        assert (await anext(events)).data == "x"
    await asyncio.wait_for(gone.wait(), 5)
    for _ in range(3):
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)]
    assert not left


async def test_a_stream_holds_no_slot_of_its_host(server: FaultServer, http: Http) -> None:
    server.on("/s", drip(first=STREAM, then=b"data: x\n\n"))
    server.on("/p", reply(200, b"ok"))
    streams = [http.events(server.url("/s")) for _ in range(3)]
    for one in streams:
        await anext(one)
    response = await asyncio.wait_for(http.get(server.url("/p")), 5)
    assert response is not None
    for one in streams:
        await one.aclose()


async def test_a_stream_counts_as_a_request_of_the_budget(server: FaultServer, http: Http) -> None:
    server.on("/s", cut(STREAM + b"data: x\n\n"))
    child = http.budget(1)
    assert [event.data async for event in child.events(server.url("/s"))] == ["x"]
    assert child.left == 0
    with pytest.raises(OverBudget):
        await anext(child.events(server.url("/s")))
    with pytest.raises(NeedsAttention):
        await anext(http.budget(1, hosts={"other"}).events(server.url("/s")))


QUIET = {
    "nothing after the head": drip(first=STREAM, then=b""),
    "a drip that makes no line": drip(first=STREAM, then=b"x"),
    "silence": silence(),
    "half a head": drip(first=b"HTTP/1.1 200 OK\r\n", then=b"x: y\r\n"),
}


@pytest.mark.parametrize("answer", QUIET.values(), ids=QUIET)
async def test_no_sign_of_life_ends_it(
    answer: Answer, server: FaultServer, make_http: MakeHttp
) -> None:
    server.on("/s", answer)
    started = time.monotonic()
    with pytest.raises(Unanswered):
        await anext(make_http(total_timeout=0.3).events(server.url("/s"), idle=0.3))
    assert time.monotonic() - started < 2


async def test_comments_are_signs_of_life(server: FaultServer, http: Http) -> None:
    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        for _ in range(10):
            writer.write(b":thump\n")
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.write(b"data: x\n\n")
        await writer.drain()

    server.on("/s", answer)
    async with aclosing(http.events(server.url("/s"), idle=0.3)) as events:
        assert (await anext(events)).data == "x"


async def test_what_is_no_stream_is_named(server: FaultServer, http: Http) -> None:
    server.on("/html", reply(200, b"<html>"))
    server.on("/401", reply(401, b"{}"))
    server.on("/429", reply(429, b"", {"retry-after": "9"}))
    server.on("/500", reply(500))
    server.on("/302", reply(302, b"", {"location": "/html"}))
    server.on("/gzip", reply(200, b"x", {**KIND, "content-encoding": "gzip"}))
    wanted = {
        "/html": BadPayload, "/gzip": BadPayload, "/401": NeedsAttention, "/302": NeedsAttention,
        "/429": RateLimited, "/500": Transient,
    }  # fmt: skip
    for path, error in wanted.items():
        with pytest.raises(error):
            await anext(http.events(server.url(path)))
    assert len(server.requests) == len(wanted)


async def test_a_denied_address_is_never_contacted(
    server: FaultServer, make_http: MakeHttp
) -> None:
    with pytest.raises(NeedsAttention, match="no connection"):
        await anext(make_http(Policy()).events(server.url("/s")))
    assert server.contacts == 0
