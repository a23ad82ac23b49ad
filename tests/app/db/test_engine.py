"""The writer lane and what happens when the store says no."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.db.engine import Database
from app.db.keys import first_key_at, hash64, key_at, next_hash
from app.errors import StoreBusy, StoreFull
from app.models import Setting
from tests.support.postgres import Postgres


async def test_what_is_written_is_read_back_on_each_database(db: Database, now: datetime) -> None:
    async with db.write() as session:
        session.add(Setting(name="x", value={"é": [1, 2]}, updated_at=now))
    async with db.read() as session:
        stored = (await session.execute(select(Setting))).scalar_one()
    assert (stored.value, stored.updated_at) == ({"é": [1, 2]}, now)


async def test_an_error_inside_a_write_rolls_it_back(db: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        async with db.write() as session:
            session.add(Setting(name="x", value={}, updated_at=now))
            await session.flush()
            raise RuntimeError("stop")
    async with db.read() as session:
        assert (await session.execute(select(Setting))).first() is None


async def test_a_naive_time_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        async with db.write() as session:
            session.add(Setting(name="x", value={}, updated_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


async def test_a_locked_sqlite_database_is_store_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.engine.BUSY_TIMEOUT_MS", 20)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        async with database.write():
            pass
    holder.execute("ROLLBACK")
    holder.close()
    async with database.write() as session:
        await session.execute(text("CREATE TABLE t (x)"))
    await database.close()


async def test_a_full_disk_is_store_full_and_reading_goes_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    async with database.write() as session:
        await session.execute(text("CREATE TABLE t (x)"))
    with pytest.raises(StoreFull):
        async with database.write() as session:
            await session.execute(text("PRAGMA max_page_count=3"))
            for _ in range(50):
                await session.execute(text("INSERT INTO t VALUES (randomblob(4000))"))
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM t"))).scalar_one() == 0
    await database.close()


def test_keys_follow_time_and_stay_in_63_bits() -> None:
    early = datetime(1955, 1, 1, tzinfo=UTC)
    late = datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC)
    assert 0 <= key_at(early) < first_key_at(late) <= key_at(late) < 2**63
    assert key_at(datetime(9999, 12, 31, tzinfo=UTC)) < 2**63


def test_hashes_are_signed_64_bit_and_wrap() -> None:
    assert -(2**63) <= hash64("a\ud800") < 2**63
    assert next_hash(2**63 - 1) == -(2**63)


async def test_a_row_locked_by_another_session_is_store_busy_on_postgresql(
    postgres: Postgres, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.engine.BUSY_TIMEOUT_MS", 50)
    postgres.create("vigie_locked", template=postgres.template)
    database = Database(postgres.url("vigie_locked"))
    async with database.write() as session:
        session.add(Setting(name="x", value={}, updated_at=now))
    async with database.write() as holder:
        await holder.execute(select(Setting).with_for_update())
        with pytest.raises(StoreBusy):
            async with database.write() as session:
                await session.execute(select(Setting).with_for_update())
    await database.close()
    postgres.drop("vigie_locked")
