"""The example package is what a third party would have: its own wheel, installed beside Vigie."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "vigie-extras"
VIGIE = Path(sys.executable).parent / "vigie"


@dataclass(frozen=True)
class Installed:
    """The copy of the sources that the wheel was made of, and where the wheel is installed."""

    sources: Path
    site: Path

    def run(self, command: Sequence[str | Path]) -> str:
        """What a command says with the wheel installed, away from any checkout."""
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.site)}
        return run(command, cwd=self.sources, environment=environment)


def run(command: Sequence[str | Path], *, cwd: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built and installed without network and without touching the environment."""
    root = tmp_path_factory.mktemp("extras")
    sources, wheels, site = root / "sources", root / "wheels", root / "site"
    shutil.copytree(EXAMPLE, sources, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"}
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, sources]
    run(build, cwd=root, environment=offline)
    made = list(wheels.glob("vigie_extras-*.whl"))
    assert len(made) == 1
    run([*pip, "install", "--no-deps", "--target", site, *made], cwd=root, environment=offline)
    shutil.rmtree(sources / "src")  # what is tried is what was installed
    return Installed(sources, site)


def test_its_kinds_are_found_once_it_is_installed(installed: Installed) -> None:
    kinds = {line.split("\t")[0] for line in installed.run([VIGIE, "source", "kinds"]).splitlines()}
    assert {"devto", "lobsters", "rss"} <= kinds


def test_it_keeps_the_contract_from_its_own_wheel(installed: Installed) -> None:
    said = installed.run([sys.executable, "-W", "ignore", "-m", "pytest", "-q", "tests"])
    assert " passed" in said


def test_it_imports_of_vigie_the_collectors_library_only() -> None:
    files = sorted((EXAMPLE / "src").rglob("*.py"))
    found = {name for file in files for name in imported(file)}
    assert {"collectors.api", "collectors.errors"} <= found
    assert not {name for name in found if name.split(".")[0] in ("app", "nlp", "migrations")}
    assert not {name for name in found if name.startswith("collectors.") and name.count(".") == 2
                and not name.startswith("collectors.http.")}, "another kind's inside"  # fmt: skip


def imported(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
