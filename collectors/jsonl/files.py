"""Read the complete records of a growing file, from where the last reading ended.

A file is told by its inode and by a checksum of its head, so that one that was rotated,
truncated or written anew starts from its beginning. Memory is bounded: a page of records, and
RECORD_LIMIT bytes of one record.
"""

from __future__ import annotations

import csv
import io
import os
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import orjson
from pydantic import JsonValue

from collectors.errors import BadPayload
from collectors.jsontext import read_json

RECORD_LIMIT: Final = 1_000_000
"""Bytes of one record; a longer one is skipped."""
_HEAD: Final = 256
JSON_LINES: Final = frozenset({".jsonl", ".ndjson"})
SUFFIXES: Final = JSON_LINES | {".csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a file was read. mark: checksum of its inode and its head (256 bytes at most)."""

    offset: int = 0
    line: int = 0
    mark: int = 0
    tail: int = 0
    """Size of the file when its last line was found without an end; 0: there was none."""

    def to_json(self) -> list[JsonValue]:
        return [self.offset, self.line, self.mark, self.tail]

    @classmethod
    def from_json(cls, value: JsonValue) -> Place | None:
        match value:
            case [int(offset), int(line), int(mark), int(tail)]:
                return cls(offset=offset, line=line, mark=mark, tail=tail)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Record:
    """One line (or CSV record): what it holds, or why it cannot be read."""

    line: int
    raw: bytes
    value: dict[str, object] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of records and the place after them. more: whether the file goes on."""

    records: tuple[Record, ...]
    place: Place
    more: bool


def read_page(path: Path, known: Place | None, *, limit: int) -> Reading | None:
    """Up to `limit` records after `known`. None where the file is gone or no regular file."""
    try:
        # Not blocking, as opening a named pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        place = _start(file, known, status)
        return _page(file, place, status, limit=limit, is_csv=path.suffix == ".csv")


def _start(file: IO[bytes], known: Place | None, status: os.stat_result) -> Place:
    if known is None or status.st_size < known.offset:
        return Place()
    return known if _mark(file, status, known.offset) == known.mark else Place()


def _mark(file: IO[bytes], status: os.stat_result, offset: int) -> int:
    file.seek(0)
    return zlib.crc32(file.read(min(offset, _HEAD)), status.st_ino & 0xFFFFFFFF)


def _page(
    file: IO[bytes], place: Place, status: os.stat_result, *, limit: int, is_csv: bool
) -> Reading:
    columns = _header(file, place) if is_csv else None
    file.seek(place.offset)
    size = status.st_size
    final = place.tail == size
    records: list[Record] = []
    offset, line, cut = place.offset, place.line, False
    while len(records) < limit and (found := _next(file, quoted=is_csv, final=final)):
        # A JSON object is whole when it parses; half a CSV record looks whole. So the last line
        # of a CSV without its end is taken only once the file has stopped growing.
        if not (found.ended or final or (not is_csv and _parses(found.raw))):
            cut = True
            break
        offset, line = file.tell(), line + found.lines
        if is_csv and columns is None and found.raw.strip():
            columns = _columns(found.raw)
        elif found.raw.strip():
            records.append(_record(line, found, columns))
    place = Place(
        offset=offset, line=line, mark=_mark(file, status, offset), tail=size if cut else 0
    )
    return Reading(tuple(records), place, more=len(records) >= limit)


@dataclass(frozen=True, slots=True)
class _Found:
    """The bytes of one record. ended: it has its line end. too_long: the bytes are its head."""

    raw: bytes
    lines: int = 1
    ended: bool = True
    too_long: bool = False


def _next(file: IO[bytes], *, quoted: bool, final: bool) -> _Found | None:
    raw = file.readline(RECORD_LIMIT + 1)
    if not raw:
        return None
    if len(raw) > RECORD_LIMIT:
        return _Found(raw[:_HEAD], ended=_skip_line(file, raw), too_long=True)
    if quoted and raw.count(b'"') % 2:
        return _quoted_lines(file, raw, final=final)
    return _Found(raw, ended=raw.endswith(b"\n"))


def _skip_line(file: IO[bytes], raw: bytes) -> bool:
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(1 << 16)
    return bool(raw)


def _quoted_lines(file: IO[bytes], first: bytes, *, final: bool) -> _Found:
    """A CSV record whose quoted value runs over lines.

    A stray quote must not swallow the rest of the file: where none closes it within the limit,
    or before the end of a file that no longer grows, the first line stands alone.
    """
    after_first = file.tell()
    raw, lines = first, 1
    while raw.count(b'"') % 2 and len(raw) <= RECORD_LIMIT:
        more = file.readline(RECORD_LIMIT)
        if not more and not final:
            return _Found(raw, lines, ended=False)
        if not more:
            break
        raw, lines = raw + more, lines + 1
    if raw.count(b'"') % 2 or len(raw) > RECORD_LIMIT:
        file.seek(after_first)
        return _Found(first, ended=first.endswith(b"\n"))
    return _Found(raw, lines, ended=raw.endswith(b"\n"))


@dataclass(frozen=True, slots=True)
class _Columns:
    names: tuple[str, ...]
    delimiter: str


def _header(file: IO[bytes], place: Place) -> _Columns | None:
    """The columns of a CSV file that was read beyond its header before."""
    file.seek(0)
    while file.tell() < place.offset and (found := _next(file, quoted=True, final=True)):
        if found.raw.strip():
            return _columns(found.raw)
    return None


def _columns(raw: bytes) -> _Columns:
    """Names and delimiter; spreadsheets in French write `;`."""
    text = raw.decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=text.count)
    names = next(csv.reader([text], delimiter=delimiter), [])
    return _Columns(tuple(name.strip() for name in names), delimiter)


def _parses(raw: bytes) -> bool:
    try:
        return isinstance(orjson.loads(raw), dict)
    except orjson.JSONDecodeError:
        return False


def _record(line: int, found: _Found, columns: _Columns | None) -> Record:
    if found.too_long:
        return Record(line, found.raw, problem=f"longer than {RECORD_LIMIT} bytes")
    try:
        value = _row(found.raw.decode("utf-8-sig"), columns) if columns else _object(found.raw)
    except UnicodeDecodeError:
        return Record(line, found.raw, problem="not UTF-8")
    except BadPayload as error:
        return Record(line, found.raw, problem=str(error))
    return Record(line, found.raw, value)


def _object(raw: bytes) -> dict[str, object]:
    raw.decode()  # reading JSON would replace what is no UTF-8
    value = read_json(raw)
    if not isinstance(value, dict):
        raise BadPayload("not a JSON object")
    return value


def _row(text: str, columns: _Columns) -> dict[str, object]:
    try:
        values = next(csv.reader(io.StringIO(text, newline=""), delimiter=columns.delimiter), [])
    except csv.Error as error:
        raise BadPayload(f"not CSV: {error}") from error
    if len(values) > len(columns.names):
        raise BadPayload(f"{len(values)} values for {len(columns.names)} columns")
    return {name: value for name, value in zip(columns.names, values, strict=False) if value}
