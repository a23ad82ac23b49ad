"""Bring the database to this version: back it up first, refuse a newer one (R-37)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.db.engine import sync_url
from app.db.files import make_private
from app.db.versions import FOLDER, is_known, newest_version, stored_version
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
    newest = newest_version()
    with _connection(url) as connection:
        before = stored_version(connection)
        connection.commit()
        if before == newest:
            return Migrated(before, newest, None)
        _refuse_newer(before)
        backup = _back_up(url, backups, now=now, version=before) if before else None
        _upgrade(connection)
        connection.commit()
    return Migrated(before, newest, backup)


def version_of(url: str) -> tuple[str | None, str]:
    """The database's version and this code's. Raises SetupError where it cannot be opened."""
    parsed = make_url(sync_url(url))
    if parsed.drivername == "sqlite" and not Path(parsed.database or "").exists():
        return None, newest_version()  # connecting would make an empty file
    with _connection(url) as connection:
        return stored_version(connection), newest_version()


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    parsed = make_url(sync_url(url))
    if parsed.drivername == "sqlite" and parsed.database:
        folder = Path(parsed.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                make_private(Path(parsed.database))
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


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_newer(version: str | None) -> None:
    if version is not None and not is_known(version):
        raise SetupError(
            f"the database is of a newer Vigie (version {version}): install that one, or restore "
            "the backup made before its migration"
        )


def _back_up(url: str, backups: Path, *, now: datetime, version: str) -> Path | None:
    """SQLite: a whole copy. PostgreSQL has its own tools, `vigie doctor` reminds of them."""
    parsed = make_url(sync_url(url))
    if parsed.drivername != "sqlite" or not parsed.database:
        return None
    backups.mkdir(parents=True, exist_ok=True)
    target = backups / f"before-migration-{version}-{now:%Y%m%dT%H%M%S}.db"
    source = sqlite3.connect(parsed.database)
    try:
        make_private(target)
        source.execute("VACUUM INTO ?", (str(target),))
    except (sqlite3.Error, OSError) as error:
        raise SetupError(f"no backup could be written to {target}: {error}") from error
    finally:
        source.close()
    return target
