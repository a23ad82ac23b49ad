"""Bring the database to this version: back it up first, refuse a newer one (R-37)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

import migrations
from app.db.engine import sync_url
from app.errors import SetupError

# PostgreSQL: a migration that cannot have its lock gives up instead of stopping the service.
_LOCK_TIMEOUT = "SET lock_timeout = '10s'"
# Serialises two services starting at once on an empty PostgreSQL.
_ADVISORY_KEY = 7_014_319


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did."""

    before: str | None
    after: str
    backup: Path | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def migrate(url: str, *, backups: Path, now: datetime) -> Migrated:
    """Upgrade to the newest version. Raises SetupError where that cannot be."""
    with _connection(url) as connection:
        config = _config(connection)
        head = ScriptDirectory.from_config(config).get_current_head()
        assert head is not None
        before = _current(connection, config)
        if before == head:
            return Migrated(before, head, None)
        backup = _back_up(url, backups, now=now, version=before) if before else None
        command.upgrade(config, "head")
        connection.commit()
    return Migrated(before, head, backup)


def version_of(url: str) -> tuple[str | None, str]:
    """The database's version and this code's. Raises SetupError where it cannot be opened."""
    parsed = make_url(sync_url(url))
    if parsed.drivername == "sqlite" and not Path(parsed.database or "").exists():
        return None, newest_version()  # connecting would make an empty file
    with _connection(url) as connection:
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        assert head is not None
        return MigrationContext.configure(connection).get_current_revision(), head


@cache
def newest_version() -> str:
    """This code's version of the schema, without asking any database."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    return head


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    parsed = make_url(sync_url(url))
    if parsed.drivername == "sqlite" and parsed.database:
        folder = Path(parsed.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(
                f"{folder}: cannot be written ({error.strerror}); "
                "choose another place with VIGIE_DATA_DIR"
            ) from error
    engine = create_engine(parsed)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(_LOCK_TIMEOUT)
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY_KEY})")
                connection.commit()
            yield connection
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        shown = parsed.render_as_string(hide_password=True)
        raise SetupError(
            f"{shown}: cannot be opened ({reason}); check VIGIE_DATABASE and VIGIE_DATA_DIR"
        ) from error
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection, config: Config) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    if current is None:
        return None
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as error:
        raise SetupError(
            f"the database is of a newer Vigie (version {current}): install that one, or restore "
            "the backup made before its migration"
        ) from error
    return current


def _back_up(url: str, backups: Path, *, now: datetime, version: str) -> Path | None:
    """SQLite: a whole copy. PostgreSQL has its own tools, `vigie doctor` reminds of them."""
    parsed = make_url(sync_url(url))
    if parsed.drivername != "sqlite" or not parsed.database:
        return None
    backups.mkdir(parents=True, exist_ok=True)
    target = backups / f"before-migration-{version}-{now:%Y%m%dT%H%M%S}.db"
    source = sqlite3.connect(parsed.database)
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise SetupError(f"no backup could be written to {target}: {error}") from error
    finally:
        source.close()
    return target
