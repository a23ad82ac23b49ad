"""Our own answer and validator types: no type of the HTTP library leaves this package."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import JsonValue

from collectors.errors import BadPayload

_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:+-]{1,40})', re.IGNORECASE)
_NOT_FOR_TEXT = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
"""Python's codecs that no page is honestly written in; some take quadratic time."""
_LONGEST_VALIDATOR = 1_000
"""Characters. A cursor must stay under 4 KB; a server with a longer ETag is asked afresh."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What to send back to be told "unchanged". Keep them only once the items are stored (R-10)."""

    etag: str | None = None
    last_modified: str | None = None

    def to_cursor(self) -> dict[str, JsonValue]:
        """Return the validators as a part of a cursor; absent ones take no room."""
        pairs = {"etag": self.etag, "last_modified": self.last_modified}
        return {key: value for key, value in pairs.items() if value is not None}

    @classmethod
    def from_cursor(cls, cursor: Mapping[str, JsonValue]) -> Validators:
        """Return the validators kept in `cursor`; anything unreadable counts as absent."""
        return cls(_sendable(cursor.get("etag")), _sendable(cursor.get("last_modified")))

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Validators:
        """Return the validators of an answer whose header names are in lower case."""
        return cls(_sendable(headers.get("etag")), _sendable(headers.get("last-modified")))

    def as_headers(self) -> dict[str, str]:
        """Return the headers of a conditional request (RFC 9110 §13.1)."""
        pairs = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {key: value for key, value in pairs.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A whole answer: decoded, within the size caps."""

    status: int
    url: str
    """The final URL, after redirects."""
    headers: Mapping[str, str]
    """Names in lower case; a repeated header's values are joined by a comma."""
    body: bytes
    freshness: float | None = None
    """Seconds for which the server says the answer stays fresh; None where it does not say."""
    moved_to: str = ""
    """Where lasting redirects (301, 308) lead, up to the first passing one; "" without any."""

    @property
    def validators(self) -> Validators:
        """The answer's ETag and Last-Modified, for the next request."""
        return Validators.from_headers(self.headers)

    def json(self) -> Any:
        """Return the body as JSON. Raises BadPayload."""
        try:
            return orjson.loads(self.body.removeprefix(codecs.BOM_UTF8))
        except orjson.JSONDecodeError as error:
            host = urlsplit(self.url).hostname or ""
            raise BadPayload(f"{host}: the answer is not JSON") from error

    def text(self) -> str:
        """Return the body as text, by the charset it names, else UTF-8. Never fails."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        encoding = named.group(1).lower().replace("_", "-") if named else "utf-8"
        if encoding in _NOT_FOR_TEXT or encoding == "utf-8":
            encoding = "utf-8-sig"
        try:
            return self.body.decode(encoding, errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8-sig", errors="replace")


def _sendable(value: object) -> str | None:
    """Return `value` if it may stand in a header line, else None."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VALIDATOR:
        return None
    return value if all(" " <= char <= "\xff" and char != "\x7f" for char in value) else None
