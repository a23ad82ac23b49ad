"""One IMAP session over a guarded connection: sign in, open a folder read-only, search, fetch.

Nothing is ever changed in the mailbox: folders are opened by EXAMINE, mails read by BODY.PEEK.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from collectors.errors import BadPayload, CollectorError, NeedsAttention
from collectors.imap.protocol import (
    Reply,
    Status,
    Value,
    folder_from_wire,
    folder_to_wire,
    literal_after,
    quoted,
    refusal,
    status_of,
    values_of,
)

if TYPE_CHECKING:
    from collectors.http import Http, Wire

Security = Literal["tls", "starttls", "none"]

PORTS: Final = frozenset({993, 143})
"""IMAP's own. Others are reached on private networks that the administrator opened."""
HEAD_BYTES: Final = 65_536
_ANSWER_BYTES: Final = 1_000_000
_ANSWER_SECONDS: Final = 30.0
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is and who opens it."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail before its body is read. received: as the server writes it."""

    uid: int
    size: int
    received: str
    head: bytes


class Session:
    """Speaks to one server; every answer is bounded in bytes and in seconds."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._host = wire.host
        self._number = 0

    async def greet(self) -> Status:
        """Read the greeting. Raises what a refusal asks for."""
        async with self._bounded(_ANSWER_BYTES):
            line = await self._wire.line()
        status = status_of(line[2:]) if line.startswith(b"* ") else None
        if status is None:
            raise BadPayload(f"{self._host}: no IMAP server answers there")
        if not status.ok:
            raise refusal(self._host, status, at_login=False)
        return status

    async def command(
        self, *words: bytes, at_login: bool = False, secret: bytes = b"", most: int = _ANSWER_BYTES
    ) -> Reply:
        """Send a command and read its whole answer. secret: what a `+` is answered with.

        Raises what a NO or BAD asks for; Transient where the server hangs up.
        """
        reply = await self.ask(*words, secret=secret, most=most)
        if not reply.status.ok:
            raise refusal(self._host, reply.status, at_login=at_login)
        return reply

    async def ask(self, *words: bytes, secret: bytes = b"", most: int = _ANSWER_BYTES) -> Reply:
        """The same, where a NO is an answer like another."""
        self._number += 1
        tag = f"v{self._number}".encode()
        async with self._bounded(most):
            await self._wire.send(b" ".join((tag, *words)) + b"\r\n")
            return await self._reply(tag, secret)

    async def secure(self) -> None:
        """STARTTLS. Raises NeedsAttention where the server has no encryption to offer."""
        if not (await self.ask(b"STARTTLS")).status.ok:
            raise NeedsAttention(f"{self._host}: it offers no encryption at this port (STARTTLS)")
        async with self._bounded(_ANSWER_BYTES):
            await self._wire.secure()

    async def sign_in(self, user: str, password: str) -> None:
        """By AUTHENTICATE PLAIN where it is offered, as it takes any letters; else by LOGIN."""
        able = await self._abilities()
        if b"AUTH=PLAIN" in able:
            plain = base64.b64encode(f"\0{user}\0{password}".encode())
            words = (b"AUTHENTICATE", b"PLAIN")
            if b"SASL-IR" in able:
                await self.command(*words, plain, at_login=True)
            else:
                await self.command(*words, secret=plain, at_login=True)
        elif b"LOGINDISABLED" in able:
            raise NeedsAttention(f"{self._host}: it takes no password on this connection")
        else:
            await self.command(b"LOGIN", quoted(user), quoted(password), at_login=True)

    async def _abilities(self) -> frozenset[bytes]:
        reply = await self.command(b"CAPABILITY")
        lines = [one for one in reply.data if one and one[0] == b"CAPABILITY"]
        return frozenset(
            word.upper() for line in lines for word in line[1:] if isinstance(word, bytes)
        )

    async def open(self, folder: str) -> int:
        """Open a folder read-only; its UIDVALIDITY. Raises NeedsAttention naming those there."""
        reply = await self.ask(b"EXAMINE", quoted(folder_to_wire(folder)))
        if reply.status.word == "NO" and reply.status.code in ("", "NONEXISTENT", "CANNOT"):
            there = ", ".join(await self.folders()) or "none"
            raise NeedsAttention(f"{self._host}: no folder {folder!r}; there are: {there}"[:1_000])
        if not reply.status.ok:
            raise refusal(self._host, reply.status, at_login=False)
        return _number(reply.code("UIDVALIDITY"))

    async def folders(self) -> list[str]:
        """The names of the folders that can be opened, thirty at most."""
        reply = await self.command(b"LIST", b'""', b'"*"')
        names: list[str] = []
        for line in reply.data:
            match line:
                case [b"LIST", list(flags), _, bytes(name)] if b"\\Noselect" not in flags:
                    names.append(folder_from_wire(name))
        return sorted(names)[:30]

    async def uids_since(self, day: date) -> list[int]:
        """Mails that came in on that day or later, oldest first."""
        when = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}".encode()
        return await self._search(b"SINCE", when)

    async def uids_after(self, uid: int) -> list[int]:
        """Mails with a higher number, oldest first."""
        # The range's star is the highest number there is, also where that is below the start.
        found = await self._search(b"UID", f"{uid + 1}:*".encode())
        return [one for one in found if one > uid]

    async def _search(self, *words: bytes) -> list[int]:
        reply = await self.command(b"UID SEARCH", *words)
        lines = [one for one in reply.data if one and one[0] == b"SEARCH"]
        numbers = {_number(word) for line in lines for word in line[1:] if isinstance(word, bytes)}
        return sorted(numbers - {0})

    async def envelopes(self, uids: Sequence[int]) -> list[Envelope]:
        """Size, time of arrival and header of mails; what went away is left out."""
        wanted = ",".join(map(str, uids)).encode()
        head = f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>".encode()
        items = b"(UID RFC822.SIZE INTERNALDATE " + head + b")"
        most = len(uids) * (HEAD_BYTES + 2_000) + _ANSWER_BYTES
        reply = await self.command(b"UID FETCH", wanted, items, most=most)
        found = {one.uid: one for one in map(_envelope, _fetched(reply)) if one is not None}
        return [found[uid] for uid in uids if uid in found]

    async def mail(self, uid: int, *, most: int) -> bytes | None:
        """A mail, or its first `most` bytes; None where it went away."""
        part = f"(UID BODY.PEEK[]<0.{most}>)".encode()
        reply = await self.command(b"UID FETCH", str(uid).encode(), part, most=most + _ANSWER_BYTES)
        for fields in _fetched(reply):
            body = _body(fields)
            if _number(fields.get("UID", b"")) == uid and body is not None:
                return body[:most]
        return None

    async def leave(self) -> None:
        """Say goodbye, without waiting for the answer."""
        with suppress(CollectorError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._wire.send(b"v0 LOGOUT\r\n")

    async def _reply(self, tag: bytes, secret: bytes) -> Reply:
        data: list[Sequence[Value]] = []
        said: list[Status] = []
        while True:
            parts = await self._parts()
            mark, _, rest = parts[0].partition(b" ")
            status = status_of(rest) if mark in (b"*", tag) else None
            if mark == tag and status is not None:
                return Reply(status, data, said)
            if mark.strip() == b"+":
                await self._wire.send(secret + b"\r\n")
                secret = b"*"  # a second question has no answer: cancel
            elif mark != b"*":
                raise BadPayload(f"{self._host}: it does not do what IMAP servers do")
            elif status is None:
                data.append(values_of((rest, *parts[1:])))
            elif status.word == "BYE":
                raise refusal(self._host, status, at_login=False)
            else:
                said.append(status)

    async def _parts(self) -> list[bytes]:
        """One answer: a line, and for each literal in it that literal and the line after it."""
        parts = [await self._wire.line()]
        while (size := literal_after(parts[-1])) is not None:
            parts += [await self._wire.exactly(size), await self._wire.line()]
        return parts

    @asynccontextmanager
    async def _bounded(self, most: int) -> AsyncIterator[None]:
        from collectors.http import Unanswered  # at use: the protocol's tests need no HTTP

        self._wire.left = most
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                yield
        except TimeoutError as error:
            raise Unanswered(f"{self._host}: no whole answer came in time") from error


@asynccontextmanager
async def signed_in(http: Http, account: Account) -> AsyncIterator[Session]:
    """A session that may open folders; it is left and closed with the block."""
    tls = account.security == "tls"
    async with http.connect(account.host, account.port, tls=tls, opens=PORTS) as wire:
        if account.security == "none" and wire.peer_is_public:
            raise NeedsAttention(
                f"{account.host}: a password is not sent unencrypted over the internet; set "
                "security to tls or starttls"
            )
        session = Session(wire)
        greeting = await session.greet()
        if account.security == "starttls":
            await session.secure()
        if greeting.word != "PREAUTH":
            await session.sign_in(account.user, account.password)
        try:
            yield session
        finally:
            await session.leave()


def _fetched(reply: Reply) -> list[dict[str, Value]]:
    """The FETCH answers of a reply as fields by name, unasked ones among them."""
    found: list[dict[str, Value]] = []
    for line in reply.data:
        match line:
            case [bytes(), bytes(word), list(pairs)] if word.upper() == b"FETCH":
                names = [
                    name.decode("ascii", "replace").upper() if isinstance(name, bytes) else ""
                    for name in pairs[::2]
                ]
                found.append(dict(zip(names, pairs[1::2], strict=False)))
    return found


def _envelope(fields: dict[str, Value]) -> Envelope | None:
    uid, head = _number(fields.get("UID", b"")), _body(fields)
    received = fields.get("INTERNALDATE", b"")
    if not uid or head is None or not isinstance(received, bytes):
        return None
    size = _number(fields.get("RFC822.SIZE", b""))
    return Envelope(uid, size, received.decode("ascii", "replace"), head)


def _body(fields: dict[str, Value]) -> bytes | None:
    found = next((one for name, one in fields.items() if name.startswith("BODY[")), None)
    return found if isinstance(found, bytes) else None


def _number(text: Value | str) -> int:
    """A whole number of IMAP's 32 bits; 0 where it is none."""
    if isinstance(text, list):
        return 0
    word = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 10 else 0
