"""Many rows at once, at little more than the driver's own cost.

SQLAlchemy's executemany builds a dict and walks a compiled statement for every row: a third of the
pipeline's time. Here the statement is compiled once per table and the rows go to the driver as
they are, through the same type conversions. For the hot path only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, Table
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
    """Column, conversion, and whether its values are times, else JSON."""


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
        kind = table.c[name].type
        # Both drivers take True, False and floats as they are.
        if isinstance(kind, UtcTime | JSON) and (
            change := kind.dialect_impl(dialect).bind_processor(dialect)
        ):
            convert.append((place, change, isinstance(kind, UtcTime)))
    order = tuple(columns.index(name) for name in asked)
    return _Ready(str(compiled), () if compiled.positional else asked, order, tuple(convert))


def _converted(ready: _Ready, rows: Rows) -> list[Any]:
    columns = list(zip(*rows, strict=True))
    for place, change, is_time in ready.convert:
        columns[place] = tuple((_times if is_time else _values)(columns[place], change))
    if ready.names:
        return [dict(zip(ready.names, row, strict=True)) for row in zip(*columns, strict=True)]
    return list(zip(*[columns[place] for place in ready.order], strict=True))


def _times(column: Sequence[Any], change: Callable[[Any], Any]) -> list[Any]:
    """Times converted once each: the rows of a page share most of them, and those of one moment
    are one object."""
    first = column[0]
    if all(value is first for value in column):
        return [None if first is None else change(first)] * len(column)
    known = {value: None if value is None else change(value) for value in set(column)}
    return [known[value] for value in column]


def _values(column: Sequence[Any], change: Callable[[Any], Any]) -> list[Any]:
    """JSON; an empty list or object, which most of them are, is converted once."""
    no_list, no_object = change([]), change({})
    return [
        no_list if value == [] else no_object if value == {} else change(value) for value in column
    ]
