"""What migrate does, and serve before it begins."""

from __future__ import annotations

import os

from app.cli import console
from app.clock import SystemClock
from app.config import Settings, load_settings
from app.db.migrate import Migrated
from app.db.migrate import migrate as upgrade
from app.errors import SetupError
from app.logs import configure_logs


def migrate(*, as_json: bool) -> None:
    """Raises SetupError where the database cannot be brought to this version."""
    settings = load_settings()
    configure_logs(settings)
    _writable(settings)
    done = _upgrade(settings)
    if as_json:
        console.write_json({"before": done.before, "after": done.after, "backup": done.backup})
    else:
        _tell_migration(done, always=True)


def bring_up_to_date(settings: Settings) -> None:
    """See that the data folder can be written, make or migrate the database, and say so where
    anything changed. Raises SetupError."""
    _writable(settings)
    _tell_migration(_upgrade(settings))


def _upgrade(settings: Settings) -> Migrated:
    return upgrade(
        settings.database_url, backups=settings.data_dir / "backups", now=SystemClock().now()
    )


def _tell_migration(done: Migrated, *, always: bool = False) -> None:
    if done.changed and done.before:
        french = f"base passée de la version {done.before} à {done.after} ; copie : {done.backup}"
        english = f"database moved from version {done.before} to {done.after}; copy: {done.backup}"
    elif done.changed:
        french, english = f"base créée (version {done.after})", f"database made ({done.after})"
    elif always:
        french, english = f"base à jour ({done.after})", f"database up to date ({done.after})"
    else:
        return
    console.say(console.t(fr=french, en=english))


def _writable(settings: Settings) -> None:
    try:
        settings.drop_path.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"{settings.data_dir} cannot be written ({error.strerror}): change its owner, or "
            "choose another folder with VIGIE_DATA_DIR",
            fr=f"impossible d’écrire dans {settings.data_dir} ({error.strerror}) : changez son "
            "propriétaire, ou choisissez un autre dossier avec VIGIE_DATA_DIR",
        ) from error
