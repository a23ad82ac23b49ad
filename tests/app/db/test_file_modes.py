"""A database, its copies and what is put back: the owner's alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.db import backup as store
from app.db import migrate as migrating

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "vigie.db"
    migrating.migrate(f"sqlite:///{path}", backups=tmp_path / "backups", now=NOW)
    return path


def test_a_new_database_is_readable_by_its_owner_only(database: Path) -> None:
    assert mode(database) == 0o600


def test_the_copy_before_a_migration_is_readable_by_its_owner_only(
    database: Path, tmp_path: Path
) -> None:
    made = migrating._back_up(
        f"sqlite:///{database}", tmp_path / "backups", now=NOW, version="0001"
    )
    assert made is not None
    assert mode(made) == 0o600


def test_a_backup_is_never_readable_by_others_even_while_it_is_written(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the chmod at the end: what the file was while it grew.
    monkeypatch.setattr(Path, "chmod", lambda *_args, **_named: None)
    store.backup(f"sqlite:///{database}", tmp_path / "copy.db")
    assert mode(tmp_path / "copy.db") == 0o600


def test_a_restored_database_is_readable_by_its_owner_only(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    store.backup(f"sqlite:///{database}", copy)
    copy.chmod(0o644)  # it came back from somewhere
    store.restore(f"sqlite:///{database}", copy, now=NOW)
    assert mode(database) == 0o600
