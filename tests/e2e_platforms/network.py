"""The real Bluesky servers on loopback: npm `@atproto/dev-env` on Debian's PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PACKAGE = "@atproto/dev-env@0.3.215"
SCRIPT = Path(__file__).with_name("network.cjs")
START_WITHIN_S = 120.0


class Missing(RuntimeError):
    """What this machine lacks, and what to do."""


@dataclass
class Network:
    """pds, appview, jetstream: addresses."""

    pds: str
    appview: str
    jetstream: str

    def call(self, method: str, body: Any = None, *, token: str = "", **params: Any) -> Any:
        """One call to the PDS: a procedure where there is a body, else a query."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.pds}/xrpc/{method}"
        with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:
            answer = client.get(url, params=params) if body is None else client.post(url, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}


class Person:
    """An account on the network that writes posts."""

    def __init__(self, network: Network, name: str) -> None:
        self.network = network
        self.handle = f"{name}.test"
        made = network.call(
            "com.atproto.server.createAccount",
            {"handle": self.handle, "email": f"{name}@example.org", "password": "unused-1234"},
        )
        self.did: str = made["did"]
        self._token: str = made["accessJwt"]

    def app_password(self) -> str:
        made = self.network.call(
            "com.atproto.server.createAppPassword", {"name": "vigie"}, token=self._token
        )
        return str(made["password"])

    def post(self, text: str) -> str:
        """The address of a new post."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now, "langs": ["fr"]}
        where = {"repo": self.did, "collection": "app.bsky.feed.post"}
        made = self.network.call(
            "com.atproto.repo.createRecord", {**where, "record": record}, token=self._token
        )
        return str(made["uri"])

    def delete(self, uri: str) -> None:
        where = {"repo": self.did, "collection": "app.bsky.feed.post"}
        self.network.call(
            "com.atproto.repo.deleteRecord", {**where, "rkey": uri.rsplit("/", 1)[1]},
            token=self._token,
        )  # fmt: skip


@contextmanager
def start_network() -> Iterator[Network]:
    """Install what npm has, start all servers, stop them at the end. Raises Missing."""
    modules = installed()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-atproto-")))
        database = stack.enter_context(_postgres(folder))
        redis = stack.enter_context(_redis())
        env = os.environ | {
            "NODE_PATH": str(modules),
            "NODE_NO_WARNINGS": "1",
            "DB_POSTGRES_URL": database,
            "DB_POSTGRES_SCHEMA": "vigie",
            "REDIS_HOST": redis,
            "LOG_ENABLED": "false",
        }
        log = stack.enter_context((folder / "network.log").open("wb"))
        server = subprocess.Popen(["node", SCRIPT], env=env, stdout=subprocess.PIPE, stderr=log)
        stack.callback(_ended, server)
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            told = (folder / "network.log").read_text(errors="replace")[-2_000:]
            raise Missing(f"the network did not start:\n{told}")
        yield Network(**json.loads(line))


def installed() -> Path:
    """The folder node_modules, outside of the repository; npm fills it once."""
    for program in ("node", "npm", "redis-server"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not here (Debian: apt install nodejs npm redis-server)")
    named = os.environ.get("VIGIE_E2E_ATPROTO")
    folder = Path(named) if named else Path(tempfile.gettempdir()) / "vigie-e2e-atproto"
    modules = folder / "node_modules"
    if not (modules / "@atproto" / "dev-env").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"npm: {PACKAGE} into {folder} (about 360 MB, minutes)", flush=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", PACKAGE]
        if subprocess.run(command, cwd=folder, check=False).returncode:
            raise Missing(f"npm could not install {PACKAGE}: look at its registry")
    return modules


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A private server with the extension pg_trgm, which the suite's own lacks."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise Missing("PostgreSQL is not here (Debian: apt install postgresql)")
    programs, data = found[-1], folder / "pg"
    data.mkdir()
    user = None
    if os.geteuid() == 0:  # it refuses root
        user = "postgres"
        shutil.chown(data, user)
        folder.chmod(0o711)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    initdb = [programs / "initdb", "--auth=trust", "--no-sync", "-E", "utf8", "-U", "postgres"]
    subprocess.run([*initdb, "-D", data], check=True, user=user, **quiet)
    options = ["-h", "", "-c", "fsync=off", "-c", "max_connections=200", "-k", str(data)]
    command = [programs / "postgres", "-D", data, *options]
    server = subprocess.Popen(command, user=user, **quiet)
    try:
        _await(lambda: (data / ".s.PGSQL.5432").exists(), server, "PostgreSQL")
        _await(lambda: _answers(programs, data), server, "PostgreSQL")
        yield f"postgresql://postgres@localhost/postgres?host={data}"
    finally:
        server.terminate()
        server.wait(30)


def _answers(programs: Path, data: Path) -> bool:
    asked = subprocess.run([programs / "pg_isready", "-q", "-h", data], check=False)
    return asked.returncode == 0


@contextmanager
def _redis() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--appendonly", "no"], stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(lambda: _listens(port), server, "Redis")
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _await(ready: Any, server: subprocess.Popen[bytes], name: str) -> None:
    until = time.monotonic() + START_WITHIN_S
    while not ready():
        if server.poll() is not None or time.monotonic() > until:
            raise Missing(f"{name} did not start")
        time.sleep(0.05)


def _ended(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
