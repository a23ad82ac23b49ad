"""`mastodon-mock` from PyPI: a stateful server that speaks Mastodon's API."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

TAG = "vigietest"


class Mastodon:
    """A private instance on loopback; `post` makes statuses with a tag."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> dict[str, Any]:
        return {"instance": self.url, "hashtags": [TAG], "token": "mock_token"}

    async def __aenter__(self) -> Mastodon:
        script = Path(sys.executable).with_name("mastodon_mock")
        self._process = subprocess.Popen(
            [str(script), "serve", "--in-memory", "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(200):
                try:
                    await client.get(f"{self.url}/api/v1/instance")
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
                else:
                    return self
        raise RuntimeError("mastodon-mock did not start")

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        await asyncio.to_thread(self._process.wait, 10)

    async def post(self, count: int) -> None:
        headers = {"Authorization": "Bearer mock_token"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            for number in range(count):
                body = {"status": f"Delayed again, take {number} #{TAG}"}
                answer = await client.post(f"{self.url}/api/v1/statuses", json=body)
                answer.raise_for_status()
