"""Newest-50 full-text over synthetic items, beside the naive form in the same run.

Prints what an item costs to index, and the median of each search on SQLite as the service asks it
(`rowid DESC`), beside the same hits sorted by time as one would write it without thinking
(`ORDER BY published_at`). The ratios count, not the milliseconds. `make bench-search`.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from app.db import fulltext
from app.db.engine import Database
from app.db.migrate import migrate
from app.search.rules import TOP
from app.search.service import formula_of
from nlp.query import parse
from nlp.query.plan import index_words, search_plan

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ITEMS = 200_000
BATCH = 2_000
VOCABULARY = 40_000
WORDS = 22
"""Of one text: about 136 characters, as performance.md measured it."""
TIMES = 7


def main(items: int = ITEMS) -> None:
    draw = random.Random(7)
    vocabulary = [_word(draw) for _ in range(VOCABULARY)]
    chances = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
    texts = [" ".join(draw.choices(vocabulary, cum_weights=chances, k=WORDS)) for _ in range(items)]
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        path = Path(name) / "vigie.db"
        migrate(f"sqlite:///{path}", backups=path.parent, now=NOW)
        asyncio.run(_run(path, texts, _asked(vocabulary)))


def _asked(vocabulary: Sequence[str]) -> dict[str, str]:
    first, second = vocabulary[0], vocabulary[1]
    return {
        "rare word": vocabulary[30_000],
        "middle word": vocabulary[500],
        "common word": first,
        "AND of two": f"{first} {second}",
        "common AND rare": f"{first} {vocabulary[20_000]}",
        "phrase": f'"{first} {second}"',
        "prefix": f"{vocabulary[40][:3]}*",
    }


def _word(draw: random.Random) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9)))


async def _run(path: Path, texts: Sequence[str], asked: dict[str, str]) -> None:
    db = Database(f"sqlite:///{path}")
    try:
        _store(path, texts)
        await _fill(db, texts)
        size = path.stat().st_size  # noqa: ASYNC240 - nothing else runs here
        _say(f"file             {size / 1e6:7.0f} MB of {len(texts)} items, before the log is cut")
        async with db.read() as session:
            took: dict[str, float] = {}
            for name, source in asked.items():
                formula = formula_of(search_plan(parse(source)))
                query = fulltext.fts5_query(formula)
                ours = await _timed(
                    partial(fulltext.matching_ids, session, formula, below=TOP, limit=50)
                )
                took[name] = ours
                naive, hits = _naive(path, query)
                _say(f"{name:16s} {hits:7d} hits  {ours * 1e3:8.2f} ms   "
                     f"naive {naive * 1e3:8.2f} ms   1/{naive / ours:.0f}")  # fmt: skip
            _say(f"common / rare    {took['common word'] / took['rare word']:7.1f} x (aim 2)")
        begun = time.perf_counter()
        async with db.write() as session:
            await fulltext.remove_items(session, [n << 28 for n in range(1, len(texts), 50)])
        removed = time.perf_counter() - begun
        begun = time.perf_counter()
        await fulltext.settle(db)
        settled = time.perf_counter() - begun
        _say(f"to forget 2 %    {removed:7.2f} s to remove, {settled:.2f} s to leave the index")
    finally:
        await db.close()


def _store(path: Path, texts: Sequence[str]) -> None:
    """Items as bare as they may be."""
    with closing(sqlite3.connect(path)) as opened:
        opened.executemany(
            "INSERT INTO items (id, dedup_key, identity, platform, external_id, kind, url, title, "
            "text, author_name, published_at, published_raw, first_seen_at, in_reply_to, links, "
            "media, metrics, engagement, backfill, text_hash) VALUES (?, ?, ?, 'x', '', 'post', "
            "'', '', ?, '', ?, '', ?, '', '[]', '[]', '{}', 0, 0, 0)",
            ((n << 28, n, str(n), one, n, n) for n, one in enumerate(texts, start=1)),
        )
        opened.commit()


async def _fill(db: Database, texts: Sequence[str]) -> None:
    """Their words, as the job writes them."""
    words, store = 0.0, 0.0
    for start in range(0, len(texts), BATCH):
        begun = time.perf_counter()
        rows = [
            (number << 28, index_words("", one))
            for number, one in enumerate(texts[start : start + BATCH], start=start + 1)
        ]
        words += time.perf_counter() - begun
        begun = time.perf_counter()
        async with db.write() as session:
            await fulltext.index_items(session, rows)
        store += time.perf_counter() - begun
    each = 1e6 / len(texts)
    _say(
        f"to index         {words * each:7.1f} µs/item for its words, "
        f"{store * each:.1f} to write them"
    )


async def _timed(work: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _naive(path: Path, query: str) -> tuple[float, int]:
    """The hits sorted by time; how many there are."""
    statement = (
        "SELECT items.id FROM item_words JOIN items ON items.id = item_words.rowid "
        "WHERE item_words MATCH ? ORDER BY items.published_at DESC LIMIT 50"
    )
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA cache_size=-65536")
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            opened.execute(statement, (query,)).fetchall()
            seconds.append(time.perf_counter() - begun)
        hits = opened.execute(
            "SELECT count(*) FROM item_words WHERE item_words MATCH ?", (query,)
        ).fetchone()[0]
    return median(seconds), hits


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS)
