"""Versions of the schema, read without Alembic; a newer database is refused, an older backed up."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.db.engine import sync_url
from app.db.migrate import migrate, version_of
from app.db.versions import FOLDER, newest_of, newest_version, versions_in
from app.errors import SetupError


def test_the_newest_version_is_the_one_that_alembic_would_migrate_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER.parent))
    scripts = ScriptDirectory.from_config(config)
    assert newest_version() == scripts.get_current_head()
    assert set(versions_in(FOLDER)) == {script.revision for script in scripts.walk_revisions()}


def test_a_chain_is_followed_to_its_end_however_its_files_are_written(tmp_path: Path) -> None:
    for name, lines in {
        "0001_first.py": 'revision = "b1"\ndown_revision = None\n',
        "0002_second.py": "revision: str = 'a2'\ndown_revision: str | None = 'b1'\n",
    }.items():
        (tmp_path / name).write_text(f'"""A migration.\n\nRevision ID: x\n"""\n\n{lines}')
    assert versions_in(tmp_path) == {"b1": None, "a2": "b1"}
    assert newest_of(versions_in(tmp_path)) == "a2"


def test_two_ends_of_the_chain_are_an_error_not_a_guess() -> None:
    with pytest.raises(RuntimeError, match="one chain"):
        newest_of({"0001": None, "0002": "0001", "0003": "0001"})
    with pytest.raises(RuntimeError, match="one chain"):
        newest_of({})


def test_a_migration_that_does_not_say_its_version_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "0001_first.py").write_text('revision = "1"\ndown_revision = ("a", "b")\n')
    with pytest.raises(RuntimeError, match=r"0001_first\.py"):
        versions_in(tmp_path)


def _set_version(url: str, version: str) -> None:
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()


def test_a_database_that_is_up_to_date_is_left_alone(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    done = migrate(database_url, backups=tmp_path / "backups", now=now)
    assert (done.before, done.changed, done.backup) == (newest_version(), False, None)
    assert version_of(database_url) == (newest_version(), newest_version())


def test_a_database_of_a_newer_vigie_is_refused(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    _set_version(database_url, "9999")
    assert version_of(database_url) == ("9999", newest_version())
    with pytest.raises(SetupError, match="newer Vigie"):
        migrate(database_url, backups=tmp_path, now=now)


def test_an_empty_file_has_no_version_and_is_brought_to_the_newest(
    tmp_path: Path, now: datetime
) -> None:
    (tmp_path / "vigie.db").touch()
    url = f"sqlite:///{tmp_path / 'vigie.db'}"
    assert version_of(url) == (None, newest_version())
    done = migrate(url, backups=tmp_path, now=now)
    assert (done.before, done.after, done.backup) == (None, newest_version(), None)
    assert version_of(url)[0] == newest_version()


def test_what_a_start_imports_holds_neither_alembic_nor_any_model() -> None:
    code = (
        "import sys, app.main, app.jobs.embedded, app.cli.serving; "
        "print([name for name in ('alembic', 'numpy', 'nlp.router') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
