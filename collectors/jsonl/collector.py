"""File drop: JSON Lines or CSV that something else writes into a folder of ours."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, JsonValue

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    LocalPath,
    Narrowing,
    Page,
    Skipped,
)
from collectors.errors import BadPayload, NeedsAttention
from collectors.jsonl.files import SUFFIXES, Place, Reading, Record, read_page
from collectors.jsonl.records import item_from_record

if TYPE_CHECKING:
    from collectors.http import Http

PAGE: Final = 500
FILES: Final = 60
"""Files of a folder at most: each has its place in the cursor, which must stay under 4 KB."""


class JsonlConfig(CollectorConfig):
    """One file, or a folder of files."""

    path: LocalPath = Field(
        description="A .jsonl, .ndjson or .csv file, or a folder of them, in the drop folder."
    )


class Jsonl:
    """Reads what was added to each file. Cursor: per file (by name) the place reached."""

    kind: ClassVar[str] = "jsonl"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = JsonlConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        min_interval=timedelta(seconds=10), quota="none", max_requests=0
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, JsonlConfig)
        self._path = config.path

    async def check(self, http: Http) -> None:
        """Look whether the file or folder is there."""
        if not await asyncio.to_thread(self._path.exists):
            raise NeedsAttention(f"nothing is at {self._path.name} in the drop folder yet")
        await asyncio.to_thread(_files, self._path)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages of at most PAGE records, file by file in the order of their names."""
        files = await asyncio.to_thread(_files, self._path)
        places = _places(cursor, files)
        for key, path in files.items():
            more = True
            while more:
                reading = await asyncio.to_thread(read_page, path, places.get(key), limit=PAGE)
                if reading is None:  # it went away, which is the writer's business
                    break
                moved, more = places.get(key) != reading.place, reading.more
                places[key] = reading.place
                if moved:
                    yield await asyncio.to_thread(_page, path.name, reading, dict(places))


def _files(path: Path) -> dict[str, Path]:
    """The files to read under their cursor keys, by name. A folder's own only, no links out."""
    if not path.is_dir():
        return {_key(path): path}
    root = path.resolve()
    found = [
        one
        for one in sorted(path.iterdir())
        if one.suffix in SUFFIXES and one.resolve().parent == root
    ]
    if len(found) > FILES:
        raise NeedsAttention(
            f"{path.name} holds {len(found)} files, more than {FILES}: move away what was read"
        )
    return {_key(one): one for one in found}


def _key(path: Path) -> str:
    return f"{zlib.crc32(path.name.encode()):08x}"


def _places(cursor: Cursor, files: Mapping[str, Path]) -> dict[str, Place]:
    """The known places; those of files that are gone are forgotten."""
    known = cursor.get("files")
    if not isinstance(known, dict):
        return {}
    read = {key: Place.from_json(value) for key, value in known.items() if key in files}
    return {key: place for key, place in read.items() if place is not None}


def _page(name: str, reading: Reading, places: Mapping[str, Place]) -> Page:
    items: dict[str, Item] = {}
    skipped: list[Skipped] = []
    for record in reading.records:
        one = _read(name, record)
        if isinstance(one, Item):
            items.setdefault(one.external_id, one)
        else:
            skipped.append(one)
    files: dict[str, JsonValue] = {key: place.to_json() for key, place in places.items()}
    return Page(
        items=tuple(items.values()),
        cursor={"files": files},
        skipped=tuple(skipped),
        listening=Listening(asked=0),
    )


def _read(name: str, record: Record) -> Item | Skipped:
    raw = record.raw[:2_000].decode("utf-8", "replace")
    where = f"{name}, line {record.line}"
    if record.value is None:
        return Skipped(f"{where}: {record.problem}", raw=raw)
    try:
        return item_from_record(record.value)
    except BadPayload as error:
        return Skipped(f"{where}: {error}", raw=raw)
