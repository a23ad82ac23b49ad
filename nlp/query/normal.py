"""NOT pushed down to the leaves, and the rule that every branch finds something."""

from __future__ import annotations

from nlp.query.ast import And, Node, Not, Or
from nlp.query.errors import QueryError


def push_not(node: Node, *, negative: bool = False) -> Node:
    """An equal tree in which NOT stands before leaves only."""
    match node:
        case Not(child) if not negative and not isinstance(child, And | Or | Not):
            return node
        case Not(child):
            return push_not(child, negative=not negative)
        case And(children, start, end) | Or(children, start, end):
            below = tuple(push_not(child, negative=negative) for child in children)
            conjunction = isinstance(node, And) != negative
            return And(below, start, end) if conjunction else Or(below, start, end)
        case _:
            return Not(node, node.start, node.end) if negative else node


def check_positive(root: Node, source: str) -> None:
    """Raise QueryError at the first OR branch that has exclusions only."""
    lonely = _only_negative(push_not(root))
    if lonely is not None:
        raise QueryError("only_negative", lonely.start, source)


def _only_negative(node: Node) -> Node | None:
    """The branch at fault, or None. An AND needs one child that finds something; an OR, all."""
    match node:
        case Not():
            return node
        case And(children):
            faults = [_only_negative(child) for child in children]
            return None if any(fault is None for fault in faults) else faults[0]
        case Or(children):
            return next((f for child in children if (f := _only_negative(child))), None)
        case _:
            return None
