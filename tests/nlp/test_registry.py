from __future__ import annotations

import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

from nlp.registry import GROUP, Broken, Loaded, Registry

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def built_in() -> list[EntryPoint]:
    return [point(*pair) for pair in PROJECT["project"]["entry-points"][GROUP].items()]


def test_every_analyzer_of_the_project_loads() -> None:
    registry = Registry(built_in())
    assert registry.broken() == ()
    assert set(registry.table("sentiment")) == {"en", "fr"}
    assert set(registry.table("language")) == {"*"}


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    Registry([point("lazy", "antigravity:nothing")]).names()
    assert "antigravity" not in sys.modules


def test_a_broken_plugin_is_a_value_and_the_others_go_on() -> None:
    points = [*built_in(), point("gone", "no_such_package:X"), point("odd", "json:JSONDecoder")]
    registry = Registry(points)
    assert {found.name: type(found) for found in registry.all()}["language"] is Loaded
    reasons = {found.name: found.reason for found in registry.broken()}
    assert "no_such_package" in reasons["gone"]
    assert "kind" in reasons["odd"]


def test_two_packages_with_one_name_are_both_refused() -> None:
    twice = [point("language", "nlp.language.analyzer:LangId"), point("language", "json:loads")]
    found = Registry(twice).load("language")
    assert isinstance(found, Broken)
    assert "uninstall one" in found.reason


def test_a_name_nobody_offers_is_a_value_too() -> None:
    assert isinstance(Registry([]).load("nothing"), Broken)
