"""Collectors are found by entry points; a broken one is told and harms no other."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from collectors.errors import NeedsAttention
from collectors.registry import GROUP, Broken, catalogue, kinds, load

ROOT = Path(__file__).parents[2]


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def declared() -> list[EntryPoint]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [point(name, value) for name, value in project["entry-points"][GROUP].items()]


def test_every_folder_is_declared_and_every_declared_collector_loads() -> None:
    folders = {path.parent.name for path in (ROOT / "collectors").glob("*/collector.py")}
    assert set(kinds(declared())) == folders
    found = catalogue(declared())
    assert set(found.collectors) == folders
    assert found.broken == ()


def test_every_collector_has_a_readme_and_cases() -> None:
    for kind in kinds(declared()):
        readme = (ROOT / "collectors" / kind / "README.md").read_text()
        assert readme.startswith("---\n")
        assert "\nlevel: " in readme
        # To a webhook nothing can be played: it is called, in tests/app/intake.
        cases = ROOT / "tests" / "collectors" / "cases" / kind
        assert kind == "webhook" or any(cases.iterdir())


def test_nothing_is_loaded_by_naming_the_kinds() -> None:
    assert set(kinds([point("x", "no.such.module:X")])) == {"x"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no.such.module:X", "ModuleNotFoundError"),
        ("collectors.rss.collector:Nothing", "AttributeError"),
        ("collectors.rss.collector:PAGE", "not a class"),
        ("collectors.rss.collector:RssConfig", "lacks check, poll"),
        ("collectors.rss.collector:Rss", "kind is 'rss', not 'odd'"),
    ],
)
def test_a_broken_plugin_is_a_value_and_the_others_load(value: str, reason: str) -> None:
    found = catalogue([point("odd", value), *declared()])
    assert [broken.kind for broken in found.broken] == ["odd"]
    assert reason in found.broken[0].error
    assert isinstance(found.broken[0], Broken)
    assert "rss" in found.collectors
    with pytest.raises(NeedsAttention, match="cannot be used"):
        load("odd", [point("odd", value)])


def test_two_plugins_of_one_kind_are_an_error_that_names_both() -> None:
    with pytest.raises(NeedsAttention, match=r"a:X and b:Y"):
        kinds([point("x", "a:X"), point("x", "b:Y")])


def test_one_plugin_that_is_seen_twice_is_no_error() -> None:
    assert len(kinds([point("x", "a:X"), point("x", "a:X")])) == 1


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(NeedsAttention, match="did you mean 'mastodon'"):
        load("mastodn", declared())
