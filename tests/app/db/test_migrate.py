"""The one chain of migrations, on both databases."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, select, text

from app.db import fulltext
from app.db.engine import sync_url
from app.db.migrate import migrate, version_of
from app.db.versions import FOLDER
from app.errors import SetupError
from app.models import Base, Item, SearchPending


def is_model(name: str | None, kind: str, parents: object) -> bool:
    """The tables of the full-text index are no models: each database has others."""
    return kind != "table" or not fulltext.is_ours(name)


def test_the_chain_makes_exactly_the_models(database_url: str) -> None:
    engine = create_engine(sync_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_model}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_forgotten_migration_would_be_found(database_url: str) -> None:
    engine = create_engine(sync_url(database_url))
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_items_text_hash"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_model})
        assert compare_metadata(context, Base.metadata)
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str, tmp_path: Path, now: datetime) -> None:
    done = migrate(database_url, backups=tmp_path / "backups", now=now)
    assert (done.changed, done.backup) == (False, None)


def test_a_newer_database_is_refused_and_left_alone(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    engine = create_engine(sync_url(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SetupError, match="newer Vigie"):
        migrate(database_url, backups=tmp_path / "backups", now=now)
    assert version_of(database_url)[0] == "9999"


def test_what_was_there_is_copied_before_a_migration(
    sqlite_template: Path, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    shutil.copy(sqlite_template, path)
    with sqlite3.connect(path) as old:
        # An older version of the same chain: as if 0001 were followed by a newer one.
        old.execute("UPDATE alembic_version SET version_num = '0000'")
        old.execute("INSERT INTO epochs VALUES ('kept', 7)")
    monkeypatch.setattr("app.db.migrate.is_known", lambda version: True)
    monkeypatch.setattr("app.db.migrate._upgrade", lambda connection: None)
    done = migrate(f"sqlite:///{path}", backups=tmp_path / "backups", now=now)
    assert done.backup is not None
    with sqlite3.connect(done.backup) as copy:
        assert copy.execute("SELECT value FROM epochs WHERE name = 'kept'").fetchone() == (7,)


def test_what_was_stored_before_there_was_a_search_waits_to_be_indexed(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    engine = create_engine(sync_url(database_url))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER.parent))
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        for number, purged in ((7, None), (8, None), (9, now)):
            connection.execute(
                insert(Item).values(
                    id=number, dedup_key=number, identity=str(number), platform="test",
                    published_at=now, first_seen_at=now, purged_at=purged,
                )
            )  # fmt: skip
    engine.dispose()
    done = migrate(database_url, backups=tmp_path / "backups", now=now)
    assert (done.before, done.after) == ("0003", "0006")
    with engine.connect() as connection:
        found = connection.scalars(select(SearchPending.item_id).order_by(SearchPending.item_id))
        assert found.all() == [7, 8]
    engine.dispose()
