"""What to ask a platform for: a superset of the query, in clauses of plain terms.

The local match always decides, so everything here may only widen: NOT is dropped, what a platform
cannot say is left out, and beyond the caps terms or whole groups are given up.

| in the query | asked for |
|---|---|
| word, `#tag`, `@handle`, `case=`, sign | the word, tag, handle |
| phrase, `coca-cola` | the phrase, its units apart or joined; the whole joined, as word and tag |
| `"a b"~n`, a phrase with a gap, NEAR | all the words, wherever they stand |
| `lemma:` | its forms, where they are few enough |
| `title: body: hashtag:` | the same words anywhere |
| `snow*`, `wom?n`, `author: mention:`, properties, numbers, dates, NOT | nothing: left out |

A language is left out too: the query means the language that Vigie identifies, not the one that a
platform was told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, product

from nlp.query.ast import And, Near, Node, Or, Part, Query, Unit, Words
from nlp.query.lemma import inflections
from nlp.query.normal import push_not
from nlp.query.values import PlainTerm
from nlp.query.walk import near_chain

MAX_CLAUSES = 20
MAX_TERMS = 5
MAX_SPELLINGS = 8
"""Ways to write a phrase, each unit apart or joined; with more its words are asked for singly."""
Clause = tuple[PlainTerm, ...]
Clauses = tuple[Clause, ...]

ANYTHING: Clauses = ((),)
"""One clause that asks for nothing: no narrowing."""


def narrow(query: Query) -> tuple[tuple[PlainTerm, ...], ...]:
    """Any of the clauses, each needing all of its terms; () where nothing can be narrowed."""
    clauses = _clauses(push_not(query.root))
    return () if clauses == ANYTHING else clauses


def _clauses(node: Node) -> Clauses:
    match node:
        case Words() if node.scope not in ("author", "mention"):
            return _term(node)
        case Near():
            return _all(_clauses(operand) for operand in near_chain(node)[0])
        case Or(children):
            return _capped(c for child in children for c in _clauses(child))
        case And(children):
            return _all(_clauses(child) for child in children)
        case _:
            return ANYTHING


def _capped(clauses: Iterable[Clause]) -> Clauses:
    """Without doubles; too many, or one that asks for nothing: no narrowing."""
    distinct = tuple(dict.fromkeys(clauses))
    return ANYTHING if () in distinct or len(distinct) > MAX_CLAUSES else distinct


def _all(groups: Iterable[Clauses]) -> Clauses:
    both = ANYTHING
    for group in groups:
        both = _times(both, group)
    return both


def _times(left: Clauses, right: Clauses) -> Clauses:
    """Both. Where the product is too large, the side with fewer clauses alone is the superset."""
    if left == ANYTHING or right == ANYTHING:
        return right if left == ANYTHING else left
    if len(left) * len(right) > MAX_CLAUSES:
        return min(left, right, key=len)
    return _capped(tuple(dict.fromkeys((*a, *b)))[:MAX_TERMS] for a in left for b in right)


def _term(words: Words) -> Clauses:
    """The ways to ask for a term; each written unit may be found split or joined."""
    parts = [part for unit in words.units for part in unit.parts]
    if len(parts) == 1:
        return _single(parts[0])
    literal = all(part.kind == "word" and not (part.wild or part.lemma) for part in parts)
    spellings = _spellings(words.units) if literal and words.slop is None else []
    if spellings:
        apart: Clauses = tuple((PlainTerm(spelling, "phrase"),) for spelling in spellings)
    else:
        apart = _all(_unit(unit) for unit in words.units)
    return _capped([*apart, *_joined_name(parts)])


def _spellings(units: tuple[Unit, ...]) -> list[str]:
    """`coca-cola zero`, `cocacola zero`; none where there are too many."""
    ways = [
        [unit.written, unit.joined.written] if unit.joined and len(units) > 1 else [unit.written]
        for unit in units
    ]
    spelled = [" ".join(way) for way in islice(product(*ways), MAX_SPELLINGS + 1)]
    return spelled if len(spelled) <= MAX_SPELLINGS else []


def _unit(unit: Unit) -> Clauses:
    """All its parts, or the word that they give joined."""
    apart = _all(_single(part) for part in unit.parts)
    return apart if unit.joined is None else _capped([*apart, *_single(unit.joined)])


def _joined_name(parts: list[Part]) -> Clauses:
    """A tag, a handle or a joined spelling holds a phrase without its spaces."""
    if any(part.kind != "word" or part.lemma or part.wild == "any" or part.signs for part in parts):
        return ()
    if any(part.form.endswith("*") for part in parts[:-1]):
        return ()
    if any(part.wild for part in parts):
        return ANYTHING
    joined = "".join(part.written for part in parts)
    return (PlainTerm(joined, "word"),), (PlainTerm(joined, "hashtag"),)


def _single(part: Part) -> Clauses:
    if part.wild:
        return ANYTHING
    if part.lemma:
        return _capped((PlainTerm(form),) for form in sorted(inflections(part.form)))
    if part.kind in ("hashtag", "handle"):
        return ((PlainTerm(part.written[1:], part.kind),),)
    return ((PlainTerm(part.written),),)
