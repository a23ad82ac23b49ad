"""The transports installed here: found by entry point, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from app.deliveries.transports.base import Transport
from app.errors import Invalid

GROUP = "vigie.transports"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that cannot be used, for `vigie doctor`."""

    kind: str
    reason: str


def kinds() -> tuple[str, ...]:
    """Names of all installed transports, sorted; a broken one is among them."""
    return tuple(sorted(_points()))


def transport_class(kind: str) -> type[Transport]:
    """The class of a kind. Raises Invalid where there is none or it does not load."""
    point = _points().get(kind)
    if point is None:
        known = ", ".join(kinds())
        raise Invalid(
            f"There is no channel of kind '{kind}'; choose one of {known}.",
            fr=f"Aucun canal de type « {kind} » ; choisissez parmi {known}.",
            field="kind",
        )
    try:
        loaded: type[Transport] = point.load()
    except Exception as error:
        raise Invalid(
            f"The transport '{kind}' cannot be loaded: {type(error).__name__}: {error}",
            fr=f"Le transport « {kind} » ne se charge pas : {type(error).__name__} : {error}",
            field="kind",
        ) from error
    return loaded


def broken() -> tuple[Broken, ...]:
    """The transports that do not load, with the reason."""
    found = []
    for kind in kinds():
        try:
            transport_class(kind)
        except Invalid as error:
            found.append(Broken(kind, error.message))
    return tuple(found)


@cache
def _points() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
