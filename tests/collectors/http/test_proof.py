from __future__ import annotations

import ast
from pathlib import Path

import pytest

from collectors.http import engine, self_test


async def test_the_guard_is_in_force_with_the_installed_libraries() -> None:
    await self_test()


async def test_the_self_test_notices_a_guard_that_does_not_take_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "_guard", lambda *_: None)
    with pytest.raises(RuntimeError, match="guard is not in force"):
        await self_test()


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_a_successor_of_httpx_costs_one_file() -> None:
    folder = Path(engine.__file__).parent
    users = {p.name for p in folder.glob("*.py") if _imports(p) & {"httpx", "httpcore"}}
    assert users == {"engine.py"}


def test_nothing_but_the_guard_opens_http_connections() -> None:
    root = Path(engine.__file__).parents[2]
    others = {"httpx", "httpcore", "requests", "urllib3", "aiohttp"}
    paths = [p for name in ("app", "collectors", "nlp") for p in (root / name).rglob("*.py")]
    users = {str(p.relative_to(root)) for p in paths if _imports(p) & others}
    assert users == {"collectors/http/engine.py"}
