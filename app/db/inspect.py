"""What `vigie doctor` asks the database itself, without changing anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from app.db.engine import sync_url
from app.db.migrate import version_of
from app.errors import SetupError

LOCK_WAIT_S = 3.0
"""A writer of ours holds the lock for a fraction of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What was found. error: why it cannot be opened; version: None where it is empty or absent;
    broken: the first thing that a check of the whole file complains of; wanted: this code's
    version; newest: the database is of a newer Vigie."""

    kind: str
    place: str
    error: str = ""
    version: str | None = None
    wanted: str = ""
    locked: bool = False
    broken: str = ""


def inspect(url: str) -> Inspected:
    """Look at the database behind a VIGIE_DATABASE address. Never raises for its sake."""
    try:
        parsed = make_url(sync_url(url))
    except SetupError as error:
        return Inspected(kind="unknown", place="", error=error.message)
    if parsed.drivername == "sqlite" and parsed.database:
        return _sqlite(url, Path(parsed.database))
    place = parsed.render_as_string(hide_password=True)
    try:
        version, wanted = version_of(url)
    except SetupError as error:
        return Inspected(kind="postgresql", place=place, error=error.message)
    return Inspected(kind="postgresql", place=place, version=version, wanted=wanted)


def _sqlite(url: str, path: Path) -> Inspected:
    place = str(path)
    if not path.exists():
        return Inspected(kind="sqlite", place=place)
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)) as opened:
            locked = _is_locked(opened)
            broken = "" if locked else _complaint(opened)
    except sqlite3.Error as error:
        return Inspected(kind="sqlite", place=place, error=str(error))
    if locked or broken:
        return Inspected(kind="sqlite", place=place, locked=locked, broken=broken)
    try:
        version, wanted = version_of(url)
    except SetupError as error:
        return Inspected(kind="sqlite", place=place, error=error.message)
    return Inspected(kind="sqlite", place=place, version=version, wanted=wanted)


def _is_locked(opened: sqlite3.Connection) -> bool:
    try:
        opened.execute("BEGIN IMMEDIATE")
        opened.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return True
        raise
    return False


def _complaint(opened: sqlite3.Connection) -> str:
    said = str(opened.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if said == "ok" else said
