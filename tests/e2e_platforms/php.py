"""PHP's own web server and a private MariaDB, both on loopback, for WordPress and MediaWiki."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from tests.e2e_platforms.network import Missing

PATIENCE_S = 60.0


def need(*programs: str, folder: str, packages: str) -> None:
    """Raises Missing where a program or the folder of a package is not here."""
    lacking = [one for one in programs if shutil.which(one) is None]
    if lacking or not Path(folder).is_dir():
        raise Missing(f"install the Debian packages {packages}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Site:
    """A running `php -S`. Its log holds a line a request."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def answers(self, status: int, path: str) -> int:
        """How often it answered a path with a status."""
        wanted = f"[{status}]: GET {path}"
        return self._log.read_text("utf-8", "replace").count(wanted)

    def text(self, path: str) -> str:
        """A page, read beside the collector."""
        with build_opener(ProxyHandler({})).open(self.url + path, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())


@contextmanager
def serving(
    root: Path, port: int, log: Path, *, env: Mapping[str, str] | None = None
) -> Iterator[Site]:
    command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(root)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **(env or {})}, cwd=root
        )
        try:
            _until_open(port, process)
            yield Site(f"http://127.0.0.1:{port}", log)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def mariadb(folder: Path) -> Iterator[Path]:
    """A database server without passwords that only its socket reaches."""
    data, place = folder / "mysql", folder / "mysql.sock"
    run("mariadb-install-db", f"--datadir={data}", "--auth-root-authentication-method=normal",
        "--skip-test-db", f"--user={_user()}")  # fmt: skip
    process = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={place}",
         "--skip-networking", f"--user={_user()}", f"--pid-file={folder / 'mysql.pid'}",
         "--innodb-buffer-pool-size=32M"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(lambda: place.exists() and _answers(place), process)
        yield place
    finally:
        process.terminate()
        process.wait()


def run(*command: str, env: Mapping[str, str] | None = None, stdin: str = "") -> str:
    """Standard output of a command that has to succeed."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    if done.returncode:
        raise Missing(f"{command[0]}: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _answers(place: Path) -> bool:
    done = subprocess.run(
        ["mariadb", "--no-defaults", f"--socket={place}", "-uroot", "-e", "SELECT 1"],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    def is_open() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    _wait(is_open, process)


def _wait(ready: object, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not ready():  # type: ignore[operator]  # a callable
        if process.poll() is not None or time.monotonic() > until:
            raise Missing(f"{process.args!r} did not start")
        time.sleep(0.1)
