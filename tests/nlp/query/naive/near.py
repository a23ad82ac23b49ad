"""NEAR and ONEAR: every pair of an occurrence of the left and one of the right."""

from __future__ import annotations

from nlp.query.ast import Near, Operand, Or, Words
from tests.nlp.query.naive import words
from tests.nlp.query.naive.reading import Token, read
from tests.nlp.query.naive.words import Occurrence
from tests.nlp.query.naive.world import World


def occurrences(node: Operand, text: str, world: World) -> frozenset[Occurrence]:
    if isinstance(node, Words):
        return words.occurrences(node, text, world)
    if isinstance(node, Or):
        found = [occurrences(child, text, world) for child in node.children]  # type: ignore[arg-type]  # the parser lets only operands in
        return frozenset().union(*found)
    pairs = (
        (left, right)
        for left in occurrences(node.left, text, world)
        for right in occurrences(node.right, text, world)
    )
    return frozenset(cover(*pair) for pair in pairs if are_near(node, *pair, read(text)))


def are_near(node: Near, left: Occurrence, right: Occurrence, tokens: tuple[Token, ...]) -> bool:
    if left.end <= right.start:
        between = tokens[left.last + 1 : right.first]
    elif right.end <= left.start and not node.ordered:
        between = tokens[right.last + 1 : left.first]
    else:
        return False
    return len(between) <= node.distance and not any(t.kind == "barrier" for t in between)


def cover(left: Occurrence, right: Occurrence) -> Occurrence:
    return Occurrence(
        min(left.start, right.start),
        max(left.end, right.end),
        min(left.first, right.first),
        max(left.last, right.last),
    )
