"""The real service as its users run it: `vigie serve`, and `vigie worker` where scaled out."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

VIGIE = str(Path(sys.executable).with_name("vigie"))
START_WITHIN_S = 60.0


@dataclass
class House:
    """One Vigie with its data folder, its replay clock and its processes."""

    folder: Path
    database: str
    smtp_port: int
    workers: int = 0
    port: int = 0
    env: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder.mkdir(parents=True, exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")}
        self.env = clean | {
            "VIGIE_DATA_DIR": str(self.folder),
            "VIGIE_DATABASE": self.database,
            "VIGIE_MODE": "scale-out" if self.workers else "embedded",
            "VIGIE_PORT": str(self.port),
            "VIGIE_CLOCK_FILE": str(self.clock_file),
            "VIGIE_TICK_S": "1" if self.workers else "0.1",
            "VIGIE_ALLOW_PRIVATE": "127.0.0.1/32",
            "VIGIE_SMTP_HOST": "127.0.0.1",
            "VIGIE_SMTP_PORT": str(self.smtp_port),
            "VIGIE_SMTP_TLS": "none",
            "VIGIE_LOG_FORMAT": "json",
            "VIGIE_LANG": "en",
        }

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> datetime:
        return datetime.fromisoformat(self.clock_file.read_text())

    def set_clock(self, at: datetime) -> None:
        """Move the replay's now; by rename, so that no reader sees half an instant."""
        part = self.clock_file.with_suffix(".part")
        part.write_text(at.astimezone(UTC).isoformat())
        part.replace(self.clock_file)

    async def start(self) -> None:
        """Start what is not running and wait until it answers."""
        names = ["serve", *[f"worker-{n}" for n in range(1, self.workers + 1)]]
        for name in names:
            if name not in self.processes or self.processes[name].poll() is not None:
                self.processes[name] = self._spawn(name)
                if name == "serve":
                    await self._until_ready()

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        command = [VIGIE, "serve"] if name == "serve" else [VIGIE, "worker", "--name", name]
        log = (self.folder / f"{name}.log").open("ab")
        return subprocess.Popen(command, env=self.env, stderr=log, stdout=log)

    async def _until_ready(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(int(START_WITHIN_S / 0.1)):
                if self.processes["serve"].poll() is not None:
                    raise RuntimeError(f"vigie serve ended:\n{self.log('serve')[-3000:]}")
                try:
                    if (await client.get(f"{self.url}/healthz", timeout=2)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise RuntimeError(f"no answer from /healthz:\n{self.log('serve')[-3000:]}")

    def kill(self, name: str) -> None:
        """kill -9: no farewell."""
        process = self.processes.get(name)
        if process and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.kills += 1

    async def stop(self) -> dict[str, int]:
        """SIGTERM to all; their exit codes (0 wanted, R-39)."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        codes = {}
        for name, process in self.processes.items():
            codes[name] = await asyncio.to_thread(process.wait, 30)
        return codes

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One CLI command beside the running service."""
        return subprocess.run(
            [VIGIE, *arguments], env=self.env, capture_output=True, text=True, check=False
        )


class Api:
    """The HTTP API with a key, raising on any answer that is not a success."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {key}"},
            timeout=30, trust_env=False,
        )  # fmt: skip

    async def get(self, path: str, **params: Any) -> Any:
        return self._read(await self._client.get(path, params=params))

    async def post(self, path: str, body: Any, **params: Any) -> Any:
        return self._read(await self._client.post(path, json=body, params=params))

    async def close(self) -> None:
        await self._client.aclose()

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.text[:800]}")
        return answer.json()
