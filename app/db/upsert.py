"""Idempotent writes: insert-or-ignore and add-to-counters, on either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

Rows = Sequence[Mapping[str, Any]]


def _insert(dialect: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _table(model: type[DeclarativeBase]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


async def insert_ignore(
    session: AsyncSession, model: type[DeclarativeBase], rows: Rows, *, on: Sequence[str] = ()
) -> None:
    """Insert rows, leaving out those whose key is there already.

    on: the columns of the constraint that may collide; without it any unique one.
    """
    if rows:
        dialect = session.get_bind().dialect.name
        statement = _insert(dialect, _table(model)).on_conflict_do_nothing(
            index_elements=list(on) or None
        )
        await session.execute(statement, list(rows))


async def add_counts(
    session: AsyncSession,
    model: type[DeclarativeBase],
    rows: Rows,
    *,
    keys: Sequence[str],
    replace: Sequence[str] = (),
) -> None:
    """Add each row's counters to the stored row of the same key, inserting where there is none.

    replace: columns that take the new value instead of being added to.
    Rows are written in key order, so that two writers never wait for each other crosswise.
    """
    if not rows:
        return
    counted = tuple(c for c in rows[0] if c not in keys and c not in replace)
    dialect = session.get_bind().dialect.name
    statement = _adding(dialect, _table(model), counted, tuple(keys), tuple(replace))
    ordered = sorted(rows, key=lambda row: tuple(str(row[key]) for key in keys))
    await session.execute(statement, ordered)


@lru_cache(maxsize=256)
def _adding(
    dialect: str, table: Table, counted: tuple[str, ...], keys: tuple[str, ...],
    replace: tuple[str, ...],
) -> Any:  # fmt: skip
    """The statement, kept: putting it together costs more than running it, and a poll needs two."""
    statement = _insert(dialect, table)
    changes = {name: table.c[name] + statement.excluded[name] for name in counted}
    changes |= {name: statement.excluded[name] for name in replace}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changes)


async def put(
    session: AsyncSession, model: type[DeclarativeBase], rows: Rows, *, keys: Sequence[str]
) -> None:
    """Insert rows, replacing the stored ones of the same key."""
    if rows:
        await add_counts(
            session, model, rows, keys=keys, replace=[c for c in rows[0] if c not in keys]
        )
