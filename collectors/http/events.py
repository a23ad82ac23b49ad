"""Server-Sent Events (WHATWG HTML §9.2), read from bytes as they come. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from collectors.errors import BadPayload

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a stream. Bytes that are not UTF-8 became U+FFFD."""

    name: str = "message"
    data: str
    id: str = ""
    """The last id that the stream has named, with this event or before."""


class EventReader:
    """Takes chunks, gives whole events. Raises BadPayload for one beyond `max_bytes`."""

    def __init__(self, *, host: str, max_bytes: int) -> None:
        self._host = host
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._searched = 0
        self._after_return = False
        self._name = ""
        self._id = ""
        self._data: list[bytes] = []
        self._size = 0
        self.lines = 0
        """Whole lines so far, comments included: a sign of life."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take the next chunk and yield the events that it completes."""
        self._buffer += chunk
        while (line := self._next_line()) is not None:
            if not self.lines:
                line = line.removeprefix(_BOM)
            self.lines += 1
            if line:
                self._take(line)
            elif (event := self._whole()) is not None:
                yield event
        if len(self._buffer) > self._max_bytes:
            raise self._too_large()

    def _next_line(self) -> bytes | None:
        if self._after_return and self._buffer:
            # The line ended with a return at a chunk's end; its line feed comes only now.
            if self._buffer.startswith(b"\n"):
                del self._buffer[:1]
            self._after_return = False
        end = _LINE_END.search(self._buffer, self._searched)
        if end is None:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[: end.start()])
        self._after_return = end[0] == b"\r" and end.end() == len(self._buffer)
        del self._buffer[: end.end()]
        self._searched = 0
        return line

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value) + 1
            if self._size > self._max_bytes:
                raise self._too_large()
            self._data.append(value)
        elif name == b"event":
            self._name = value[:200].decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value[:1_000].decode("utf-8", "replace")

    def _whole(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data, self._size = "", [], 0
        if not data:
            return None
        text = b"\n".join(data).decode("utf-8", "replace")
        return Event(name=name or "message", data=text, id=self._id)

    def _too_large(self) -> BadPayload:
        return BadPayload(f"{self._host}: an event is larger than {self._max_bytes:,} bytes")
