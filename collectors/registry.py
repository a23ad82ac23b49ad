"""Which collectors there are: entry points of the group `vigie.collectors`, ours included.

Nothing is imported until it is asked for, and a plugin that cannot be imported is a value
(`Broken`), never an exception: one bad plugin must not take the service down.
Entry points appear when a distribution is installed; after adding one, install again.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from collectors.api import Capabilities, Collector, CollectorConfig
from collectors.errors import NeedsAttention

GROUP: Final = "vigie.collectors"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that is registered and cannot be used."""

    kind: str
    error: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All collectors that can be used, and those that cannot. Both sorted by kind."""

    collectors: Mapping[str, type[Collector]]
    broken: tuple[Broken, ...]


def kinds(found: Iterable[EntryPoint] | None = None) -> dict[str, EntryPoint]:
    """The registered kinds, sorted, nothing loaded.

    found: entry points to take instead of the installed ones.
    Raises NeedsAttention where two plugins claim one kind: which of them reads a source would
    depend on the order of installation.
    """
    by_kind: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP) if found is None else found:
        other = by_kind.setdefault(point.name, point)
        if other.value != point.value:
            raise NeedsAttention(
                f"two plugins claim the collector kind {point.name!r}: {other.value} and "
                f"{point.value}; uninstall one of them"
            )
    return dict(sorted(by_kind.items()))


def load(kind: str, found: Iterable[EntryPoint] | None = None) -> type[Collector]:
    """The class of one kind. Raises NeedsAttention where it is unknown or cannot be used.

    What was loaded once from the installed ones is kept: reading the entry points of an
    environment costs some 20 ms, and every poll asks for its collector.
    """
    return _installed(kind) if found is None else _chosen(kind, found)


@cache
def _installed(kind: str) -> type[Collector]:
    return _chosen(kind, None)


def _chosen(kind: str, found: Iterable[EntryPoint] | None) -> type[Collector]:
    registered = kinds(found)
    if kind not in registered:
        near = difflib.get_close_matches(kind, registered, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(registered)}"
        raise NeedsAttention(f"no collector of kind {kind!r}; {hint}")
    loaded = _load(registered[kind])
    if isinstance(loaded, Broken):
        raise NeedsAttention(f"the collector {kind!r} cannot be used: {loaded.error}")
    return loaded


def catalogue(found: Iterable[EntryPoint] | None = None) -> Catalogue:
    """Load every kind. Raises NeedsAttention as kinds() does."""
    loaded = {kind: _load(point) for kind, point in kinds(found).items()}
    return Catalogue(
        collectors={kind: one for kind, one in loaded.items() if not isinstance(one, Broken)},
        broken=tuple(one for one in loaded.values() if isinstance(one, Broken)),
    )


def _load(point: EntryPoint) -> type[Collector] | Broken:
    try:
        plugin: Any = point.load()
    except Exception as error:  # a stranger's module may raise anything while it is imported
        return Broken(point.name, f"{type(error).__name__}: {error}")
    problem = _problem(plugin, point.name)
    return Broken(point.name, problem) if problem else plugin


def _problem(plugin: Any, kind: str) -> str:
    """Why a loaded object is no collector of that kind; "" where it is one."""
    if not isinstance(plugin, type):
        return f"{plugin!r} is not a class"
    missing = [name for name in ("check", "poll", "platform") if not hasattr(plugin, name)]
    if missing:
        return f"{plugin.__name__} lacks {', '.join(missing)}"
    if getattr(plugin, "kind", None) != kind:
        return f"{plugin.__name__}.kind is {getattr(plugin, 'kind', None)!r}, not {kind!r}"
    config = getattr(plugin, "Config", None)
    if not (isinstance(config, type) and issubclass(config, CollectorConfig)):
        return f"{plugin.__name__}.Config is no CollectorConfig"
    if not isinstance(getattr(plugin, "capabilities", None), Capabilities):
        return f"{plugin.__name__}.capabilities is no Capabilities"
    return ""
