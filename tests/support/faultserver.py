"""A loopback HTTP server that misbehaves on purpose: raw sockets, scripted answers, a record.

    async with FaultServer() as server:
        server.on("/feed", reply(500), reply(200, b"<rss/>"))   # the last answer repeats
        await http.get(server.url("/feed"))
        assert server.contacts == 2

Reach it with `Http(Policy.parse("127.0.0.1/32"))`.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Answer = bytes | Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole, well-formed answer."""
    lines = {"content-length": str(len(body)), **(headers or {})}
    return head(status, lines) + body


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The status line and headers only, as they are given."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {_phrase(status)}\r\n{fields}\r\n".encode("latin-1")


def drip(*, first: bytes, then: bytes = b"x", every: float = 0.02) -> Answer:
    """Send `first`, then `then` for ever, a little at a time: no read ever times out."""

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            await writer.drain()
            await asyncio.sleep(every)
            writer.write(then)

    return answer


def silence() -> Answer:
    """Take the request and say nothing, for ever."""

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return answer


def reset(after: bytes = b"") -> Answer:
    """Send `after`, then break the connection with a TCP reset."""

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        writer.transport.abort()

    return answer


def cut(part: bytes) -> Answer:
    """Send `part` and close, whatever length was promised."""

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        await writer.drain()
        writer.close()

    return answer


def etagged(body: bytes, etag: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer 304 to those who have `etag`, else 200 with it."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        marks = {"etag": etag, **(headers or {})}
        if seen.headers.get("if-none-match") == etag:
            writer.write(head(304, marks))
        else:
            writer.write(reply(200, body, marks))
        await writer.drain()

    return answer


@dataclass
class FaultServer:
    """Listens on 127.0.0.1; unknown paths get 404. `contacts` counts connections."""

    tls: ssl.SSLContext | None = None
    contacts: int = 0
    requests: list[Seen] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    """The largest number of requests that were being answered at one moment."""
    _answers: dict[str, list[Answer]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def on(self, path: str, *answers: Answer) -> None:
        """Script the answers of `path`; the last one repeats."""
        self._answers[path] = list(answers)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    async def __aenter__(self) -> FaultServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.contacts += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                await self._answer(await _read(reader), writer)
        except (asyncio.IncompleteReadError, OSError):
            pass  # The other side went away, as it may.
        finally:
            # Not close(): over TLS that waits half a minute for the other side's farewell.
            # An answer that closed by itself is left to send what it had written.
            if not writer.is_closing():
                writer.transport.abort()

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        self.requests.append(seen)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            answers = self._answers.get(seen.path) or [reply(404)]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(seen, writer)
        finally:
            self.busy -= 1


def tls_pair(names: Sequence[str] = ("127.0.0.1",)) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's and a client's context around a fresh self-signed certificate."""
    secret, pem = tls_pem(names)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pair.pem"
        path.write_bytes(secret + pem)
        server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())


def tls_pem(names: Sequence[str] = ("127.0.0.1",)) -> tuple[bytes, bytes]:
    """Return a fresh private key and its self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vigie test")])
    # Wide enough that a test's travelling clock does not leave it.
    start = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret, pem


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


async def _read(reader: asyncio.StreamReader) -> Seen:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in lines[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Odd"
