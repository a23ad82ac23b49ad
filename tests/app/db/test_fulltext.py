"""The index of words, on both databases: what goes in comes out, newest first, without a sort."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.db import fulltext
from app.db.engine import Database
from app.db.fulltext import Asked, Formula, Joined, written
from app.db.scrub import scrub

TOP = 2**62
HOSTILE = [
    "and", "or", "not", "near", '"', "''", "*", "a*", "a:b", "a-b", "\x00", "\ud800x", "a\\b", ":*",
    "(", "{x}", "^", "#tag", "@me", "@me@host.social", "_", "_h", "_htag", "tag", "été", "東", "😀",
    "a b", "&", "|", "!", "<->", "null", "'; drop table items; --", "x" * 400, "é" * 64,
    "\U0010ffff",
]  # fmt: skip


async def fill(db: Database, rows: dict[int, list[str]]) -> None:
    async with db.write() as session:
        await fulltext.index_items(session, list(rows.items()))


async def found(db: Database, formula: Formula, **more: int) -> list[int]:
    asked: dict[str, int] = {"below": TOP, "limit": 100, **more}
    async with db.read() as session:
        return list(await fulltext.matching_ids(session, formula, **asked))


def both(*words: str) -> Joined:
    return Joined(True, tuple(map(Asked, words)))


def either(*words: str) -> Joined:
    return Joined(False, tuple(map(Asked, words)))


async def test_formulas_find_items_newest_first(db: Database) -> None:
    await fill(db, {1: ["a", "b"], 2: ["a"], 3: ["b", "snowy"], 4: []})
    assert await found(db, Asked("a")) == [2, 1]
    assert await found(db, both("a", "b")) == [1]
    assert await found(db, either("a", "b")) == [3, 2, 1]
    assert await found(db, Asked("snow", prefix=True)) == [3]
    assert await found(db, Asked("snow")) == []
    assert await found(db, Joined(True, (either("a", "snowy"), Asked("b")))) == [3, 1]
    assert await found(db, either("a", "b"), below=3, least=2) == [2]
    assert await found(db, either("a", "b"), limit=1) == [3]


async def test_every_word_however_hostile_finds_its_item_and_no_other(db: Database) -> None:
    await fill(db, {number: [word] for number, word in enumerate(HOSTILE, start=1)})
    for number, word in enumerate(HOSTILE, start=1):
        assert await found(db, Asked(word)) == [number], word
        assert number in await found(db, Asked(word[:-1] or word, prefix=True)), word


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=8), st.text(max_size=8))
def test_words_stay_different_and_beginnings_stay_beginnings(one: str, other: str) -> None:
    """On tokens alone: what `found` shows for a list above holds for every word."""
    assert (written(one) == written(other)) == (one == other)
    assert written(one + other).startswith(written(one))
    assert written(one + other) == written(one) + written(other)
    assert re.fullmatch(r"[a-z0-9_\x80-\U0010ffff]*", written(one))


async def test_an_item_is_held_under_its_present_words_only(db: Database) -> None:
    await fill(db, {1: ["old", "both"], 2: ["both"]})
    await fill(db, {1: ["new", "both"]})
    assert await found(db, Asked("old")) == []
    assert await found(db, Asked("new")) == [1]
    assert await found(db, Asked("both")) == [2, 1]
    async with db.write() as session:
        await fulltext.remove_items(session, [1])
    assert await found(db, Asked("both")) == [2]
    async with db.read() as session:
        assert await fulltext.held_words(session, [1, 2]) == {2: {"both"}}
        assert await fulltext.held_ids(session, below=TOP, limit=9) == [2]


async def test_a_formula_of_thousands_of_words_is_answered(db: Database) -> None:
    await fill(db, {1: ["w7"], 2: ["x"]})
    assert await found(db, either(*(f"w{number}" for number in range(4_000)))) == [1]
    deep: Formula = Asked("w7")
    for number in range(50):
        deep = Joined(bool(number % 2), (deep, Asked("w7"), Asked(f"v{number}")))
    assert await found(db, Joined(False, (deep, Asked("w7")))) == [1]


async def test_a_common_word_is_walked_and_an_old_one_fetched(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ways PostgreSQL goes give the same answer; SQLite has one."""
    await fill(db, {n: ["common", *(["old"] if n <= 40 else [])] for n in range(1, 201)})
    for first, few, walk in product((0, 2_000), (5_000, 20), (20_000, 30)):
        monkeypatch.setattr(fulltext, "FIRST_LOOK", first)
        monkeypatch.setattr(fulltext, "FEW", few)
        monkeypatch.setattr(fulltext, "WALK", walk)
        assert await found(db, Asked("common"), limit=5) == [200, 199, 198, 197, 196]
        assert await found(db, Asked("old"), limit=5) == [40, 39, 38, 37, 36]
        assert len(await found(db, Asked("common"), limit=300)) == 200


async def plan_of(db: Database, statement: str, asked: str) -> str:
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    bounds: dict[str, Any] = {
        "asked": asked,
        "below": TOP,
        "least": 0,
        "limit": 50,
    }
    async with db.read() as session:
        written_out = statement.replace(":most", "5000")
        rows = (await session.execute(text(explain + written_out), bounds)).all()
    return "\n".join(str(row[-1]) for row in rows)


async def test_no_search_sorts_or_scans_on_sqlite(db: Database) -> None:
    if not db.is_sqlite:
        return
    plan = await plan_of(db, fulltext.SQLITE_SEARCH, '"a"')
    assert "VIRTUAL TABLE INDEX" in plan
    assert "M1" in plan
    assert "TEMP B-TREE" not in plan
    # The broken sample: by another column it would be sorted.
    naive = fulltext.SQLITE_SEARCH.replace("ORDER BY rowid", "ORDER BY words")
    assert "TEMP B-TREE" in await plan_of(db, naive, '"a"')


async def test_no_search_walks_the_key_for_a_rare_word_on_postgres(db: Database) -> None:
    if db.is_sqlite:
        return
    async with db.write() as session:
        await session.execute(
            text(
                "INSERT INTO item_words SELECT n, array_to_tsvector(ARRAY['w' || n % 500, 'all', "
                "CASE n % 2 WHEN 0 THEN 'even' ELSE 'odd' END]) FROM generate_series(1, 60000) AS n"
            )
        )
    await scrub(db, whole=True)  # VACUUM: what autovacuum does a minute later
    async with db.write() as session:
        await session.execute(text("ANALYZE item_words"))
    few = await plan_of(db, fulltext.POSTGRES_FEW, "'w7'")
    assert "ix_item_words_words" in few
    assert "Backward" not in few
    walk = await plan_of(db, fulltext.POSTGRES_WALK, "'all'")
    assert "Backward" in walk
    assert "Sort" not in walk
    # Two common words that never meet: no hit, and the planner expects thousands.
    rare = "'even' & 'odd'"
    assert "Backward" not in await plan_of(db, fulltext.POSTGRES_FEW, rare)
    # The broken sample: left the choice, the planner walks down the whole key for them.
    naive = (
        "SELECT item_id FROM item_words WHERE words @@ CAST(:asked AS tsquery) "
        "AND item_id < :below AND item_id >= :least ORDER BY item_id DESC LIMIT :limit"
    )
    assert "Backward" in await plan_of(db, naive, rare)


async def test_what_was_removed_leaves_the_file(db: Database) -> None:
    words = {n: [f"kept{n}", *(["canaryword"] if n % 7 == 0 else [])] for n in range(1, 3_000)}
    for start in range(1, 3_000, 500):
        await fill(db, {n: words[n] for n in range(start, min(start + 500, 3_000))})
    async with db.write() as session:
        await fulltext.remove_items(session, [n for n in words if n % 7 == 0])
    if db.is_sqlite:
        assert b"canaryword" in await index_bytes(db)  # the broken sample: before it is settled
    await fulltext.settle(db)
    if db.is_sqlite:
        assert b"canaryword" not in await index_bytes(db)
    assert await found(db, Asked("kept8")) == [8]


async def index_bytes(db: Database) -> bytes:
    async with db.read() as session:
        blocks = await session.scalars(text("SELECT block FROM item_words_data"))
        return b"".join(blocks)
