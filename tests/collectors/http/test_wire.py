"""Connections beside HTTP: the same guard, the same errors, a ceiling on what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from collectors.errors import BadPayload, NeedsAttention
from collectors.http import Http, NotSent, OverBudget, Policy, Unanswered
from tests.support.faultserver import tls_pair

MakeHttp = Callable[..., Http]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello\r\nand the rest")


async def test_lines_and_bytes_are_read_and_an_end_before_them_is_an_error(http: Http) -> None:
    async with listening(_greet) as port, http.connect("127.0.0.1", port, tls=False) as wire:
        assert await wire.line() == b"hello\r\n"
        assert await wire.exactly(7) == b"and the"
        with pytest.raises(Unanswered):
            await wire.line()


async def test_more_than_may_come_is_refused(http: Http) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 10_000)

    async with listening(flood) as port, http.connect("127.0.0.1", port, tls=False) as wire:
        wire.left = 1_000
        with pytest.raises(BadPayload, match="too big"):
            await wire.line()
        with pytest.raises(BadPayload, match="too big"):
            await wire.exactly(5_000)


async def test_the_policy_holds_and_only_the_named_ports_open_on_public_addresses(
    make_http: MakeHttp,
) -> None:
    async def resolver(host: str, port: int) -> list[object]:
        from ipaddress import ip_address

        return [ip_address({"inside.test": "10.0.0.1", "outside.test": "93.184.216.34"}[host])]

    http = make_http(Policy(), resolver=resolver)
    for host, port in (("127.0.0.1", 993), ("inside.test", 993), ("outside.test", 25)):
        with pytest.raises(NeedsAttention, match="may not"):
            async with http.connect(host, port, tls=False, opens={993}):
                raise AssertionError("it was contacted")


async def test_a_connection_counts_as_a_request(http: Http) -> None:
    async with listening(_greet) as port:
        one = http.budget(1)
        async with one.connect("127.0.0.1", port, tls=False):
            assert (one.asked, one.left) == (1, 0)
        with pytest.raises(OverBudget):
            async with one.connect("127.0.0.1", port, tls=False):
                raise AssertionError("beyond the budget")


async def test_what_is_slipped_in_before_tls_is_forgotten(make_http: MakeHttp) -> None:
    """Whoever sits in between can add to the clear part, and must not be heard in the safe one."""
    server_context, client_context = tls_pair(["127.0.0.1"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"go ahead\r\nSLIPPED IN\r\n")
        await writer.start_tls(server_context)
        writer.write(b"safe\r\n")
        await writer.drain()

    http = make_http(ssl_context=client_context)
    async with listening(serve) as port, http.connect("127.0.0.1", port, tls=False) as wire:
        await wire.send(b"start\r\n")
        assert await wire.line() == b"go ahead\r\n"
        await wire.secure()
        assert await wire.line() == b"safe\r\n"


async def test_a_server_without_tls_is_not_sent_anything(make_http: MakeHttp) -> None:
    http = make_http()
    async with listening(_greet) as port:
        with pytest.raises(NotSent):
            async with http.connect("127.0.0.1", port, tls=True):
                raise AssertionError("no handshake was made")
