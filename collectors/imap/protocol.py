"""The little of IMAP (RFC 3501, 9051) that reading a folder needs, as pure functions.

Bytes in, values out: answers taken apart, words quoted, folder names in IMAP's own UTF-7.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient

Value = bytes | list["Value"]
"""An atom, a string or a literal; or a list in parentheses."""

_TOKEN: Final = re.compile(rb'\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+')
_LITERAL: Final = re.compile(rb"\{(\d{1,12})\}\r?\n\Z")
_ESCAPED: Final = re.compile(rb"\\(.)")
_DEEPEST: Final = 30
_UTF7: Final = re.compile(r"[^\x20-\x7e]+")
_UTF7_CODED: Final = re.compile(r"&([A-Za-z0-9+,]*)-")
# Exchange Online says so where a mailbox is asked too often.
_BACKOFF: Final = re.compile(rb"Suggested Backoff Time: (\d{1,9}) milliseconds", re.IGNORECASE)
_LONGEST: Final = 86_400.0

_WRONG_LOGIN: Final = frozenset({"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"})
_ASK_SOMEBODY: Final = frozenset({"PRIVACYREQUIRED", "CONTACTADMIN", "NOPERM", "WEBALERT"})
_WAIT: Final = frozenset({"LIMIT", "OVERQUOTA", "THROTTLED"})
_LATER: Final = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG", "CORRUPTION"})


@dataclass(frozen=True, slots=True)
class Status:
    """OK, NO, BAD, BYE or PREAUTH with its code: `NO [LIMIT] slow down`.

    text is the server's own, for a look at it, never for a message: it may repeat what we sent.
    """

    word: str
    code: str = ""
    detail: str = ""
    """What follows the code's name: the 7 of `UIDVALIDITY 7`."""
    text: bytes = b""

    @property
    def ok(self) -> bool:
        return self.word in ("OK", "PREAUTH")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: how it ended, and what came before."""

    status: Status
    data: Sequence[Sequence[Value]] = ()
    said: Sequence[Status] = ()

    def code(self, name: str) -> str:
        """What a code said, here or on the way: `UIDVALIDITY` → "7"; "" where it is not there."""
        found = (one.detail for one in (self.status, *self.said) if one.code == name)
        return next(found, "")


def literal_after(line: bytes) -> int | None:
    """The size of the literal that a line announces at its end, or None."""
    found = _LITERAL.search(line, max(len(line) - 20, 0))
    return int(found[1]) if found else None


def status_of(line: bytes) -> Status | None:
    """A status answer without its tag, or None where the line is data."""
    word, _, rest = line.strip().partition(b" ")
    name = word.decode("ascii", "replace").upper()
    if name not in ("OK", "NO", "BAD", "BYE", "PREAUTH"):
        return None
    code, detail = "", ""
    if rest.startswith(b"[") and b"]" in rest:
        inner = rest[1 : rest.index(b"]")].decode("ascii", "replace")
        code, _, detail = inner.partition(" ")
    return Status(name, code.upper(), detail.strip(), rest[:1_000])


def values_of(parts: Sequence[bytes]) -> list[Value]:
    """One answer taken apart: lines at even places, the literals between them at odd ones.

    Raises BadPayload where parentheses do not close, or lie too deep.
    """
    stack: list[list[Value]] = [[]]
    for number, part in enumerate(parts):
        if number % 2:
            stack[-1].append(part)
            continue
        for token in _TOKEN.findall(_LITERAL.sub(b"", part)):
            if token == b"(":
                stack.append([])
            elif token == b")":
                closed = stack.pop()
                if not stack:
                    raise BadPayload("the mail server's answer cannot be read")
                stack[-1].append(closed)
            else:
                stack[-1].append(_unquoted(token))
        if len(stack) > _DEEPEST:
            raise BadPayload("the mail server's answer cannot be read")
    if len(stack) != 1:
        raise BadPayload("the mail server's answer cannot be read")
    return stack[0]


def _unquoted(token: bytes) -> bytes:
    return _ESCAPED.sub(rb"\1", token[1:-1]) if token.startswith(b'"') else token


def quoted(text: str) -> bytes:
    """A word as a quoted string. Raises NeedsAttention for what would end the line."""
    if any(sign in text for sign in "\r\n\x00"):
        raise NeedsAttention("a line break in the user name, the password or the folder")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def folder_to_wire(name: str) -> str:
    """A folder's name in modified UTF-7: "Été" → "&AMk-t&AOk-"."""
    return _UTF7.sub(_coded, name.replace("&", "&-"))


def _coded(found: re.Match[str]) -> str:
    coded = base64.b64encode(found[0].encode("utf-16-be", "surrogatepass")).decode()
    return f"&{coded.rstrip('=').replace('/', ',')}-"


def folder_from_wire(name: bytes) -> str:
    """The name that people see."""
    return _UTF7_CODED.sub(_decoded, name.decode("utf-8", "replace"))


def _decoded(found: re.Match[str]) -> str:
    if not found[1]:
        return "&"
    coded = found[1].replace(",", "/")
    try:
        raw = base64.b64decode(coded + "=" * (-len(coded) % 4))
    except ValueError:
        return found[0]
    return raw.decode("utf-16-be", "replace")


def backoff_of(status: Status) -> float | None:
    """The seconds that the server asks us to wait, where it says so."""
    found = _BACKOFF.search(status.text)
    return min(int(found[1]) / 1000, _LONGEST) if found else None


def refusal(host: str, status: Status, *, at_login: bool) -> CollectorError:
    """What a NO, BAD or BYE asks of us."""
    if status.code in _WAIT or backoff_of(status) is not None:
        return RateLimited(f"{host}: asked to wait", backoff_of(status))
    if status.code in _LATER or (status.word == "BYE" and not status.code):
        return Transient(f"{host}: not available now")
    if status.code in _ASK_SOMEBODY:
        return NeedsAttention(f"{host}: the provider wants you to sign in to the mailbox first")
    if status.code in _WRONG_LOGIN or (at_login and status.word != "BYE"):
        return NeedsAttention(
            f"{host}: the user name or the password is not accepted; where signing in takes two "
            "steps (Gmail, iCloud, Yahoo, Fastmail), make an app password and enter that one"
        )
    if status.word == "BYE":
        return Transient(f"{host}: not available now")
    return BadPayload(f"{host}: it does not do what IMAP servers do")
