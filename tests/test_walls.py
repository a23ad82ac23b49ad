"""The walls of DESIGN §4 bite: each is broken once on a sample and the linter says so."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.walls import faults_in

CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(".importlinter")

BREACHES = {
    "leaf-collectors": ("collectors/breach.py", "import sqlalchemy"),
    "leaf-nlp": ("nlp/breach.py", "import collectors.api"),
    "httpx": ("app/breach.py", "import httpx"),
    "apscheduler": ("app/breach.py", "import apscheduler"),
    "procrastinate": ("app/breach.py", "import procrastinate"),
    "rules": ("app/alerts/rules.py", "import app.clock"),
    "models": ("app/models/breach.py", "import collectors.api"),
    "web-on-top": ("app/alerts/service.py", "import fastapi"),
}
SKELETON = [
    "app/__init__.py", "app/clock.py", "app/services.py", "app/main.py", "app/models/__init__.py",
    "app/db/__init__.py", "app/web/__init__.py", "app/jobs/__init__.py", "app/jobs/embedded.py",
    "app/jobs/queue.py", "app/alerts/__init__.py", "app/alerts/rules.py", "app/alerts/queries.py",
    "app/alerts/service.py", "app/alerts/routes.py", "app/deliveries/__init__.py",
    "app/digests/__init__.py", "app/ingest/__init__.py", "collectors/__init__.py",
    "collectors/api.py", "collectors/http/__init__.py", "nlp/__init__.py", "migrations/__init__.py",
]  # fmt: skip
ALLOWED = {
    "app/jobs/embedded.py": "import apscheduler",
    "app/jobs/queue.py": "import procrastinate",
    "collectors/http/client.py": "import httpx\nimport httpcore",
}


def lint(folder: Path, breach: tuple[str, str] | None) -> subprocess.CompletedProcess[str]:
    """Run the real contracts over a small house of the same shape."""
    for name in SKELETON:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name, text in ALLOWED.items():
        (folder / name).write_text(text)
    if breach:
        (folder / breach[0]).write_text(breach[1])
    (folder / ".importlinter").write_text(Path(".importlinter").read_text())
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(script), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_contract_has_its_breach() -> None:
    named = {s.split(":")[-1] for s in CONTRACTS.sections() if s.count(":") == 2}
    assert named == set(BREACHES)


def test_a_house_in_order_passes(tmp_path: Path) -> None:
    result = lint(tmp_path, None)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_of_the_contract_is_found(contract: str, tmp_path: Path) -> None:
    result = lint(tmp_path, BREACHES[contract])
    title = CONTRACTS[f"importlinter:contract:{contract}"]["name"]
    assert result.returncode == 1
    assert f"{title} BROKEN" in result.stdout


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("app.alerts.service", "from app.mentions.store import change_label"),
        ("app.alerts.service", "from app.mentions import queries"),
        ("app.web.pages", "from app.mentions import store"),
        ("app.alerts.queries", "from sqlalchemy.dialects import postgresql"),
        ("app.alerts.queries", "def f(s): return s.bind.dialect.name"),
    ],
)
def test_a_slice_that_reaches_into_another_is_found(importer: str, source: str) -> None:
    assert list(faults_in(importer, source))


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("app.alerts.service", "from app.mentions.service import list_mentions"),
        ("app.alerts.service", "from app.alerts import queries"),
        ("app.mentions.routes", "from app.watchlists.queries import names"),
        ("app.db.upsert", "from sqlalchemy.dialects import postgresql"),
    ],
)
def test_the_open_doors_stay_open(importer: str, source: str) -> None:
    assert not list(faults_in(importer, source))
