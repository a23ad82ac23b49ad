"""The full-text index over items, on SQLite's FTS5 and on PostgreSQL's GIN.

It holds for each item the words it is given and finds items by formulas over words, newest first.
Nothing is ever sorted by another column: on SQLite the row id is the item's key, which follows
time, and FTS5 reads its lists from the end; on PostgreSQL a planner that is left the choice walks
the key for a rare word (seconds), so how many hits there are decides the way (`_on_postgres`).

Words are written as one token of ASCII letters, digits, `_` and what is not ASCII, which either
database keeps as it is: neither folds, splits or stems anything. Docs: docs/adr/011.
"""

# ruff: noqa: S608 - the statements are made of constants; what is asked for is always bound

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import Database

TABLE = "item_words"
FIRST_LOOK = 2_000
"""Newest rows in which PostgreSQL looks for a short page of a very common word."""
FEW = 5_000
"""Hits that it fetches and puts in order; of a commoner word it walks the newest rows."""
WALK = 20_000
"""Newest rows looked at for a common word before all its hits are fetched after all."""
MERGE_PAGES = 400
"""Pages that one step of `settle` writes: a fraction of a second for other writers to wait."""

# No positions are kept of a whole: the evaluator decides. But `detail=none` makes the search for
# beginnings of words three to ten times slower and saves a tenth of the size (ADR 011).
_TOKENS = "ascii tokenchars '_'"
_SQLITE = [f'CREATE VIRTUAL TABLE {TABLE} USING fts5(words, columnsize=0, tokenize="{_TOKENS}")']
_POSTGRES = [
    f"CREATE TABLE {TABLE} (item_id BIGINT PRIMARY KEY, words tsvector NOT NULL)",
    f"CREATE INDEX ix_{TABLE}_words ON {TABLE} USING gin (words)",
]
_SHADOWS = ("", "_data", "_idx", "_content", "_docsize", "_config")


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that an item must hold; prefix: or one that begins so."""

    word: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Every one of the formulas, or any of them."""

    every: bool
    children: tuple[Formula, ...]


Formula: TypeAlias = Asked | Joined


def create(connection: Connection) -> None:
    """Make the index, empty. Its tables are no models: each database has others."""
    for statement in _SQLITE if _is_sqlite(connection) else _POSTGRES:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    connection.exec_driver_sql(f"DROP TABLE {TABLE}")


def is_ours(table: str | None) -> bool:
    """Whether a table of the database belongs to the index."""
    return table in {TABLE + shadow for shadow in _SHADOWS}


_BENT = re.compile(r"[^0-9a-z\x80-\ud7ff\ue000-\U0010ffff]")
_SIGNS = {"#": "_h", "@": "_a"}


def written(word: str) -> str:
    """A word as one token: `#été` → `_hété`. Different words stay different, and of two words of
    which one begins like the other the same is true of their tokens."""
    return _BENT.sub(lambda match: _SIGNS.get(match[0]) or f"_x{ord(match[0]):04x}", word)


async def index_items(session: AsyncSession, rows: Sequence[tuple[int, Iterable[str]]]) -> None:
    """Hold items under these words, in place of what was held of them. In key order, so that
    two writers never wait for each other crosswise."""
    if not rows:
        return
    tokens = [(item_id, sorted(map(written, words))) for item_id, words in sorted(rows)]
    if _is_sqlite(session.get_bind()):
        statement = f"INSERT OR REPLACE INTO {TABLE} (rowid, words) VALUES (:id, :words)"
        values: list[dict[str, Any]] = [
            {"id": item_id, "words": " ".join(words)} for item_id, words in tokens
        ]
    else:
        statement = (
            f"INSERT INTO {TABLE} (item_id, words) "
            "VALUES (:id, array_to_tsvector(CAST(:words AS text[]))) "
            "ON CONFLICT (item_id) DO UPDATE SET words = excluded.words"
        )
        values = [{"id": item_id, "words": words} for item_id, words in tokens]
    await session.execute(text(statement), values)


async def remove_items(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """Hold nothing of these items any more."""
    if item_ids:
        statement = text(f"DELETE FROM {TABLE} WHERE {_key(session)} IN :ids").bindparams(
            bindparam("ids", expanding=True)
        )
        await session.execute(statement, {"ids": sorted(item_ids)})


async def matching_ids(
    session: AsyncSession, formula: Formula, *, below: int, least: int = 0, limit: int
) -> Sequence[int]:
    """The newest items with `least` <= key < `below` that satisfy a formula, newest first."""
    bounds = {"below": below, "least": least, "limit": limit}
    if _is_sqlite(session.get_bind()):
        asked = {"asked": fts5_query(formula), **bounds}
        return (await session.scalars(text(SQLITE_SEARCH), asked)).all()
    return await _on_postgres(session, {"asked": tsquery(formula), **bounds})


SQLITE_SEARCH = (
    f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :asked "
    "AND rowid < :below AND rowid >= :least ORDER BY rowid DESC LIMIT :limit"
)
_HITS = (
    f"SELECT item_id FROM {TABLE} WHERE words @@ CAST(:asked AS tsquery) "
    "AND item_id < :below AND item_id >= :least"
)
POSTGRES_FEW = (
    f"WITH hits AS MATERIALIZED ({_HITS} LIMIT :most) "
    "SELECT item_id FROM hits ORDER BY item_id DESC"
)
POSTGRES_WALK = (
    f"WITH newest AS MATERIALIZED (SELECT item_id, words FROM {TABLE} "
    f"WHERE item_id < :below AND item_id >= :least ORDER BY item_id DESC LIMIT :most) "
    "SELECT item_id FROM newest WHERE words @@ CAST(:asked AS tsquery) LIMIT :limit"
)
POSTGRES_ALL = (
    f"WITH hits AS MATERIALIZED ({_HITS}) SELECT item_id FROM hits "
    "ORDER BY item_id DESC LIMIT :limit"
)


async def _on_postgres(session: AsyncSession, asked: Mapping[str, Any]) -> Sequence[int]:
    """Few hits: all of them, put in order. Many: they are dense enough that a walk down the key
    meets a page of them soon; where it does not (they are all old), all of them after all."""
    limit = asked["limit"]

    async def ids(statement: str, most: int = 0) -> Sequence[int]:
        # Written out, not bound: a prepared statement would be planned for any number, which
        # made the planner read the whole table.
        return (await session.scalars(text(statement.replace(":most", str(most))), asked)).all()

    if limit * 4 <= FIRST_LOOK:
        met = await ids(POSTGRES_WALK, FIRST_LOOK)
        if len(met) >= limit:
            return met
    few = await ids(POSTGRES_FEW, FEW)
    if len(few) < FEW:
        return few[:limit]
    met = await ids(POSTGRES_WALK, WALK)
    return met if len(met) >= limit else await ids(POSTGRES_ALL)


def fts5_query(formula: Formula) -> str:
    """In the words of FTS5; every word is quoted, so none is an operator."""
    if isinstance(formula, Asked):
        return f'"{written(formula.word)}"' + (" *" if formula.prefix else "")
    return _join(formula, fts5_query, " AND ", " OR ")


def tsquery(formula: Formula) -> str:
    """In the words of PostgreSQL; every word is quoted."""
    if isinstance(formula, Asked):
        return f"'{written(formula.word)}'" + (":*" if formula.prefix else "")
    return _join(formula, tsquery, " & ", " | ")


def _join(formula: Joined, say: Any, both: str, either: str) -> str:
    return "(" + (both if formula.every else either).join(map(say, formula.children)) + ")"


async def held_words(
    session: AsyncSession, item_ids: Sequence[int]
) -> Mapping[int, frozenset[str]]:
    """What is held of items, as tokens; those that it knows nothing of are left out."""
    words = "words" if _is_sqlite(session.get_bind()) else (
        "array_to_string(tsvector_to_array(words), ' ')"
    )  # fmt: skip
    key = _key(session)
    statement = text(f"SELECT {key}, {words} FROM {TABLE} WHERE {key} IN :ids").bindparams(
        bindparam("ids", expanding=True)
    )
    rows = await session.execute(statement, {"ids": list(item_ids)})
    return {item_id: frozenset(said.split(" ")) - {""} for item_id, said in rows}


async def held_ids(session: AsyncSession, *, below: int, limit: int) -> Sequence[int]:
    """The next keys that the index holds, newest first."""
    key = _key(session)
    # FTS5's own content table: without MATCH the virtual table is read whole.
    table = f"{TABLE}_content" if _is_sqlite(session.get_bind()) else TABLE
    key = "id" if table != TABLE else key
    rows = await session.scalars(
        text(f"SELECT {key} FROM {table} WHERE {key} < :below ORDER BY {key} DESC LIMIT :limit"),
        {"below": below, "limit": limit},
    )
    return rows.all()


async def complaint(session: AsyncSession) -> str:
    """What the database says of its own index; "" where it is whole."""
    if not _is_sqlite(session.get_bind()):
        return ""
    try:
        await session.execute(text(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('integrity-check')"))
    except DatabaseError as error:
        if "malformed" not in str(error):
            raise
        return "malformed"
    return ""


async def empty(session: AsyncSession) -> None:
    """Hold nothing of any item, whatever state the index is in: a damaged one takes no DELETE."""
    if _is_sqlite(session.get_bind()):
        connection = await session.connection()
        await connection.run_sync(drop)
        await connection.run_sync(create)
    else:
        await session.execute(text(f"TRUNCATE {TABLE}"))


async def settle(db: Database) -> None:
    """Make removed words leave the file (SQLite): FTS5 only notes that they are gone, until the
    pieces of its index are merged. In short transactions; PostgreSQL's VACUUM does it."""
    if not db.is_sqlite:
        return
    # A negative number begins to merge everything, a positive one goes on.
    pages = -MERGE_PAGES
    while True:
        async with db.write() as session:
            before = await session.scalar(text("SELECT total_changes()"))
            await session.execute(
                text(f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('merge', :pages)"),
                {"pages": pages},
            )
            after = await session.scalar(text("SELECT total_changes()"))
        pages = MERGE_PAGES
        # One change is the command itself: nothing was left to merge.
        if (after or 0) - (before or 0) < 2:
            return


def _key(session: AsyncSession) -> str:
    return "rowid" if _is_sqlite(session.get_bind()) else "item_id"


def _is_sqlite(bind: Any) -> bool:
    return bool(bind.dialect.name == "sqlite")
