"""Bodies within bounds: the raw bytes are counted, then decoded never further than the cap.

httpx's own decoders are not used: they inflate whatever a chunk holds before anyone can look,
and they apply stacked codings, by which one kilobyte becomes a gibibyte.
"""

from __future__ import annotations

import zlib

from collectors.errors import BadPayload

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"
_MEMBERS = 1_000
"""A gzip body may be a chain of members; each costs a copy of the rest of its chunk."""


class Body:
    """Collects the chunks of one answer's body, decoded. Raises BadPayload beyond the caps."""

    def __init__(self, *, host: str, coding: str, max_bytes: int) -> None:
        self._host = host
        self._max_bytes = max_bytes
        self._raw = 0
        self._parts: list[bytes] = []
        self._decoded = 0
        self._gunzip = _gunzip_for(coding, host)

    def feed(self, chunk: bytes) -> None:
        """Take the next raw chunk."""
        self._raw += len(chunk)
        if self._raw > self._max_bytes:
            raise self._too_large()
        if self._gunzip is None:
            self._keep(chunk)
            return
        try:
            self._inflate(self._gunzip, chunk)
        except zlib.error as error:
            raise BadPayload(f"{self._host}: the gzip body is broken") from error

    def whole(self) -> bytes:
        """Return the whole decoded body. Raises BadPayload where its gzip stream was cut."""
        if self._gunzip is not None and self._raw and not self._gunzip.complete:
            raise BadPayload(f"{self._host}: the gzip body was cut short")
        return b"".join(self._parts)

    def _inflate(self, gunzip: _Gunzip, chunk: bytes) -> None:
        while chunk:
            # One byte more than the room left is enough to know that the cap is passed.
            part, chunk = gunzip.inflate(chunk, self._max_bytes - self._decoded + 1)
            self._keep(part)
            if gunzip.members > _MEMBERS:
                raise self._too_large()

    def _keep(self, part: bytes) -> None:
        self._decoded += len(part)
        if self._decoded > self._max_bytes:
            raise self._too_large()
        self._parts.append(part)

    def _too_large(self) -> BadPayload:
        return BadPayload(f"{self._host}: the answer is larger than {self._max_bytes:,} bytes")


class _Gunzip:
    """A gzip stream of one or more members."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._padding = False
        self.members = 1

    @property
    def complete(self) -> bool:
        return self._member.eof

    def inflate(self, chunk: bytes, room: int) -> tuple[bytes, bytes]:
        """Return at most `room` decoded bytes and the input that is still to be read."""
        if self._member.eof:
            if self._padding or not _MAGIC.startswith(chunk[:2]):
                # Some servers pad the stream; what follows it is no part of the body.
                self._padding = True
                return b"", b""
            self._member = zlib.decompressobj(_GZIP)
            self.members += 1
        part = self._member.decompress(chunk, room)
        return part, self._member.unused_data or self._member.unconsumed_tail


def _gunzip_for(coding: str, host: str) -> _Gunzip | None:
    names = [name.strip().lower() for name in coding.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if not names:
        return None
    if names in (["gzip"], ["x-gzip"]):
        return _Gunzip()
    raise BadPayload(f"{host}: the answer is packed in a way that was not asked for")
