"""The tree of the result, in Vigie's terms: made positive where Vigie demands it, and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

_LEVELS = {"any": 0, "all": 1, "no": 2, "near": 3, "term": 4}
_SEARCHED = ("title:", "body:", "author:")
_GROUPED = (*_SEARCHED, "site:", "url:", "lang:", "country:", "source:")


@dataclass(frozen=True, slots=True)
class Term:
    """field: `site:`, `case=`, or "" for a bare term."""

    text: str
    start: int
    end: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    first: Plain
    rest: tuple[tuple[str, Plain], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class All:
    children: tuple[Plain, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Any:
    children: tuple[Plain, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class No:
    child: Plain
    start: int
    end: int


Plain: TypeAlias = Term | Near | All | Any | No


def all_of(children: list[Plain], start: int, end: int) -> Plain:
    """One AND; those inside it are spread out and a term stands once, which changes nothing."""
    spread = _once(
        x for each in children for x in (each.children if isinstance(each, All) else (each,))
    )
    return spread[0] if len(spread) == 1 else All(spread, start, end)


def any_of(children: list[Plain], start: int, end: int) -> Plain:
    spread = _once(
        x for each in children for x in (each.children if isinstance(each, Any) else (each,))
    )
    return spread[0] if len(spread) == 1 else Any(spread, start, end)


def _once(nodes: Iterable[Plain]) -> tuple[Plain, ...]:
    seen: set[tuple[str, str]] = set()
    kept: list[Plain] = []
    for node in nodes:
        if isinstance(node, Term):
            if (node.field, node.text) in seen:
                continue
            seen.add((node.field, node.text))
        kept.append(node)
    return tuple(kept)


def near_field(nodes: Iterable[Plain]) -> str | None:
    """Whether Vigie takes these beside each other in a distance: "" for bare terms, the field that
    stands around it where they all have the same one, None where it does not."""
    fields: set[str | None] = set()
    for node in nodes:
        match node:
            case Term(field=field):
                known = "" if field == "case=" else field
                fields.add(known if known in ("", *_SEARCHED) else None)
            case Near(first, rest):
                fields.add(near_field((first, *(each for _, each in rest))))
            case Any(children):
                fields.add(near_field(children))
            case _:
                fields.add(None)
    return fields.pop() if len(fields) == 1 else None


def finds(node: Plain, *, negated: bool = False) -> bool:
    """Whether every branch has something to find (negated: once it stands behind a NOT)."""
    match node:
        case No(child):
            return finds(child, negated=not negated)
        case All(children):
            some = all if negated else any
            return some(finds(child, negated=negated) for child in children)
        case Any(children):
            some = any if negated else all
            return some(finds(child, negated=negated) for child in children)
        case _:
            return not negated


def repaired(node: Plain, lonely: list[Plain]) -> Plain | None:
    """The node without the OR branches that only exclude (they go to `lonely`), None where there
    is nothing but those."""
    if finds(node):
        return node
    if isinstance(node, Any):
        kept: list[Plain] = []
        for child in node.children:
            fixed = repaired(child, lonely)
            if fixed is None:
                lonely.append(child)
            else:
                kept.append(fixed)
        return any_of(kept, node.start, node.end) if kept else None
    if isinstance(node, All):
        for at, child in enumerate(node.children):
            if not isinstance(child, Any):
                continue
            below: list[Plain] = []
            if (fixed := repaired(child, below)) is not None:
                lonely.extend(below)
                children = (*node.children[:at], fixed, *node.children[at + 1 :])
                return replace(node, children=children)
    return None


def written(node: Plain) -> str:
    match node:
        case Term(text, field=field):
            return field + text
        case Near():
            field = near_field((node,)) or ""
            return f"{field}({_chain(_bare(node))})" if field else _chain(node)
        case No(child):
            return f"NOT {_inside(child, 'term')}"
        case All(children):
            texts = [_inside(child, "no") for child in children]
            joined = (x if x.startswith("NOT ") else f"AND {x}" for x in texts[1:])
            return " ".join((texts[0], *joined))
        case Any(children):
            if field := _one_field(children):
                return f"{field}({' OR '.join(x.text for x in children if isinstance(x, Term))})"
            return " OR ".join(_inside(child, "no") for child in children)


def _chain(node: Near) -> str:
    parts = (f"{operator} {_inside(each, 'term')}" for operator, each in node.rest)
    return " ".join((_inside(node.first, "term"), *parts))


def _bare(node: Near) -> Near:
    """Without the field, which stands around the whole."""
    rest = tuple((operator, _unfielded(each)) for operator, each in node.rest)
    return replace(node, first=_unfielded(node.first), rest=rest)


def _unfielded(node: Plain) -> Plain:
    match node:
        case Term(field=field):
            return replace(node, field="" if field in _SEARCHED else field)
        case Near():
            return _bare(node)
        case Any(children):
            return replace(node, children=tuple(_unfielded(child) for child in children))
        case _:
            return node


def _one_field(children: tuple[Plain, ...]) -> str:
    fields = {child.field if isinstance(child, Term) else "" for child in children}
    field = fields.pop() if len(fields) == 1 else ""
    return field if field in _GROUPED else ""


def _inside(node: Plain, least: str) -> str:
    """Written, in parentheses where it binds more loosely than `least` asks."""
    level = "any" if isinstance(node, Any) else type(node).__name__.lower()
    if isinstance(node, Any) and _one_field(node.children):
        level = "term"
    if isinstance(node, Near) and near_field((node,)):
        level = "term"
    text = written(node)
    return text if _LEVELS[level] >= _LEVELS[least] else f"({text})"
