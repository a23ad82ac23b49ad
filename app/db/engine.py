"""The database: one writer lane, many readers, the same on SQLite and PostgreSQL.

SQLite: a transaction that reads and then writes would fail at once with SQLITE_BUSY_SNAPSHOT,
so every writer begins IMMEDIATE, on an engine of one connection (writers of one process queue
in order instead of spinning on the file lock). Readers have their own engine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.db.onehop import use_one_hop
from app.errors import SetupError, StoreBusy, StoreFull

BUSY_TIMEOUT_MS = 5_000
WAL_AUTOCHECKPOINT_PAGES = 20_000


def async_url(url: str) -> str:
    """Fill in the async driver: sqlite → aiosqlite, postgresql → psycopg."""
    parsed = make_url(url)
    drivers = {
        "sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }  # fmt: skip
    name = drivers.get(parsed.drivername, parsed.drivername)
    if name not in drivers.values():
        raise SetupError(
            f"VIGIE_DATABASE: '{parsed.drivername}' is not supported; use sqlite or postgresql"
        )
    return parsed.set(drivername=name).render_as_string(hide_password=False)


def sync_url(url: str) -> str:
    """The same database for Alembic, which is synchronous."""
    return async_url(url).replace("sqlite+aiosqlite", "sqlite", 1)


class Database:
    """Opens read and write sessions on one database."""

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.is_full = False
        """Whether the last write found the disk full: what /healthz shows (R-36)."""
        if self.is_sqlite:
            self._reader = _sqlite_engine(self.url, begin="BEGIN", pool_size=4)
            self._writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", pool_size=1)
        else:
            self._reader = self._writer = _engine(
                self.url, pool_size=10, max_overflow=5,
                connect_args={"options": f"-c lock_timeout={BUSY_TIMEOUT_MS}"},
            )  # fmt: skip

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; whatever was changed in it is rolled back."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            with translated_errors():
                yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session for reading that sees one moment throughout, on either database."""
        async with self.read() as session:
            if not self.is_sqlite:  # SQLite's readers always do
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One write transaction, committed at the end of the block.

        Raises StoreBusy where the lock was not had within five seconds, StoreFull where the disk
        is. Never hold one open across a network call.
        """
        try:
            async with AsyncSession(self._writer, expire_on_commit=False) as session:
                with translated_errors():
                    async with session.begin():
                        await session.connection()  # takes the lock now, not in the middle
                        yield session
        except StoreFull:
            self.is_full = True
            raise
        self.is_full = False

    async def close(self) -> None:
        await self._reader.dispose()
        if self._writer is not self._reader:
            await self._writer.dispose()


class translated_errors:  # noqa: N801 - used as a statement: `with translated_errors():`
    """Turn the drivers' ways of saying "locked" and "full" into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PoolTimeout):
            raise _busy() from error
        if isinstance(error, DBAPIError) and (ours := _translate(error)) is not None:
            raise ours from error


def _translate(error: DBAPIError) -> StoreBusy | StoreFull | None:
    text = str(error.orig).lower()
    if isinstance(error, OperationalError) and (
        "database is locked" in text or "lock timeout" in text or "deadlock detected" in text
    ):
        return _busy()
    if "disk is full" in text or "no space left" in text:
        return StoreFull(
            "The disk is full: free some space; collecting waits and nothing stored is lost.",
            fr="Le disque est plein : libérez de la place ; la collecte attend, rien n’est perdu.",
        )
    return None


def _busy() -> StoreBusy:
    return StoreBusy(
        "The database is locked by another writer: try again in a few seconds.",
        fr="La base est verrouillée par une autre écriture : réessayez dans quelques secondes.",
    )


def _engine(url: str, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # errors go to the log, and values are what people wrote
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **options,
    )


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = _engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=30,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )  # fmt: skip
    use_one_hop(engine)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: the `begin` event does, with our kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            # Another process holds the lock just now; the mode is stored in the file anyway.
            cursor.execute("SELECT 1")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA wal_autocheckpoint={WAL_AUTOCHECKPOINT_PAGES}")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
    finally:
        cursor.close()
