"""A guarded connection for a protocol beside HTTP (IMAP), opened by `Http.connect`.

It goes to the same judged addresses as every request, is read with a ceiling, and fails with the
errors of the house. Nothing is known here of what is spoken over it.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Final

from collectors.errors import BadPayload
from collectors.http.backend import Resolver, guarded_connect
from collectors.http.outcomes import NotSent, Unanswered
from collectors.http.policy import Policy, is_public

_CHUNK: Final = 65_536
_CLOSING_SECONDS: Final = 1.0


class Wire:
    """One open connection. `left` is how many bytes may still come: set it before each answer.

    host: for messages and certificates.
    """

    def __init__(
        self, host: str, streams: tuple[StreamReader, StreamWriter], context: ssl.SSLContext | None
    ) -> None:
        self.host = host
        self.left = _CHUNK
        self._reader, self._writer = streams
        self._context = context
        self._got = bytearray()
        self._plain: StreamWriter | None = None

    @property
    def peer_is_public(self) -> bool:
        """Whether the other end is out on the internet: no secret goes there unencrypted."""
        return is_public(ip_address(self._writer.get_extra_info("peername")[0]))

    async def send(self, data: bytes) -> None:
        with self._named():
            self._writer.write(data)
            await self._writer.drain()

    async def line(self) -> bytes:
        """The next line with its end. Raises Unanswered where the connection ends before it."""
        start = 0
        while (end := self._got.find(b"\n", start)) < 0:
            start = len(self._got)
            await self._more()
        return self._take(end + 1)

    async def exactly(self, size: int) -> bytes:
        """The next `size` bytes. Raises BadPayload where they are more than may come."""
        if size > self.left + len(self._got):
            raise BadPayload(f"{self.host}: an answer that is too big")
        while len(self._got) < size:
            await self._more()
        return self._take(size)

    async def secure(self) -> None:
        """Go on in TLS. What was sent in the clear and not read yet is forgotten: it could have
        been slipped in by somebody in between."""
        loop = asyncio.get_running_loop()
        reader = StreamReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        context = self._context or ssl.create_default_context()
        try:
            transport = await loop.start_tls(
                self._writer.transport, protocol, context, server_hostname=self.host
            )
        except ssl.SSLCertVerificationError as error:
            raise NotSent(_uncertified(self.host)) from error
        except OSError as error:
            raise NotSent(f"{self.host}: no encrypted connection could be made") from error
        assert transport is not None
        protocol.connection_made(transport)
        # Kept: closing the old writer would close the connection under the new one.
        self._plain, self._reader = self._writer, reader
        self._writer = StreamWriter(transport, protocol, reader, loop)
        self._got.clear()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _more(self) -> None:
        if self.left <= 0:
            raise BadPayload(f"{self.host}: an answer that is too big")
        with self._named():
            chunk = await self._reader.read(min(_CHUNK, self.left))
        if not chunk:
            raise Unanswered(f"{self.host}: it hung up")
        self.left -= len(chunk)
        self._got += chunk

    def _take(self, size: int) -> bytes:
        taken = bytes(self._got[:size])
        del self._got[:size]
        return taken

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unanswered(f"{self.host}: the connection broke") from error


async def open_wire(
    host: str,
    port: int,
    policy: Policy,
    *,
    tls: bool,
    seconds: float,
    resolver: Resolver | None,
    ssl_context: ssl.SSLContext | None,
) -> Wire:
    """Connect under guard. Raises NeedsAttention or NotSent."""
    try:
        streams = await guarded_connect(
            host, port, policy,
            tls=tls, timeout=seconds, resolver=resolver, ssl_context=ssl_context,
        )  # fmt: skip
    except NotSent as error:
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            raise NotSent(_uncertified(host)) from error
        raise
    return Wire(host, streams, ssl_context)


def _uncertified(host: str) -> str:
    return f"{host}: its certificate is not accepted"
