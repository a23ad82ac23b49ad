"""Many rows at once, at little more than the driver's own cost.

SQLAlchemy's executemany builds a dict and walks a compiled statement for every row: a third of the
pipeline's time. Here the statement is compiled once per table and the rows go to the driver as
they are, through the same type conversions. For the hot path only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from app.db.types import UtcTime

Rows = Sequence[tuple[Any, ...]]


class _Ready(NamedTuple):
    """A compiled statement. names: for drivers that take rows by name, else empty."""

    sql: str
    names: tuple[str, ...]
    order: tuple[int, ...]
    convert: tuple[tuple[int, Callable[[Any], Any], bool], ...]
    """Column, conversion, and whether its values are times (many rows share one)."""


async def insert_many(
    session: AsyncSession, model: type[DeclarativeBase], columns: Sequence[str], rows: Rows
) -> None:
    """Insert rows (tuples in the order of `columns`). No Python-side defaults are filled in."""
    await _run(session, model, tuple(columns), (), rows)


async def add_many(
    session: AsyncSession,
    model: type[DeclarativeBase],
    columns: Sequence[str],
    rows: Rows,
    *,
    keys: int,
) -> None:
    """Add counters to stored rows, inserting where there is none.

    keys: how many of the columns, the first ones, are the key; the others are added to. Rows are
    written in key order, so that two writers never wait for each other crosswise.
    """
    names = tuple(columns)
    await _run(session, model, names, names[:keys], sorted(rows))


async def _run(
    session: AsyncSession,
    model: type[DeclarativeBase],
    columns: tuple[str, ...],
    keys: tuple[str, ...],
    rows: Rows,
) -> None:
    if not rows:
        return
    connection = await session.connection()
    table = model.__table__
    assert isinstance(table, Table)
    ready = _ready(connection.dialect, table, columns, keys)
    await connection.exec_driver_sql(ready.sql, _converted(ready, rows))


@lru_cache(maxsize=128)
def _ready(
    dialect: Dialect, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]
) -> _Ready:
    insert = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
    statement: Any = insert
    if keys:
        changes = {
            name: table.c[name] + insert.excluded[name] for name in columns if name not in keys
        }
        statement = insert.on_conflict_do_update(index_elements=list(keys), set_=changes)
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    asked = tuple(compiled.positiontup) if compiled.positional else tuple(columns)
    convert = []
    for place, name in enumerate(columns):
        kind = table.c[name].type.dialect_impl(dialect)
        if (change := kind.bind_processor(dialect)) is not None:
            convert.append((place, change, isinstance(table.c[name].type, UtcTime)))
    order = tuple(columns.index(name) for name in asked)
    return _Ready(str(compiled), () if compiled.positional else asked, order, tuple(convert))


def _converted(ready: _Ready, rows: Rows) -> list[Any]:
    memo: dict[datetime, Any] = {}
    done = []
    for row in rows:
        values = list(row)
        for place, change, is_time in ready.convert:
            value = values[place]
            if not is_time:
                values[place] = change(value)
            elif value is not None:
                seen = memo.get(value)
                if seen is None:
                    seen = memo[value] = change(value)
                values[place] = seen
        done.append(values)
    if ready.names:
        return [dict(zip(ready.names, values, strict=True)) for values in done]
    if ready.order == tuple(range(len(ready.order))):
        return [tuple(values) for values in done]
    return [tuple([values[place] for place in ready.order]) for values in done]
