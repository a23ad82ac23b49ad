"""A statement in one visit to SQLite's thread.

aiosqlite runs a connection in a thread of its own, and SQLAlchemy's adapter visits it four times
a statement: for a cursor, to execute, to fetch, to close. A visit costs two switches of threads,
which on a busy machine is more than most statements take. This cursor does all four at once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.util import EMPTY_DICT

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy.ext.asyncio import AsyncEngine


class _Outcome(NamedTuple):
    """What is asked of a cursor once its statement has run."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Any = ()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds a statement's outcome; the driver's cursor is closed by then."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        # Not the parent's: it opens a cursor of the driver.
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor: Any = _Outcome()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        return await self._visit(_execute, operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        return await self._visit(_execute_many, operation, seq_of_parameters)

    async def _visit(self, run: Any, operation: Any, parameters: Any) -> Any:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._cursor = await connection._execute(
                run, connection._connection, operation, parameters
            )
        self._rows = deque(self._cursor.rows)
        return self

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        self._rows.clear()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Outcome:
    cursor = connection.cursor()
    try:
        cursor.execute(operation, parameters)
        return _outcome(cursor)
    finally:
        cursor.close()


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Outcome:
    cursor = connection.cursor()
    try:
        cursor.executemany(operation, parameters)
        return _outcome(cursor)
    finally:
        cursor.close()


def _outcome(cursor: sqlite3.Cursor) -> _Outcome:
    # Rows first: rowcount of a RETURNING is complete only once they are fetched.
    rows = cursor.fetchall() if cursor.description else ()
    return _Outcome(cursor.description, cursor.rowcount, cursor.lastrowid, rows)


def use_one_hop(engine: AsyncEngine) -> None:
    """Let the connections of an aiosqlite engine use these cursors."""

    def connect(dialect: Any, _record: Any, args: Any, options: Any) -> _Connection:
        plain = dialect.loaded_dbapi.connect(*args, **options)
        return _Connection(dialect.loaded_dbapi, plain._connection)

    event.listen(engine.sync_engine, "do_connect", connect)
