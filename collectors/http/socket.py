"""A WebSocket (RFC 6455) over a guarded connection. The only file that knows `websockets`.

Of that library only the protocol is used, not its networking: connecting, time-outs and errors
are the ones of this package, there are no background tasks, and nothing is compressed, so that
no frame can grow beyond what was counted.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import WebSocketURI

from collectors.errors import BadPayload, CollectorError, NeedsAttention
from collectors.http.engine import Engine
from collectors.http.hops import Url
from collectors.http.outcomes import Unanswered, error_for

_CHUNK: Final = 65_536
_FAREWELL: Final = 1.0
"""Seconds that the other side has to answer our close."""
_IN_ORDER: Final = frozenset({1000, 1001, 1005, 1012, 1013})
"""Closes of a server that is done or restarts; any other is a fault."""

# Its own logger writes every header at level DEBUG, tokens among them.
_SILENT: Final = logging.Logger("websockets", logging.CRITICAL)  # noqa: LOG001 (kept apart)


class Socket:
    """An open WebSocket: iterate over it for the messages, each at most the cap.

    Pings are answered while it is read. Iteration ends when the server closes in good order;
    raises Unanswered where the connection breaks or nothing comes, not even an answer to our
    ping, and BadPayload for what is no WebSocket or too large.
    """

    def __init__(
        self,
        host: str,
        protocol: ClientProtocol,
        reader: StreamReader,
        writer: StreamWriter,
        *,
        idle: float,
    ) -> None:
        self._host = host
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self._idle = idle
        self._clock = asyncio.get_running_loop().time
        self._alive = self._clock()
        self._pinged = False
        self._frames: list[Frame] = []
        self._message = bytearray()
        self._is_half = False
        self._is_text = False

    async def shake_hands(self, headers: Mapping[str, str], *, now: float) -> None:
        """Ask to upgrade. Raises what the answer's status asks for."""
        request = self._protocol.connect()
        for name, value in headers.items():
            if not all(" " <= char <= "\xff" and char != "\x7f" for char in value):
                raise NeedsAttention(
                    f"{self._host}: this request cannot be sent (odd characters in a key)"
                )
            request.headers[name] = value
        self._protocol.send_request(request)
        await self._flush()
        while self._protocol.state is State.CONNECTING and self._protocol.handshake_exc is None:
            self._take(await self._reader.read(_CHUNK))
        if self._protocol.handshake_exc is not None:
            raise self._refusal(self._protocol.handshake_exc, now=now)
        await self._flush()  # a ping may have come with the answer
        self._sign_of_life()

    async def send(self, message: str) -> None:
        """Send a text message."""
        with self._named_errors():
            self._protocol.send_text(message.encode())
            await self._flush()

    def __aiter__(self) -> AsyncGenerator[str | bytes]:
        return self._messages()

    async def close(self) -> None:
        """Say farewell, wait a moment for the answer, and drop the connection."""
        try:
            async with asyncio.timeout(_FAREWELL):
                if self._protocol.state is State.OPEN:
                    self._protocol.send_close(1000)
                await self._flush()
                while self._awaits_farewell():
                    self._take(await self._reader.read(_CHUNK))
        except (OSError, TimeoutError):
            pass  # it is going away in any case
        finally:
            # Not writer.close(): over TLS that waits half a minute for the other side.
            self._writer.transport.abort()
            with suppress(OSError):
                await self._writer.wait_closed()

    def _awaits_farewell(self) -> bool:
        closing = self._protocol.state is State.CLOSING and self._protocol.close_rcvd is None
        return closing and self._protocol.parser_exc is None

    async def _messages(self) -> AsyncGenerator[str | bytes]:
        while True:
            frames, self._frames = self._frames, []
            for frame in frames:
                message = self._put_together(frame)
                if message is not None:
                    yield message
                    self._sign_of_life()  # what the reader did with it is not silence
            if await self._ended():
                return

    async def _ended(self) -> bool:
        """Read on. True when the server has closed in good order."""
        closed = self._protocol.close_rcvd
        if closed is not None:
            if closed.code in _IN_ORDER:
                return True
            raise Unanswered(f"{self._host}: the stream was closed with code {closed.code}")
        self._raise_fault()
        with self._named_errors():
            data = await self._read()
            self._take(data)
            async with asyncio.timeout(self._idle):
                await self._flush()
        return False

    async def _read(self) -> bytes:
        """Bytes, in the time that is left; half of it gone, the other side is asked by a ping."""
        if not self._pinged:
            try:
                async with asyncio.timeout_at(self._alive + self._idle / 2):
                    return await self._reader.read(_CHUNK)
            except TimeoutError:
                self._protocol.send_ping(b"?")
                self._pinged = True
                await self._flush()
        async with asyncio.timeout_at(self._alive + self._idle):
            return await self._reader.read(_CHUNK)

    def _take(self, data: bytes) -> None:
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._frames += [one for one in self._protocol.events_received() if isinstance(one, Frame)]

    def _put_together(self, frame: Frame) -> str | bytes | None:
        if frame.opcode not in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            if not self._is_half:
                self._sign_of_life()
            return None
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._message += frame.data
        self._is_half = not frame.fin
        if self._is_half:
            return None
        whole = bytes(self._message)
        self._message.clear()
        if not self._is_text:
            return whole
        try:
            return whole.decode()
        except UnicodeDecodeError as error:
            self._protocol.fail(1007)
            raise BadPayload(f"{self._host}: a message is not UTF-8") from error

    def _sign_of_life(self) -> None:
        """Whole messages count, and pings and pongs between them; a half message does not."""
        self._alive = self._clock()
        self._pinged = False

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()
        await self._writer.drain()

    def _raise_fault(self) -> None:
        match self._protocol.parser_exc:
            case None:
                return
            case PayloadTooBig() as error:
                most = f"{self._protocol.max_message_size:,}"
                raise BadPayload(f"{self._host}: a message is larger than {most} bytes") from error
            case EOFError() as error:
                raise _broken(self._host) from error
            case error:
                raise BadPayload(f"{self._host}: what it sends is no WebSocket") from error

    def _refusal(self, error: Exception, *, now: float) -> CollectorError:
        if isinstance(error, InvalidStatus):
            answer = error.response
            headers = {name.lower(): value for name, value in answer.headers.raw_items()}
            meant = error_for(answer.status_code, headers, host=self._host, now=now)
            if meant is not None:
                return meant
        if isinstance(error.__cause__, EOFError):
            return _broken(self._host)
        return BadPayload(f"{self._host}: it does not answer as a WebSocket")

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, TimeoutError) as error:
            raise _broken(self._host) from error


def _broken(host: str) -> Unanswered:
    return Unanswered(f"{host}: the connection broke or nothing came in time")


@asynccontextmanager
async def opened(
    engine: Engine,
    url: Url,
    headers: Mapping[str, str],
    *,
    seconds: float,
    idle: float,
    max_bytes: int,
    now: float,
) -> AsyncIterator[Socket]:
    """Connect and shake hands within `seconds`; leaving closes.

    idle: seconds without a sign of life after which the stream counts as broken.
    now: epoch seconds, for waits that an answer gives as a date.
    """
    protocol = ClientProtocol(_uri(url), extensions=None, max_size=max_bytes, logger=_SILENT)
    reader, writer = await engine.connect(url)
    socket = Socket(url.host, protocol, reader, writer, idle=idle)
    try:
        try:
            async with asyncio.timeout(seconds):
                await socket.shake_hands(headers, now=now)
        except (OSError, TimeoutError) as error:
            raise _broken(url.host) from error
        yield socket
    finally:
        await socket.close()


def _uri(url: Url) -> WebSocketURI:
    parts = urlsplit(url.text)
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    return WebSocketURI(secure, url.host, port, parts.path, parts.query)
