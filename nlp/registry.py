"""Which analyzers are installed. Found by entry points (group `vigie.analyzers`), loaded lazily.

A plugin that cannot be loaded is a value (`Broken`), not an exception: `vigie doctor` shows it and
the rest of the house goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast, get_args

from nlp.api import Analyzer, Kind

GROUP = "vigie.analyzers"


class AnalyzerClass(Protocol):
    """What an entry point names: a class that can be built without arguments."""

    def __call__(self) -> Analyzer: ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin that works. `analyzer` is built; its model is read at first use."""

    name: str
    analyzer: Analyzer


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that does not, and why, in one line."""

    name: str
    target: str
    reason: str


class Registry:
    """The installed analyzers. Nothing is imported before it is asked for.

    points: the entry points to use; default: those of the installed packages.
    """

    def __init__(self, points: Iterable[EntryPoint] | None = None) -> None:
        self._points = tuple(entry_points(group=GROUP) if points is None else points)
        self._cache: dict[EntryPoint, Loaded | Broken] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({point.name for point in self._points}))

    def load(self, name: str) -> Loaded | Broken:
        """One plugin by name. Two packages that claim the same name are both refused."""
        points = [point for point in self._points if point.name == name]
        if not points:
            return Broken(name, "", "no installed package offers this analyzer")
        if len(points) > 1:
            targets = ", ".join(sorted(point.value for point in points))
            return Broken(name, targets, "two packages offer this name: uninstall one")
        if points[0] not in self._cache:
            self._cache[points[0]] = _build(points[0])
        return self._cache[points[0]]

    def all(self) -> tuple[Loaded | Broken, ...]:
        return tuple(self.load(name) for name in self.names())

    def broken(self) -> tuple[Broken, ...]:
        return tuple(found for found in self.all() if isinstance(found, Broken))

    def of_kind(self, kind: Kind) -> tuple[Analyzer, ...]:
        """The analyzers of one kind that work, by name."""
        found = (entry for entry in self.all() if isinstance(entry, Loaded))
        return tuple(entry.analyzer for entry in found if entry.analyzer.kind == kind)

    def table(self, kind: Kind) -> dict[str, Analyzer]:
        """Language → analyzer, for a Router; "*" for one made for any language.

        Where two claim a language, the first by name keeps it.
        """
        table: dict[str, Analyzer] = {}
        for analyzer in self.of_kind(kind):
            for language in sorted(analyzer.languages or {"*"}):
                table.setdefault(language, analyzer)
        return table


def _build(point: EntryPoint) -> Loaded | Broken:
    # A plugin is foreign code: whatever it raises while loading is its own fault, and is reported.
    try:
        analyzer = cast(AnalyzerClass, point.load())()
    except Exception as error:
        return Broken(point.name, point.value, f"{type(error).__name__}: {error}")
    wrong = _missing(analyzer)
    return Broken(point.name, point.value, wrong) if wrong else Loaded(point.name, analyzer)


def _missing(analyzer: object) -> str:
    for name in ("kind", "languages", "requires", "analyze"):
        if not hasattr(analyzer, name):
            return f"is no analyzer: `{name}` is missing"
    kind = getattr(analyzer, "kind", None)
    return "" if kind in get_args(Kind) else f"unknown kind of analyzer: {kind!r}"
