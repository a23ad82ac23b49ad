"""Looks at everything a Vigie needs; every look is a value, none stops the next."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.clock import FileClock, SystemClock
from app.config import Settings
from app.db.engine import Database
from app.db.inspect import Inspected, inspect
from app.db.scheduler_lock import scheduler_lock
from app.doctor import plugged, queries, rules, store
from app.doctor.mail import greeting_error
from app.doctor.rules import Finding
from app.errors import AppError, SetupError
from app.search.service import waiting
from app.secrets import load_cipher
from collectors.http import self_test

__all__ = ["Finding", "examine", "examine_machine"]


def examine_machine(complaint: str | None) -> list[Finding]:
    """What can be said without settings. complaint: what hides Vigie's packages, if anything."""
    return [rules.python(sys.version_info[:3]), rules.packages(complaint)]


async def examine(
    settings: Settings, tell: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Every check, in the order in which one would mend things. tell: what is looked at now."""
    tell("data_dir")
    found = [
        rules.data_dir(str(settings.data_dir), _write_error(settings.data_dir)),
        _disk(settings.data_dir),
        _key(settings.key_path),
    ]
    tell("database")
    inspected = await asyncio.to_thread(inspect, settings.database_url)
    found.append(store.database(_seen(inspected)))
    now = _now(settings)
    readable = bool(inspected.version) and inspected.version == inspected.wanted
    found += await _stored(settings, now or SystemClock().now(), readable=readable)
    tell("plugins")
    found += [*plugged.plugins(), *plugged.models(settings.language_codes)]
    tell("network")
    found += [rules.smtp(settings.smtp_host, await greeting_error(settings)), await _guard()]
    newest = _newest_backup(settings.data_dir / "backups")
    found.append(rules.backups(newest, kind=inspected.kind, now=SystemClock().now()))
    return found


def _write_error(folder: Path) -> str:
    """Why a folder cannot be written, or ""; one that is missing is judged by its parent."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return f"{place}: not a folder"
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _disk(folder: Path) -> Finding:
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return rules.disk(str(folder), shutil.disk_usage(place).free)


def _key(path: Path) -> Finding:
    if not path.exists():
        return rules.key_file(str(path), mode=None, error="")
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        load_cipher(path)
    except (SetupError, OSError) as error:
        reason = str(error.__cause__ or error) or "empty"
        return rules.key_file(str(path), mode=None, error=reason)
    except IndexError:  # an empty file holds no key
        return rules.key_file(str(path), mode=None, error="empty")
    return rules.key_file(str(path), mode=mode, error="")


def _seen(found: Inspected) -> store.Seen:
    return store.Seen(
        place=found.place, error=found.error, version=found.version, wanted=found.wanted,
        locked=found.locked, broken=found.broken,
    )  # fmt: skip


def _now(settings: Settings) -> datetime | None:
    if settings.clock_file is None:
        return SystemClock().now()
    try:
        return FileClock(settings.clock_file).now()
    except (OSError, ValueError):
        return None


async def _stored(settings: Settings, now: datetime, *, readable: bool) -> list[Finding]:
    """What the rows tell; only the clock where they cannot be read."""
    file = str(settings.clock_file or "")
    if not readable:
        return [rules.clock(_now(settings), file=file, newest=None)]
    db = Database(settings.database_url)
    try:
        async with db.read() as session:
            seen = await queries.job_runs(session)
            sick, total = await queries.sources(session)
            mute, mouths = await queries.channels(session)
            oldest = await queries.oldest_pending(session)
            unindexed = await waiting(session)
    except AppError as error:
        return [Finding("database", "bad", error.fr, error.message)]
    finally:
        await db.close()
    newest = max((job.started_at for job in seen), default=None)
    return [
        rules.clock(_now(settings), file=file, newest=newest),
        *rules.jobs(seen, running=_is_running(settings), now=now),
        *rules.sources(sick, total),
        *rules.channels(mute, mouths),
        rules.outbox(oldest, now=now),
        rules.search(unindexed),
    ]


def _is_running(settings: Settings) -> bool | None:
    """Whether a scheduler holds its lock; None where several workers share the work."""
    if settings.mode == "scale-out":
        return None
    try:
        with scheduler_lock(settings.database_url):
            return False
    except SetupError:
        return True
    except OSError:
        return False  # nobody holds it; on a full disk we could not write our name in it either


async def _guard() -> Finding:
    try:
        await self_test()
    except RuntimeError as error:
        return rules.guard(str(error))
    return rules.guard("")


def _newest_backup(folder: Path) -> datetime | None:
    times = [entry.stat().st_mtime for entry in os.scandir(folder) if entry.name.endswith(".db")] \
        if folder.is_dir() else []  # fmt: skip
    return datetime.fromtimestamp(max(times), UTC) if times else None
