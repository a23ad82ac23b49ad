"""Remarks on a query that reads, but may not say what was meant. They never block."""

from __future__ import annotations

from collections.abc import Iterator

from nlp.query.ast import And, Node, Not, Or, Query, Words
from nlp.query.values import Note
from nlp.text import addresses, fold

_OPERATORS = {
    "and": "AND",
    "et": "ET",
    "or": "OR",
    "ou": "OU",
    "not": "NOT",
    "sauf": "SAUF",
    "near": "NEAR",
}


def lint(query: Query) -> list[Note]:
    """Lower-case operators, AND and OR without parentheses, doubles, addresses as words."""
    notes = list(_notes(query.root, query.source))
    notes.extend(_doubles(query))
    return sorted(notes, key=lambda note: note.position)


def _notes(node: Node, source: str) -> Iterator[Note]:
    match node:
        case Words():
            yield from _operator_note(node, source)
            yield from _address_note(node, source)
        case Not(child):
            yield from _notes(child, source)
        case And(children) | Or(children):
            if isinstance(node, Or):
                yield from _mixed(node)
            for child in children:
                yield from _notes(child, source)
        case _:
            return


def _mixed(node: Or) -> Iterator[Note]:
    for child in node.children:
        # A group in parentheses begins before its first child.
        if isinstance(child, And) and child.start == child.children[0].start:
            yield Note(
                "mixed_operators",
                child.start,
                "AND passe avant OR : ajoutez des parenthèses pour montrer ce qui va ensemble.",
                "AND binds tighter than OR: add parentheses to show what belongs together.",
            )
            return


def _operator_note(node: Words, source: str) -> Iterator[Note]:
    written = source[node.start : node.end]
    operator = _OPERATORS.get(written)
    if operator:
        yield Note(
            "lower_case_operator",
            node.start,
            f"« {written} » est cherché comme un mot ; pour l'opérateur, écrivez {operator}.",
            f"“{written}” is searched as a word; for the operator, write {operator}.",
        )


def _address_note(node: Words, source: str) -> Iterator[Note]:
    written = source[node.start : node.end]
    if addresses(fold(written)):
        yield Note(
            "address_as_words",
            node.start,
            "Les mots ne sont pas cherchés dans les adresses : ce terme ne trouvera rien.",
            "Words are not searched inside addresses: this term will find nothing.",
        )


def _doubles(query: Query) -> Iterator[Note]:
    seen = set()
    for words in _leaves(query.root):
        if (words.units, words.slop, words.scope) in seen:
            written = query.source[words.start : words.end]
            yield Note(
                "duplicate_term",
                words.start,
                f"{written} est déjà dans la requête.",
                f"{written} is in the query already.",
            )
        seen.add((words.units, words.slop, words.scope))


def _leaves(node: Node) -> Iterator[Words]:
    match node:
        case Words():
            yield node
        case Not(child):
            yield from _leaves(child)
        case And(children) | Or(children):
            for child in children:
                yield from _leaves(child)
        case _:
            return
