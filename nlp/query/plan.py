"""What a full-text index is asked: a formula over words that every matching item satisfies.

The matcher decides, so everything here may only widen: NOT, fields, numbers and dates ask for
nothing, distance and order for no more than the words. An item is indexed under `index_words`;
`search_plan(query)` is true of the words of each item that the query matches (a property test
holds the two together).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nlp.query.ast import And, Near, Node, Or, Part, Query, Unit, Words
from nlp.query.normal import push_not
from nlp.text import ReadText, fold, is_emoji

MAX_LENGTH = 64
"""Code points of a word that are indexed, and asked for: of a longer one the beginning."""
MAX_WORDS = 4_096
"""Different words of one item that are indexed; one with more is a candidate of every search."""
MAX_TERMS = 4_000
"""Terms that an index is asked for; what a longer formula leaves out widens the answer."""
EVERYTHING = "*"
"""The word under which an item with too many words is found by every search."""
HEAD = 2
"""Letters from which on the beginning of a word is worth asking for."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Asks for nothing: every item may match."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word: folded, with the sign of a tag or handle."""

    word: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins so."""

    head: str


@dataclass(frozen=True, slots=True)
class AllOf:
    children: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    children: tuple[Plan, ...]


Plan: TypeAlias = Anything | Term | Prefix | AllOf | AnyOf
Inflections: TypeAlias = Callable[[str], Iterable[str]]

ANYTHING = Anything()


def index_words(title: str, body: str) -> frozenset[str]:
    """The words that an item is found by: those of its text, the #tags and @handles with their
    sign, their names without it, the words these split into, emoji, characters of scripts without
    spaces. Cut to MAX_LENGTH; only EVERYTHING where there are more than MAX_WORDS."""
    found: set[str] = set()
    for original in (title, body):
        if original:
            found.update(_words_of(ReadText(original)))
    found.discard("")
    cut = {word[:MAX_LENGTH] for word in found}
    return frozenset(cut) if len(cut) <= MAX_WORDS else frozenset((EVERYTHING,))


def _words_of(text: ReadText) -> Iterator[str]:
    yield from text.forms
    yield from text.full.values()
    for at in text.tags:
        yield text.forms[at][1:]
        yield fold(text.name(at))
        for piece in text.pieces(at):
            yield piece.form


def search_plan(query: Query, *, inflections: Inflections | None = None) -> Plan:
    """The formula of a query. inflections: the forms of a word, for `lemma:`."""
    return _capped(_plan(push_not(query.root), inflections or _inflections))


def accepts(plan: Plan, words: frozenset[str]) -> bool:
    """Whether an item of these words may match: what an index answers, in memory."""
    match plan:
        case Anything():
            return True
        case _ if EVERYTHING in words:
            return True
        case Term(word):
            return word in words
        case Prefix(head):
            return any(word.startswith(head) for word in words)
        case AllOf(children):
            return all(accepts(child, words) for child in children)
        case AnyOf(children):
            return any(accepts(child, words) for child in children)


def _plan(node: Node, inflections: Inflections) -> Plan:
    match node:
        case And(children):
            return all_of(_plan(child, inflections) for child in children)
        case Or(children):
            return any_of(_plan(child, inflections) for child in children)
        case Near(left, right):
            return all_of((_plan(left, inflections), _plan(right, inflections)))
        case Words() if node.scope != "author":
            return _words(node, inflections)
        case _:
            return ANYTHING


def _words(node: Words, inflections: Inflections) -> Plan:
    """A phrase: all of its words, or the name that a tag gives them joined."""
    spelled = all_of(_unit(unit, inflections) for unit in node.units)
    name = _joined_name([part for unit in node.units for part in unit.parts])
    return spelled if name is None else any_of((spelled, _literal(name)))


def _joined_name(parts: Sequence[Part]) -> str | None:
    """The one word that a tag's name makes of several; None where there is none."""
    if len(parts) == 1 or any(part.kind != "word" for part in parts):
        return None
    inner = any(part.form.endswith("*") for part in parts[:-1])
    if inner or any(part.lemma or part.wild == "any" for part in parts):
        return None
    return "".join(part.form for part in parts)


def _unit(unit: Unit, inflections: Inflections) -> Plan:
    spelled = all_of(_part(part, inflections) for part in unit.parts)
    if unit.joined is None:
        return spelled
    return any_of((spelled, _part(unit.joined, inflections)))


def _part(part: Part, inflections: Inflections) -> Plan:
    if part.wild == "any":
        return ANYTHING
    if part.lemma:
        return any_of(_term(form) for form in sorted({part.form, *inflections(part.form)}))
    if part.kind == "emoji" or part.wild != "pattern":
        return _term(part.form)
    return _literal(part.form)


def _literal(form: str) -> Plan:
    """A word; of a pattern the letters before its first wildcard, where they are enough."""
    at = min((place for sign in "?*" if (place := form.find(sign, 1)) >= 0), default=None)
    if at is None or is_emoji(form):
        return ANYTHING if form[0] in "?*" and not is_emoji(form) else _term(form)
    head = form[:at]
    if "?" in head or len(head.lstrip("#@")) < HEAD:
        return ANYTHING
    return Prefix(head[:MAX_LENGTH])


def _term(form: str) -> Plan:
    return Term(form[:MAX_LENGTH])


def all_of(children: Iterable[Plan]) -> Plan:
    """All of them; what asks for nothing is left out."""
    kept = [child for child in _flat(children, AllOf) if child != ANYTHING]
    distinct = tuple(dict.fromkeys(kept))
    if not distinct:
        return ANYTHING
    return distinct[0] if len(distinct) == 1 else AllOf(distinct)


def any_of(children: Iterable[Plan]) -> Plan:
    """One of them; where one asks for nothing, so does the whole."""
    distinct = tuple(dict.fromkeys(_flat(children, AnyOf)))
    if not distinct or ANYTHING in distinct:
        return ANYTHING
    return distinct[0] if len(distinct) == 1 else AnyOf(distinct)


def _flat(children: Iterable[Plan], kind: type[AllOf] | type[AnyOf]) -> Iterator[Plan]:
    for child in children:
        if isinstance(child, AllOf | AnyOf) and isinstance(child, kind):
            yield from child.children
        else:
            yield child


def size(plan: Plan) -> int:
    """How many terms it has."""
    if isinstance(plan, AllOf | AnyOf):
        return sum(map(size, plan.children))
    return 1


def _capped(plan: Plan) -> Plan:
    """At most MAX_TERMS terms: of an AND the shorter operands stay, an OR is given up whole."""
    if size(plan) <= MAX_TERMS:
        return plan
    if not isinstance(plan, AllOf):
        return ANYTHING
    kept: list[Plan] = []
    left = MAX_TERMS
    for child in sorted(plan.children, key=size):
        left -= size(child)
        if left < 0:
            break
        kept.append(child)
    return all_of(kept)


def _inflections(form: str) -> Iterable[str]:
    """The words of French and English are loaded by the first query that needs them."""
    from nlp.query.lemma import inflections

    return inflections(form)
