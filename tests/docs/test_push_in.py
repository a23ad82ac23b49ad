"""The examples of "Push posts in" are run, word by word, against a server."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.clock import SystemClock
from tests.support.web import open_house

PAGES = [Path("docs/how-to") / name for name in ("push-in.md", "push-in.fr.md")]


def _example(page: Path, kind: str) -> str:
    text = page.read_text("utf-8")
    found = re.findall(rf"^   ```{kind}\n(.*?)^   ```", text, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, page
    return "".join(line.removeprefix("   ") for line in found[0].splitlines(keepends=True))


async def _run(*command: str, env: dict[str, str]) -> Any:
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


def test_both_languages_show_the_same_examples() -> None:
    for kind in ("bash", "python"):
        assert _example(PAGES[0], kind) == _example(PAGES[1], kind)


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("openssl")), reason="curl or openssl is missing"
)
async def test_the_examples_are_accepted(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "vigie.db"
    shutil.copy(sqlite_template, path)
    # The examples sign by the real clock, so the server has it too.
    async with open_house(f"sqlite:///{path}", tmp_path, SystemClock()) as house:  # type: ignore[arg-type]
        async with house.as_key("write") as writer:
            await writer.post("/api/v1/watchlists", json={"name": "A"})
            made = await writer.post(
                "/api/v1/sources", json={"kind": "webhook", "name": "CRM", "config": {}}
            )
        source = made.json()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, lifespan="off"))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            env = {
                "PATH": "/usr/bin:/bin",
                "SECRET": source["signing_secret"],
                "PUSH_TO": f"http://127.0.0.1:{port}/api/v1/intake/{source['id']}",
            }
            shell = await _run("bash", "-c", _example(PAGES[0], "bash"), env=env)
            python = await _run(sys.executable, "-c", _example(PAGES[0], "python"), env=env)
            server.should_exit = True
            await serving
    expected = {"accepted": 1, "duplicates": 0, "rejected": [], "repeated": False}
    assert (shell, python) == (expected, expected)
