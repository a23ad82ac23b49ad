"""Exclusions that take nothing away, as far as the stored items tell.

Nothing is counted here: `exclusions` says what to count, the service counts, `lint_measured`
judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from nlp.query.ast import And, Node, Not, Or, Query
from nlp.query.speech.base import shown
from nlp.query.values import Note

MAX_EXCLUSIONS = 20
"""Each is a query of its own to count."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A NOT of a query. query: finds the items that it takes away."""

    position: int
    end: int
    query: Query


def exclusions(query: Query) -> list[Exclusion]:
    """The first exclusions of a query that stand in an AND, in the order of the source."""
    return [
        Exclusion(node.start, node.end, Query(query.source, _turned(query.root, node)))
        for node in islice(_nots(query.root), MAX_EXCLUSIONS)
    ]


def lint_measured(query: Query, counts: Mapping[int, int]) -> list[Note]:
    """counts: by the position of an exclusion, how many stored items its query finds."""
    notes = []
    for node in _nots(query.root):
        if counts.get(node.start) == 0:
            written = shown(query.source[node.start : node.end])
            notes.append(
                Note(
                    "useless_exclusion",
                    node.start,
                    f"{written} n'écarte aucune des publications enregistrées.",
                    f"{written} takes none of the stored posts away.",
                    node.end,
                    "",
                )
            )
    return notes


def _nots(node: Node) -> Iterator[Not]:
    match node:
        case And(children) | Or(children):
            for child in children:
                if isinstance(child, Not) and isinstance(node, And):
                    yield child
                else:
                    yield from _nots(child)
        case _:
            return


def _turned(node: Node, wanted: Not) -> Node:
    """The tree with what `wanted` excludes asked for instead, and of each OR around it that branch
    alone: so it finds what would match without the exclusion, and does not with it."""
    if node is wanted:
        return wanted.child
    match node:
        case And(children):
            turned = tuple(_turned(child, wanted) for child in children)
            return replace(node, children=turned)
        case Or(children):
            inside = next((child for child in children if _holds(child, wanted)), None)
            return node if inside is None else _turned(inside, wanted)
        case _:
            return node


def _holds(node: Node, wanted: Not) -> bool:
    return node.start <= wanted.start and wanted.end <= node.end
