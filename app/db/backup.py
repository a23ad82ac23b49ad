"""Copies of a SQLite database, and putting one back. PostgreSQL has its own tools."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

import migrations
from app.db.engine import BUSY_TIMEOUT_MS, sync_url
from app.db.files import make_private
from app.errors import Conflict, Invalid, SetupError, StoreFull

_SIDES = ("-wal", "-shm")
"""What SQLite keeps beside a database."""


def backup(url: str, target: Path) -> None:
    """Write a whole copy to `target`, of one moment, beside writers.

    Raises Conflict where the target exists, StoreFull (leaving nothing behind), SetupError where
    there is no SQLite database to copy or it cannot be read.
    """
    path = _existing(url)
    if target.exists():
        raise Conflict(
            f"{target} exists already: choose another name",
            fr=f"{target} existe déjà : choisissez un autre nom",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        make_private(target)  # VACUUM INTO fills an empty file, but no other
        with closing(_open(path)) as source:
            source.execute("VACUUM INTO ?", (str(target),))
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise _copy_failed(target, error) from error


def check_copy(url: str, copy: Path) -> str:
    """The version of a copy. Raises Invalid where it is no whole Vigie database, or a newer one;
    SetupError where the database in use is not SQLite."""
    _path(url)
    if not copy.is_file():
        raise Invalid(f"{copy}: no such file", fr=f"{copy} : fichier introuvable")
    try:
        with closing(_open(copy, read_only=True)) as opened:
            verdict = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
            row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise _no_copy(copy, str(error)) from error
    if verdict != "ok" or row is None:
        raise _no_copy(copy, verdict)
    version = str(row[0])
    if version not in _known_versions():
        raise Invalid(
            f"{copy} is of a newer Vigie (version {version}): install that one first",
            fr=f"{copy} vient d’un Vigie plus récent (version {version}) : installez-le d’abord",
        )
    return version


def restore(url: str, copy: Path, *, now: datetime) -> Path | None:
    """Put a checked copy in the place of the database; where the replaced one is kept now.

    The caller holds the scheduler lock. Raises SetupError where another process writes at this
    moment, StoreFull where there is no room for both; then nothing has been changed.
    """
    path = _path(url)
    fresh = path.with_name(f"{path.name}.restoring")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)  # of a restore that was cut off
        make_private(fresh)
        shutil.copyfile(copy, fresh)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _copy_failed(fresh, error) from error
    kept = _put_aside(path, now=now) if path.exists() else None
    fresh.replace(path)
    return kept


def _put_aside(path: Path, *, now: datetime) -> Path:
    """Rename a database with what belongs to it."""
    kept = path.with_name(f"{path.stem}-before-restore-{now:%Y%m%dT%H%M%S}{path.suffix}")
    with _nobody_writes(path):
        for side in ("", *_SIDES):
            part = path.with_name(path.name + side)
            if part.exists():
                part.replace(kept.with_name(kept.name + side))
    return kept


@contextmanager
def _nobody_writes(path: Path) -> Iterator[None]:
    """Hold the write lock of a database, as far as it is one. Raises SetupError."""
    connection = _open(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            connection.close()
            raise SetupError(
                "another process writes to the database: wait for it, or stop it",
                fr="un autre processus écrit dans la base : attendez-le, ou arrêtez-le",
            ) from error
    except sqlite3.DatabaseError:
        pass  # it is broken, which may be why somebody restores: nobody can write to it
    with closing(connection):
        yield


def _open(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    # `immutable`: a copy is only looked at, nothing may be written beside it.
    address = f"{path.absolute().as_uri()}?{'immutable=1' if read_only else 'mode=rw'}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)


def _path(url: str) -> Path:
    parsed = make_url(sync_url(url))
    if parsed.drivername != "sqlite" or not parsed.database:
        raise SetupError(
            "this Vigie keeps its data in PostgreSQL: use pg_dump and pg_restore",
            fr="les données de ce Vigie sont dans PostgreSQL : utilisez pg_dump et pg_restore",
        )
    return Path(parsed.database)


def _existing(url: str) -> Path:
    path = _path(url)
    if not path.is_file():
        raise SetupError(
            f"there is no database at {path}: nothing to copy",
            fr=f"il n’y a pas de base dans {path} : rien à copier",
        )
    return path


def _known_versions() -> frozenset[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    return frozenset(script.revision for script in scripts.walk_revisions())


def _no_copy(copy: Path, reason: str) -> Invalid:
    return Invalid(
        f"{copy} is no whole copy of a Vigie database ({reason})",
        fr=f"{copy} n’est pas une copie entière d’une base de Vigie ({reason})",
    )


def _copy_failed(target: Path, error: Exception) -> StoreFull | SetupError:
    reason = str(getattr(error, "strerror", None) or error)
    if "full" in reason or getattr(error, "errno", None) == errno.ENOSPC:
        return StoreFull(
            f"no room for {target}: free some space, or choose another place",
            fr=f"pas assez de place pour {target} : libérez-en, ou choisissez un autre endroit",
        )
    return SetupError(
        f"{target} cannot be written ({reason})", fr=f"écriture impossible dans {target} ({reason})"
    )
