"""Carries the finished demo from its scratch database into the house.

The demo lives its ninety days in a database of its own: beside a running service two clocks would
work on one set of rows, and each would take up what the other left due. What arrives here is
finished (judged, told, sent), so no job of the service has anything to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import Database
from app.db.upsert import insert_ignore
from app.models import Base, Item, ModelVersion
from app.search import service as search

BATCH = 2_000
"""Rows a transaction: a tenth of a second, so that no other writer has to wait for long."""
LEFT_BEHIND = frozenset(
    {"audit_entries", "epochs", "job_runs", "model_versions", "search_pending", "settings"}
)
"""What is the house's own. Model versions are matched by name and build; what arrives is indexed
for search by the house's job."""

Row = dict[str, Any]
First = Callable[[AsyncSession], Any]


async def carry(
    scratch: Database, target: Database, *, first: First, told: Callable[[int, int], None]
) -> None:
    """Copy every row, parents first. `first` runs at the start of the first transaction, and may
    refuse; told: rows done, rows in all."""
    tables = [one for one in Base.metadata.sorted_tables if one.name not in LEFT_BEHIND]
    content = {table: await _rows(scratch, table) for table in tables}
    content = {table: rows for table, rows in content.items() if rows}
    total = sum(map(len, content.values()))
    models = await _models(scratch, target)
    async with target.write() as session:
        await first(session)
        table, rows = _watchlists(content)
        await _insert(session, table, rows)
    done = len(rows)
    for group in _groups(content):
        async with target.write() as session:
            for table, rows in group:
                await _insert(session, table, _with_models(rows, models))
                if table is Item.__table__:
                    await search.note_new(session, [row["id"] for row in rows])
                done += len(rows)
        told(done, total)


def _watchlists(content: Mapping[Table, Sequence[Row]]) -> tuple[Table, Sequence[Row]]:
    return next((table, rows) for table, rows in content.items() if table.name == "watchlists")


def _groups(content: Mapping[Table, Sequence[Row]]) -> list[list[tuple[Table, Sequence[Row]]]]:
    """Transactions in order. Mentions and their roll-ups go together: at no moment may a count
    differ from a recount."""
    counted = [pair for pair in content.items() if pair[0].name.startswith("rollup_")]
    groups: list[list[tuple[Table, Sequence[Row]]]] = []
    for table, rows in content.items():
        if table.name == "mentions":
            groups.append([(table, rows), *counted])
        elif table.name != "watchlists" and not table.name.startswith("rollup_"):
            groups += [[(table, rows[at : at + BATCH])] for at in range(0, len(rows), BATCH)]
    return groups


async def _rows(scratch: Database, table: Table) -> list[Row]:
    async with scratch.read() as session:
        return [dict(row) for row in (await session.execute(select(table))).mappings()]


async def _insert(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    await session.execute(insert(table), list(rows))


def _with_models(rows: Sequence[Row], models: Mapping[int, int]) -> Sequence[Row]:
    if "model_id" not in rows[0]:
        return rows
    return [{**row, "model_id": models.get(row["model_id"])} for row in rows]


async def _models(scratch: Database, target: Database) -> dict[int, int]:
    """Id in the scratch database → id in the house, of each model that judged."""
    async with scratch.read() as session:
        used = (await session.scalars(select(ModelVersion))).all()
    rows = [
        {"id": one.id, "name": one.name, "build": one.build, "first_used_at": one.first_used_at}
        for one in used
    ]
    async with target.write() as session:
        await insert_ignore(session, ModelVersion, rows, on=("name", "build"))
        known = (await session.scalars(select(ModelVersion))).all()
    ids = {(one.name, one.build): one.id for one in known}
    return {one.id: ids[one.name, one.build] for one in used}
