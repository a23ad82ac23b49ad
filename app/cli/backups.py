"""What backup and restore do around `app.db.backup`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.config import load_settings
from app.db import backup as store
from app.db.scheduler_lock import scheduler_lock
from app.logs import configure_logs
from app.services import default_clock


@dataclass(frozen=True, slots=True)
class Made:
    """A backup. size: bytes."""

    file: Path
    size: int
    key_file: Path


def backup(file: Path | None) -> Made:
    """Raises Invalid, StoreFull, SetupError."""
    settings = load_settings()
    configure_logs(settings)
    now = default_clock(settings).now()
    target = file or settings.data_dir / "backups" / f"vigie-{now:%Y%m%dT%H%M%S}.db"
    store.backup(settings.database_url, target)
    return Made(target, target.stat().st_size, settings.key_path)


def restore(file: Path) -> Path | None:
    """The place of the replaced database. Raises SetupError while a service runs; Invalid."""
    settings = load_settings()
    configure_logs(settings)
    store.check_copy(settings.database_url, file)
    with scheduler_lock(settings.database_url):
        return store.restore(settings.database_url, file, now=default_clock(settings).now())
