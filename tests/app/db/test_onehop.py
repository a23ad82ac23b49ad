"""A statement takes one visit to SQLite's thread, and tells what the driver's cursor tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.onehop import use_one_hop

META = MetaData()
WORDS = Table("words", META, Column("id", Integer, primary_key=True), Column("word", String))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    use_one_hop(made)
    async with made.begin() as connection:
        await connection.run_sync(META.create_all)
    yield made
    await made.dispose()


async def test_rows_counts_keys_and_returned_rows_are_the_drivers(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        first = await connection.execute(insert(WORDS).values(word="a"))
        assert first.inserted_primary_key == (1,)
        many = [{"id": number, "word": str(number)} for number in range(2, 2_000)]
        await connection.execute(insert(WORDS), many)
        changed = await connection.execute(update(WORDS).where(WORDS.c.id > 10).values(word="b"))
        assert changed.rowcount == 1_989
        given = await connection.execute(
            update(WORDS).where(WORDS.c.id < 3).values(word="c").returning(WORDS.c.id)
        )
        assert sorted(given.scalars()) == [1, 2]
        found = await connection.execute(select(WORDS.c.word).where(WORDS.c.id.in_([2, 11, 99999])))
        assert [tuple(row) for row in found] == [("c",), ("b",)]
        empty = await connection.execute(text("SELECT id AS one FROM words WHERE id < 0"))
        assert (list(empty.keys()), empty.all()) == (["one"], [])
        assert await connection.scalar(text("SELECT count(*) FROM words")) == 1_999


async def test_errors_are_the_usual_ones_and_the_connection_goes_on(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(insert(WORDS).values(id=1, word="a"))
        with pytest.raises(IntegrityError):
            await connection.execute(insert(WORDS).values(id=1, word="b"))
        with pytest.raises(IntegrityError):
            await connection.execute(insert(WORDS), [{"id": 1, "word": "b"}, {"id": 2, "word": ""}])
        with pytest.raises(OperationalError):
            await connection.execute(text("SELECT nothing FROM nowhere"))
        assert await connection.scalar(select(WORDS.c.word)) == "a"


async def test_a_stream_still_reads_row_by_row(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(WORDS), [{"word": str(number)} for number in range(50)])
    async with engine.connect() as connection:
        rows = await connection.stream(select(WORDS.c.word))
        assert len([row async for row in rows]) == 50


async def test_a_statement_is_one_visit(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[Any] = []
    real = aiosqlite.Connection._execute

    async def counted(self: Any, run: Any, *args: Any, **options: Any) -> Any:
        visits.append(run)
        return await real(self, run, *args, **options)

    async with engine.connect() as connection:
        await connection.execute(select(WORDS))
        monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
        assert (await connection.execute(select(WORDS))).all() == []
        assert len(visits) == 1
        monkeypatch.undo()
