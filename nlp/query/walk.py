"""Ways through the tree that explain, lint and narrow share.

A chain of NEAR may be as long as the query has terms, so it is walked in a loop; all else is
nested no deeper than its parentheses.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from nlp.query.ast import And, Dates, Flag, Leaf, Near, Node, Not, Operand, Or, Range, Value, Words


def near_chain(near: Near) -> tuple[list[Operand], list[Near]]:
    """`A NEAR/2 B NEAR/3 C`: its operands and its operators, from left to right."""
    operands: list[Operand] = []
    operators: list[Near] = []
    at: Operand = near
    while isinstance(at, Near):
        operators.append(at)
        operands.append(at.right)
        at = at.left
    operands.append(at)
    return operands[::-1], operators[::-1]


def leaves(node: Node, *, negative: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """The leaves in the order of the source, each with whether it is excluded."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child, negative=negative)
        case Not(child):
            yield from leaves(child, negative=not negative)
        case _:
            yield node, negative


def terms(node: Node) -> Iterator[Words]:
    """All words, phrases, tags …, those inside NEAR too."""
    for leaf, _ in leaves(node):
        if isinstance(leaf, Words):
            yield leaf
        elif isinstance(leaf, Near):
            for operand in near_chain(leaf)[0]:
                yield from terms(operand)


def identity(node: Node) -> Hashable:
    """What a node asks, whatever its place in the source: equal for nodes that ask the same."""
    match node:
        case Words(units, slop=slop, scope=scope):
            return "words", units, slop, scope
        case Near():
            operands, operators = near_chain(node)
            steps = tuple((one.distance, one.ordered) for one in operators)
            return "near", tuple(map(identity, operands)), steps
        case Value(field, value, prefix):
            return "value", field, value, prefix
        case Flag(field, value):
            return "flag", field, value
        case Range(metric, low, high):
            return "range", metric, low, high
        case Dates(low, high):
            return "dates", low, high
        case Not(child):
            return "not", identity(child)
        case And(children) | Or(children):
            return type(node).__name__, tuple(map(identity, children))


def flattened(node: And | Or) -> Iterator[Node]:
    """Its parts, those of a group with the same operator inside it included."""
    for child in node.children:
        if isinstance(child, (And, Or)) and type(child) is type(node):
            yield from flattened(child)
        else:
            yield child
