"""One scheduler at a time: a second embedded `vigie serve` exits with a line naming the holder.

SQLite: an flock on a file beside the database; the system frees it when the process dies, also
by kill -9. PostgreSQL: an advisory lock on a session of its own.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from app.db.engine import sync_url
from app.errors import SetupError

_ADVISORY_KEY = 7_014_321


@contextmanager
def scheduler_lock(url: str) -> Iterator[None]:
    """Hold the lock while the block lasts. Raises SetupError naming the holder."""
    parsed = make_url(sync_url(url))
    if parsed.drivername == "sqlite" and parsed.database:
        with _file_lock(Path(parsed.database).with_suffix(".scheduler.lock")):
            yield
    else:
        address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        with _advisory_lock(address):
            yield


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise _held_by(file.read().strip() or "another process") from error
        file.truncate(0)
        file.write(_me())
        file.flush()
        yield


@contextmanager
def _advisory_lock(address: str) -> Iterator[None]:
    import psycopg  # not where the database is SQLite

    with psycopg.connect(address, autocommit=True, application_name=f"vigie {_me()}") as session:
        row = session.execute("SELECT pg_try_advisory_lock(%s)", (_ADVISORY_KEY,)).fetchone()
        if not (row and row[0]):
            holder = session.execute(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE l.locktype = 'advisory' AND l.objid = %s AND l.granted",
                (_ADVISORY_KEY,),
            ).fetchone()
            raise _held_by(holder[0].removeprefix("vigie ") if holder else "another process")
        yield


def _held_by(holder: str) -> SetupError:
    return SetupError(
        f"a scheduler already runs on this database ({holder}): stop it first, or start "
        "`vigie worker` processes on PostgreSQL (VIGIE_MODE=scale-out)"
    )
