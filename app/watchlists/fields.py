"""Which fields of a watchlist and a brand may be changed, and how each is cleaned and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import AppError, Invalid
from app.watchlists import rules


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields may be changed, and how each is cleaned and judged."""

    clean: Mapping[str, Callable[[Any], Any]]
    judge: Mapping[str, Callable[[Any], rules.Problem | None]] = field(default_factory=dict)


_WATCHLIST = Shape(
    clean={
        "name": rules.clean_name, "zone": str.strip, "language": str, "owner": rules.clean_name,
        "purpose": str.strip, "pseudonymous": bool,
    },
    judge={
        "name": rules.name_problem,
        "zone": rules.zone_problem,
        "language": lambda value: rules.choice_problem("language", value, rules.LANGUAGES),
    },
)  # fmt: skip

_BRAND = Shape(
    clean={
        "name": rules.clean_name, "kind": str, "color": str.strip, "active": bool,
        "aliases": rules.clean_list,
        "domains": lambda values: rules.clean_list(map(rules.clean_domain, values)),
        "handles": lambda values: rules.clean_list(map(rules.clean_handle, values)),
    },
    judge={
        "name": rules.name_problem,
        "kind": lambda value: rules.choice_problem("kind", value, rules.KINDS),
        "domains": lambda values: next(filter(None, map(rules.domain_problem, values)), None),
    },
)  # fmt: skip


def watchlist_values(changes: Mapping[str, Any]) -> dict[str, Any]:
    return _values(_WATCHLIST, changes)


def brand_values(changes: Mapping[str, Any]) -> dict[str, Any]:
    return _values(_BRAND, changes)


def _values(shape: Shape, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values. Raises Invalid for an unknown field or one that cannot be accepted."""
    values: dict[str, Any] = {}
    for name, given in changes.items():
        if name not in shape.clean:
            known = ", ".join(shape.clean)
            raise Invalid(
                f"{name} cannot be changed; there are: {known}.",
                fr=f"{name} ne peut pas être modifié ; il y a : {known}.",
                field=name,
            )
        values[name] = shape.clean[name](given)
        problem = shape.judge[name](values[name]) if name in shape.judge else None
        if problem is not None:
            raise invalid(problem)
    return values


def invalid(problem: rules.Problem) -> AppError:
    """The error that tells of a rule's problem."""
    return Invalid(problem.en, fr=problem.fr, field=problem.field)
