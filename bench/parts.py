"""The bare parts of the pipeline, each alone: what an item costs at least."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from app.trends.counts import TABLES, Counted, Deltas, columns_of
from nlp.language.analyzer import LangId
from nlp.query import Matcher, Text, parse

BATCH = 500
_WRITTEN = ("authors", "items", "sightings", "mentions", "verdicts", "search_pending")


def timed(work: Callable[[], Any]) -> float:
    """Seconds of the processor, of all threads: on a shared machine the clock measures the
    neighbours too, and never the same ones for the whole and for its parts."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def language(texts: Sequence[str], languages: tuple[str, ...]) -> float:
    """Seconds of language identification alone."""
    judge = LangId(languages=languages)
    judge.judge_texts(texts[:10])
    return timed(lambda: [judge.judge_texts(texts[i : i + BATCH]) for i in _starts(texts)])


def vader(texts: Sequence[str]) -> float:
    """Seconds of PyPI's vaderSentiment alone."""
    analyzer = SentimentIntensityAnalyzer()
    return timed(lambda: [analyzer.polarity_scores(text) for text in texts])


def match(texts: Sequence[str], queries: dict[str, str]) -> float:
    """Seconds of matching alone, with the spans and clauses that are stored."""
    matcher = Matcher.compile({name: parse(text) for name, text in queries.items()})
    asked = [Text("", text) for text in texts]

    def work() -> None:
        for start in _starts(texts):
            for hits in matcher.match_many(asked[start : start + BATCH]):
                for hit in hits:
                    _ = hit.spans, hit.clause

    return timed(work)


def _starts(texts: Sequence[Any]) -> range:
    return range(0, len(texts), BATCH)


def raw_store(filled: Path, empty: Path) -> float:
    """Seconds to write the same rows, roll-ups included, with sqlite3 alone.

    filled: the database the pipeline made; empty: a migrated one. Same pragmas, same batches, one
    transaction each; the order of writing is the pipeline's.
    """
    batches = _batches(filled)
    target = sqlite3.connect(empty, isolation_level=None)
    for pragma in (
        "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536",
        "wal_autocheckpoint=20000", "temp_store=MEMORY",
    ):  # fmt: skip
        target.execute(f"PRAGMA {pragma}")
    seconds = timed(lambda: [_write(target, batch) for batch in batches])
    target.close()
    return seconds


Batch = list[tuple[str, list[Any]]]


def _batches(filled: Path) -> list[Batch]:
    """Statements and rows of each batch, ready to be written."""
    source = sqlite3.connect(filled)
    rows: dict[str, list[Any]] = {}
    inserts: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for table in _WRITTEN:
        cursor = source.execute(f"SELECT * FROM {table}")
        names[table] = [column[0] for column in cursor.description]
        rows[table] = cursor.fetchall()
        marks = ",".join("?" * len(names[table]))
        inserts[table] = f"INSERT INTO {table} VALUES ({marks})"
    setup = _setup(source)
    order = _order(rows["items"], names["items"])
    grouped: list[dict[str, list[Any]]] = [
        {table: [] for table in _WRITTEN} for _ in range(max(order.values()) // BATCH + 1)
    ]
    owner = {
        "items": "id", "sightings": "item_id", "mentions": "item_id", "verdicts": "item_id",
        "search_pending": "item_id",
    }  # fmt: skip
    for table, column in owner.items():
        place = names[table].index(column)
        for row in rows[table]:
            grouped[order[row[place]] // BATCH][table].append(row)
    _spread_authors(grouped, rows, names)
    done = [setup]
    done.extend(
        [(inserts[table], group[table]) for table in _WRITTEN]
        + _rollups(group["mentions"], names["mentions"])
        for group in grouped
    )
    source.close()
    return done


def _order(items: list[Any], names: list[str]) -> dict[int, int]:
    """Item id → its number in the order of storing."""
    number, own = names.index("external_id"), names.index("id")
    ordered = sorted(items, key=lambda row: str(row[number]))
    return {row[own]: place for place, row in enumerate(ordered)}


def _spread_authors(
    grouped: list[dict[str, list[Any]]], rows: dict[str, list[Any]], names: dict[str, list[str]]
) -> None:
    by_id = {row[names["authors"].index("id")]: row for row in rows["authors"]}
    place = names["items"].index("author_id")
    for group in grouped:
        for item in group["items"]:
            if (row := by_id.pop(item[place], None)) is not None:
                group["authors"].append(row)


def _setup(source: sqlite3.Connection) -> Batch:
    """What the rows refer to."""
    needed: Batch = []
    for table in ("watchlists", "brands", "sources", "model_versions"):
        found = source.execute(f"SELECT * FROM {table}").fetchall()
        if found:
            needed.append((f"INSERT INTO {table} VALUES ({','.join('?' * len(found[0]))})", found))
    return needed


def _rollups(mentions: list[Any], names: list[str]) -> Batch:
    """The roll-up upserts of one batch, counted beforehand."""
    from datetime import UTC, datetime

    places = [names.index(field) for field in Counted._fields]
    deltas = Deltas()
    for row in mentions:
        one = Counted(*(row[place] for place in places))
        at = datetime.fromisoformat(str(one.published_at)).replace(tzinfo=UTC)
        deltas.add(one._replace(published_at=at), ZoneInfo("Europe/Paris"))
    done: Batch = []
    for table, keys in TABLES.items():
        found = deltas.rows(table)
        if not found:
            continue
        columns = columns_of(table)
        counters = [name for name in columns if name not in keys]
        moved = ",".join(f"{name}={name}+excluded.{name}" for name in counters)
        marks = ",".join("?" * len(columns))
        statement = (
            f"INSERT INTO {table.__tablename__} ({','.join(columns)}) VALUES ({marks}) "
            f"ON CONFLICT ({','.join(keys)}) DO UPDATE SET {moved}"
        )
        values = [tuple(_plain(value) for value in row) for row in found]
        done.append((statement, sorted(values)))
    return done


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if hasattr(value, "strftime") else value


def _write(target: sqlite3.Connection, batch: Batch) -> None:
    target.execute("BEGIN IMMEDIATE")
    for statement, rows in batch:
        target.executemany(statement, rows)
    target.execute("COMMIT")
