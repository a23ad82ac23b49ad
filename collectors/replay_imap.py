"""A loopback mail server that shows a case's mails, for tests of collectors that read mail.

A case folder holds `mailbox/*.eml`: one mail a file, in the order of their names. A number in
front of the name ("7-alert.eml") is the mail's UID, else they are counted from 1. `mailbox.json`
may say {"validity": 1, "folders": ["INBOX"]}. The time of arrival is the mail's own Date.

It takes any user and password. `instead` is what collectors/replay.py has under that name, told
in IMAP: 401 refuses the password, 429 and 500 refuse the sign-in for now, 200 answers garbage.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from collectors.replay import Exchange, Loopback

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_PARTIAL: Final = re.compile(r"BODY\.PEEK\[(HEADER|)\]<0\.(\d+)>")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the folder."""

    uid: int
    raw: bytes

    @property
    def arrived(self) -> datetime:
        try:
            return parsedate_to_datetime(message_from_bytes(self.raw)["date"]).astimezone(UTC)
        except (TypeError, ValueError):
            return datetime(2026, 11, 1, tzinfo=UTC)

    def item(self, section: str, most: int) -> bytes:
        body = self.raw
        if section == "HEADER":
            head, gap, _ = body.partition(b"\r\n\r\n")
            body = head + gap
        body = body[:most]
        return b"BODY[%s]<0> {%d}\r\n%s" % (section.encode(), len(body), body)

    def answer(self, number: int, asked: str) -> bytes:
        """The FETCH answer with what was asked for."""
        parts = [b"UID %d" % self.uid]
        if "RFC822.SIZE" in asked:
            parts.append(b"RFC822.SIZE %d" % len(self.raw))
        if "INTERNALDATE" in asked:
            at = self.arrived
            day = f"{at.day:2}-{_MONTHS[at.month - 1]}-{at.year}"
            parts.append(f'INTERNALDATE "{day} {at:%H:%M:%S} +0000"'.encode())
        parts += [self.item(one[1], int(one[2])) for one in _PARTIAL.finditer(asked)]
        return b"* %d FETCH (%s)\r\n" % (number, b" ".join(parts))


@dataclass(slots=True)
class Mailbox:
    """What a case's server shows."""

    mails: list[Mail] = field(default_factory=list)
    validity: int = 1
    folders: list[str] = field(default_factory=lambda: ["INBOX"])

    @classmethod
    def read(cls, case: Path) -> Mailbox:
        about = case / "mailbox.json"
        given = json.loads(about.read_text("utf-8")) if about.exists() else {}
        mails = [
            Mail(_uid(path, number), _crlf(path.read_bytes()))
            for number, path in enumerate(sorted((case / "mailbox").glob("*.eml")), start=1)
        ]
        return cls(mails=sorted(mails, key=lambda one: one.uid), **given)


def _uid(path: Path, number: int) -> int:
    found = re.match(r"\d+", path.name)
    return int(found[0]) if found else number


def _crlf(raw: bytes) -> bytes:
    return re.sub(rb"\r?\n", b"\r\n", raw)


class ImapReplay(Loopback):
    """Answers on 127.0.0.1 while it is entered. The same face as `ReplayServer`.

    asked: the commands so far, without their arguments where those are secret.
    """

    scheme = "imap"

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self.mailbox = mailbox
        self.exchanges = [Exchange(path=str(mail.uid)) for mail in mailbox.mails]
        self.instead: Exchange | None = None
        self.asked: list[str] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.instead and self.instead.status == 200:
                writer.write(self.instead.body.encode() + b"\r\n")
                return
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
                writer.write(self._answer(tag, rest))
                await writer.drain()
                if rest.upper().startswith("LOGOUT"):
                    return
        except ConnectionError:
            pass  # the client went away, which some tests do on purpose
        finally:
            writer.close()

    def _answer(self, tag: str, rest: str) -> bytes:
        words = rest.split(" ")
        name = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        secret = name in ("LOGIN", "AUTHENTICATE")
        self.asked.append(name if secret else rest)
        data = b""
        if secret and self.instead:
            return f"{tag} {_refused(self.instead)}\r\n".encode()
        if name == "CAPABILITY":
            data = b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n"
        elif name == "LIST":
            data = b"".join(b'* LIST () "/" "%s"\r\n' % one.encode() for one in self._folders())
        elif name == "EXAMINE":
            if rest.partition(" ")[2].strip('"') not in self._folders():
                return f"{tag} NO [NONEXISTENT] no such folder\r\n".encode()
            data = b"* %d EXISTS\r\n" % len(self.mailbox.mails)
            data += b"* OK [UIDVALIDITY %d] so it is\r\n" % self.mailbox.validity
        elif name == "UID SEARCH":
            found = " ".join(str(mail.uid) for mail in self._found(words[2:]))
            data = f"* SEARCH {found}".rstrip().encode() + b"\r\n"
        elif name == "UID FETCH":
            wanted = {int(one) for one in words[2].split(",")}
            data = b"".join(
                mail.answer(number, rest)
                for number, mail in enumerate(self.mailbox.mails, start=1)
                if mail.uid in wanted
            )
        elif not (secret or name == "LOGOUT"):
            return f"{tag} BAD unknown\r\n".encode()
        return data + f"{tag} OK done\r\n".encode()

    def _folders(self) -> list[str]:
        return self.mailbox.folders

    def _found(self, words: list[str]) -> list[Mail]:
        mails = self.mailbox.mails
        if words[0] == "SINCE":
            day, month, year = words[1].split("-")
            since = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
            return [mail for mail in mails if mail.arrived >= since]
        least = int(words[1].partition(":")[0])
        # The star is the highest number, also where that is below the start (RFC 3501, 6.4.8).
        return [mail for mail in mails if mail.uid >= least] or mails[-1:]


def _refused(answer: Exchange) -> str:
    if answer.status == 401:
        return "NO [AUTHENTICATIONFAILED] wrong"
    if answer.status == 429:
        wait = answer.headers.get("retry-after")
        if wait is None:
            return "NO [LIMIT] too often"
        # The one wording of a wait that is in use: Exchange Online's.
        return f"BAD Request is throttled. Suggested Backoff Time: {wait}000 milliseconds"
    return "NO [UNAVAILABLE] later"
