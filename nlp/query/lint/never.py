"""Clauses that can never match: `a -a`, `lang:fr lang:en`, `likes>10 likes<5`, `#a -a`.

Only what is provably empty. NOT is pushed down to the leaves first; then an AND, with all ANDs
around it, is a set of facts that must hold together, and a leaf that cannot join them empties its
branch. An OR is empty where all its branches are.

Each leaf is weighed once against the facts in force, by a few look-ups in as many tables as there
are groups around it, at most twice the depth of parentheses: linear in the query.
"""

from __future__ import annotations

from collections.abc import Iterator

from nlp.query.ast import And, Node, Or, Query
from nlp.query.lint.facts import Facts, excluded_prefixes
from nlp.query.normal import push_not
from nlp.query.speech.base import shown
from nlp.query.values import Note
from nlp.query.walk import flattened


def never_notes(query: Query) -> Iterator[Note]:
    root = push_not(query.root)
    branches: list[Node] = []
    dead = [root] if _is_dead(root, Facts(excluded_prefixes(root)), branches) else branches
    for node in dead:
        written = shown(query.source[node.start : node.end])
        yield Note(
            "never_matches",
            node.start,
            f"Aucune publication ne peut remplir cette condition, elle se contredit : {written}",
            f"No post can ever match this clause, it contradicts itself: {written}",
            node.end,
        )


def _is_dead(node: Node, facts: Facts, branches: list[Node]) -> bool:
    """Whether the node cannot hold beside the facts.

    branches: gets the parts of it that cannot, where the node itself can.
    """
    below: list[Node] = []
    if isinstance(node, Or):
        alternatives = list(flattened(node))
        dead = [one for one in alternatives if _is_dead(one, facts.within(), below)]
        if len(dead) == len(alternatives):
            return True
        branches += dead + below
        return False
    parts = list(flattened(node)) if isinstance(node, And) else [node]
    for part in parts:
        if not isinstance(part, Or) and not facts.add(part):
            return True
    for part in parts:
        if isinstance(part, Or) and _is_dead(part, facts, below):
            return True
    branches += below
    return False
