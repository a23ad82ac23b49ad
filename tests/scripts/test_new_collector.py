"""scripts/new-collector makes a collector that keeps the contract as it comes."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from collectors.testing import CollectorContract
from scripts.new_collector import main, make, with_entry

PYPROJECT = Path("pyproject.toml").read_text("utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, "utf-8")
    return tmp_path


def suite(root: Path, kind: str, name: str) -> Any:
    path = root / f"collectors/{kind}/collector.py"
    spec = importlib.util.spec_from_file_location(f"made_{kind}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    cases = root / f"tests/collectors/cases/{kind}"
    collector = getattr(module, name)
    return type("Suite", (CollectorContract,), {"collector": collector, "cases": cases})()


def test_what_is_made_keeps_every_rule_of_the_contract(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("web_shop", root)
    made = suite(root, "web_shop", "WebShop")
    with monkeypatch.context() as patch:
        patch.setenv("VIGIE_UPDATE_CASES", "1")
        made.test_03_the_golden_cases_hold()
    rules = [name for name in dir(made) if name.startswith("test_")]
    assert len(rules) >= 18
    for rule in rules:
        getattr(made, rule)()


def test_the_entry_point_is_added_in_its_place(root: Path) -> None:
    make("shop", root)
    points = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    kinds = list(points["vigie.collectors"])
    assert points["vigie.collectors"]["shop"] == "collectors.shop.collector:Shop"
    assert kinds == sorted(kinds)


def test_nothing_else_of_the_project_file_changes() -> None:
    changed = with_entry(PYPROJECT, "shop")
    assert changed.replace('shop = "collectors.shop.collector:Shop"\n', "") == PYPROJECT


@pytest.mark.parametrize("kind", ["Shop", "1shop", "../shop", "a", "sh op", "é" * 3])
def test_a_kind_that_is_no_name_is_refused(kind: str, root: Path) -> None:
    with pytest.raises(ValueError, match="lower case"):
        make(kind, root)


def test_nothing_that_exists_is_written_over(root: Path) -> None:
    make("shop", root)
    with pytest.raises(ValueError, match="exists already"):
        make("shop", root)


def test_wrong_use_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["new-collector"])
    assert main() == 2
    assert capsys.readouterr().err.startswith("usage:")
