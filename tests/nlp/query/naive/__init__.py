"""A slow evaluator of the whole query language, written from its reference page and apart from
`nlp.query`'s own: loops over code points and plain regular expressions, every occurrence of every
term listed, no automaton, no index. It shares `fold`, the parser's units and the tree with the fast
one, nothing else. Whatever can be said twice is said the slow way here.
"""

from __future__ import annotations

from nlp.query.ast import And, Dates, Flag, Near, Node, Not, Or, Range, Value, Words
from nlp.query.values import Text
from tests.nlp.query.naive import near, properties, words
from tests.nlp.query.naive.world import World

__all__ = ["World", "matches", "only_negative"]


def matches(node: Node, text: Text, world: World | None = None) -> bool:
    world = world or World()
    match node:
        case And(children):
            return all(matches(child, text, world) for child in children)
        case Or(children):
            return any(matches(child, text, world) for child in children)
        case Not(child):
            return not matches(child, text, world)
        case Words():
            return any(words.occurrences(node, part, world) for part in words.scope(node, text))
        case Near():
            fields = (text.title, text.body)
            return any(near.occurrences(node, field, world) for field in fields)
        case Value():
            return properties.value(node, text)
        case Flag():
            return properties.flag(node, text)
        case Range():
            return properties.number(node, text)
        case Dates():
            return properties.published(node, text, world)


def only_negative(node: Node) -> bool:
    """Whether some way to satisfy the query needs nothing to be there: all ways are written out."""
    return any(not any(way) for way in ways(node, positive=True))


def ways(node: Node, *, positive: bool) -> list[list[bool]]:
    """The branches of the query in disjunctive form: for each the signs of its leaves."""
    if isinstance(node, Not):
        return ways(node.child, positive=not positive)
    if isinstance(node, And | Or):
        branches = [ways(child, positive=positive) for child in node.children]
        if isinstance(node, And) is not positive:
            return [way for branch in branches for way in branch]
        product: list[list[bool]] = [[]]
        for branch in branches:
            # Only the signs matter, so ways that say the same are kept once.
            joined = {tuple(sorted({*way, *more})) for way in product for more in branch}
            product = [list(way) for way in joined]
        return product
    return [[positive]]
