"""Runs in .venv-bench, not with Vigie's packages: obsei 1.1.1 over the same records.

list source → redaction off → VADER enricher → null sink → its own store, in its own words.
Reads JSON Lines on standard input, writes {"records", "seconds"}.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from obsei.core.protocols import SinkResult
from obsei.core.record import Enrichment, Record, SourceRef
from obsei.pipeline import Pipeline, SourceSpec, run
from obsei.store import Store
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


class Listed:
    name: ClassVar[str] = "list"

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def fetch(self, cursor: Any) -> Iterator[tuple[Record, Any]]:
        for number, row in enumerate(self._rows):
            source = SourceRef(type="list", native_id=str(row["id"]))
            yield (
                Record(source=source, text=row["text"], created_at=row["created_at"]),
                {"n": number},
            )


class Vader:
    name: ClassVar[str] = "vader"
    version: ClassVar[str] = "1"

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()

    def enrich(self, batch: Sequence[Record]) -> Sequence[Enrichment | None]:
        scores = [self._analyzer.polarity_scores(record.text)["compound"] for record in batch]
        return [Enrichment(value=score, model="vader") for score in scores]


class Null:
    name: ClassVar[str] = "null"

    def send(self, batch: Sequence[Record]) -> SinkResult:
        return SinkResult(sent=len(batch))


def main() -> None:
    rows = [json.loads(line) for line in sys.stdin]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(
            Path(folder) / "obsei.duckdb", allow_unencrypted=True, install_extensions=False
        )
        line = Pipeline(
            name="bench", sources=[SourceSpec("list", Listed(rows))], enrichers=[Vader()],
            sinks=[Null()], allow_unredacted=True,
        )  # fmt: skip
        begun = time.process_time()
        report = run(line, store)
        seconds = time.process_time() - begun
        store.close()
    sys.stdout.write(json.dumps({"records": report.stored, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main()
