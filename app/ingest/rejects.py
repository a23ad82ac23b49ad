"""FILE.rejected.jsonl: the records that could not be read, with line and reason."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO, Self

import orjson

from collectors.jsonl.files import Record

RAW = 2_000


class Rejects:
    """Collects rejected records. The file appears with the first of them.

    Lines are written before their batch is stored, so that none is lost; a batch that is done
    again after a crash finds its lines there and adds none twice. done: records of an earlier,
    interrupted run; 0 begins a new file.
    """

    def __init__(self, path: Path, *, done: int) -> None:
        self.path = path.with_name(f"{path.name}.rejected.jsonl")
        self._resumed = done > 0
        self._file: IO[bytes] | None = None
        self._seen: set[int] = set()

    def __enter__(self) -> Self:
        if self._resumed and self.path.exists():
            self._take_up()
        elif self.path.exists():
            self.path.unlink()
        return self

    def _take_up(self) -> None:
        """Know what is in the file; a last line that the crash cut short is taken out."""
        whole = self.path.read_bytes().splitlines(keepends=True)
        if whole and not whole[-1].endswith(b"\n"):
            whole.pop()
            self.path.write_bytes(b"".join(whole))
        self._seen = {orjson.loads(line)["line"] for line in whole}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def written(self) -> Path | None:
        """The file, where there is one."""
        return self.path if self.path.exists() else None

    def add(self, record: Record, reason: str) -> None:
        """Note a record, once, also over a resumed run."""
        if record.line in self._seen:
            return
        self._seen.add(record.line)
        if self._file is None:
            self._file = self.path.open("ab")
        raw = record.raw[:RAW].decode("utf-8", "replace").rstrip("\n")
        line = {"line": record.line, "reason": reason, "raw": raw}
        self._file.write(orjson.dumps(line) + b"\n")

    def flush(self) -> None:
        """Have the lines on their way to the disk before their batch counts as done."""
        if self._file is not None:
            self._file.flush()
