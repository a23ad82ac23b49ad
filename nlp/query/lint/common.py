"""Terms that mean something else too: ordinary words, homonyms of brands, very common names.

Remarked on only where such a term can decide alone: `orange (mobile OR box)` has its context, and
so has a phrase, a distance, a tag or `case=`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nlp.query.ast import And, Near, Node, Not, Or, Query, Value, Words
from nlp.query.frequency import common_name, rank
from nlp.query.lemma import known
from nlp.query.speech.base import shown
from nlp.query.values import Note
from nlp.text import fold

ORDINARY = 20_000
"""Words of both languages that count as ordinary; about the 6,000 most frequent of each."""
_CONTEXT = ("site", "source", "url", "cluster", "list")
_TABLE = Path(__file__).parents[1] / "data" / "homonyms.tsv"


class Homonym(NamedTuple):
    """A brand whose name is something else too."""

    brand: str
    fr: str
    en: str


def common_notes(query: Query) -> Iterator[Note]:
    for words in _lonely(query.root):
        name = _bare_name(words)
        if not name:
            continue
        written = shown(" ".join(unit.written or name for unit in words.units))
        if homonym := homonyms().get(name):
            yield _note("homonym", words, written, homonym.brand, homonym.fr, homonym.en)
        elif (place := rank(name)) is not None and place < ORDINARY and known(name):
            yield _note(
                "ordinary_word", words, written, written.capitalize(),
                "un mot courant", "an everyday word",
            )  # fmt: skip
        elif common_name(name):
            yield _note(
                "common_name", words, written, written.capitalize(),
                "un nom ou un prénom très répandu", "a very common name",
            )  # fmt: skip


def _note(code: str, words: Words, written: str, brand: str, fr: str, en: str) -> Note:
    exact = f'case="{brand}"' if " " in brand else f"case={brand}"
    return Note(
        code,
        words.start,
        f"« {written} » est aussi {fr} : ajoutez des mots de contexte ou des exclusions, ou "
        f"écrivez {exact} pour ne chercher que cette graphie.",
        f"“{written}” is also {en}: add words of context or exclusions, or write {exact} to find "
        "that spelling only.",
        words.end,
        exact,
    )


@cache
def homonyms() -> dict[str, Homonym]:
    """By folded name."""
    rows = _TABLE.read_text(encoding="utf-8").splitlines()
    found = (Homonym(*row.split("\t")) for row in rows if not row.startswith("#"))
    return {" ".join(fold(one.brand).replace("'", " ").split()): one for one in found}


def _bare_name(words: Words) -> str:
    """The folded words of a term that asks for plain words anywhere in the text, else ""."""
    parts = [part for unit in words.units for part in unit.parts]
    bare = all(
        part.kind == "word" and part.exact is None and not (part.signs or part.wild or part.lemma)
        for part in parts
    )
    if not bare or words.slop is not None or words.scope not in ("", "title", "body"):
        return ""
    name = " ".join(part.form for part in parts)
    return name if len(name) > 1 else ""


def _lonely(node: Node) -> Iterator[Words]:
    """The terms that can decide alone: no part of the AND around them says more."""
    match node:
        case Words():
            yield node
        case Or(children):
            for child in children:
                yield from _lonely(child)
        case And(children):
            telling = [child for child in children if _is_context(child)]
            if len(telling) == 1:
                yield from _lonely(telling[0])
        case _:
            return


def _is_context(node: Node) -> bool:
    """Whether the node says what the text is about: words, or where it stands."""
    match node:
        case Words() | Near():
            return True
        case Value():
            return node.field in _CONTEXT
        case And(children):
            return any(_is_context(child) for child in children)
        case Or(children):
            return all(_is_context(child) for child in children)
        case Not() | _:
            return False
