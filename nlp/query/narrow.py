"""What to ask a platform for: a superset of the query, in clauses of plain terms.

The local match always decides, so everything here may only widen: NOT is dropped, what a platform
cannot say is left out, and beyond the caps terms or whole groups are given up.
"""

from __future__ import annotations

from nlp.query.ast import And, Node, Or, Part, Query, Words
from nlp.query.normal import push_not
from nlp.query.values import PlainTerm

MAX_CLAUSES = 20
MAX_TERMS = 5
Clause = tuple[PlainTerm, ...]
Clauses = tuple[Clause, ...]

ANYTHING: Clauses = ((),)
"""One clause that asks for nothing: no narrowing."""


def narrow(query: Query) -> tuple[tuple[PlainTerm, ...], ...]:
    """Any of the clauses, each needing all of its terms; () where nothing can be narrowed."""
    clauses = _clauses(push_not(query.root), query.source)
    return () if clauses == ANYTHING else clauses


def _clauses(node: Node, source: str) -> Clauses:
    match node:
        case Words() if not node.scope and _is_plain(node):
            return _capped(_terms(node))
        case Or(children):
            return _capped([c for child in children for c in _clauses(child, source)])
        case And(children):
            product = ANYTHING
            for child in children:
                product = _times(product, _clauses(child, source))
            return product
        case _:
            return ANYTHING


def _is_plain(node: Words) -> bool:
    parts = [part for unit in node.units for part in unit.parts]
    return node.slop is None and not any(part.wild or part.lemma for part in parts)


def _capped(clauses: list[Clause]) -> Clauses:
    """Without doubles and without clauses that a shorter one includes; too many: no narrowing."""
    distinct = list(dict.fromkeys(clauses))
    if () in distinct or len(distinct) > MAX_CLAUSES:
        return ANYTHING
    return tuple(distinct)


def _times(left: Clauses, right: Clauses) -> Clauses:
    """Both. Where the product is too large, the side with fewer clauses alone is the superset."""
    if left == ANYTHING or right == ANYTHING:
        return right if left == ANYTHING else left
    if len(left) * len(right) > MAX_CLAUSES:
        return min(left, right, key=len)
    product = [tuple(dict.fromkeys((*a, *b)))[:MAX_TERMS] for a in left for b in right]
    return _capped(product)


def _terms(words: Words) -> list[Clause]:
    """The ways to ask for a term; each written unit may be found split or joined."""
    parts = [part for unit in words.units for part in unit.parts]
    if len(parts) == 1:
        return [(_single(parts[0]),)]
    if any(part.kind != "word" for part in parts):
        return [tuple(dict.fromkeys(_single(part) for part in parts))[:MAX_TERMS]]
    phrase = " ".join(unit.written for unit in words.units)
    clauses: list[Clause] = [(PlainTerm(phrase, "phrase"),)]
    # A tag, a handle or a joined spelling holds the phrase without its spaces.
    if not any(part.signs for part in parts):
        joined = "".join(part.written for part in parts)
        clauses += [(PlainTerm(joined, "word"),), (PlainTerm(joined, "hashtag"),)]
    return clauses


def _single(part: Part) -> PlainTerm:
    match part.kind:
        case "hashtag" | "handle":
            return PlainTerm(part.written[1:], part.kind)
        case _:
            return PlainTerm(part.written, "word")
