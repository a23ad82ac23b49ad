"""Inflected forms: `lemma:acheter` finds achète, achetons, achetées … French and English.

A dictionary entry is a stem and a set of endings that many entries share (`data/README.md`), so a
language is one small table of stems: 67,000 French entries in about 40 ms and 8 MB, English a
quarter of that, read at the first question and kept. Asking takes one look-up for each place where
the word can be cut into stem and ending, and endings are short: time is linear in the word.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from nlp.text import fold

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
MAX_LETTERS = 40
"""No dictionary word is longer; what is, is not cut into pieces."""
_DATA = Path(__file__).parent / "data"


def inflections(form: str, langs: Iterable[str] = LANGUAGES) -> frozenset[str]:
    """All forms, folded, of the words that `form` is a form of; itself alone where unknown.

    In each language: where `form` is a dictionary form, of that entry only (`marche` is not
    *marcher*), else of every entry that it may be an inflected form of (`suis`: être and suivre).
    """
    wanted = fold(form)
    found = {wanted}
    for lang in LANGUAGES:
        if lang in langs:
            entries = list(_entries(wanted, _dictionary(lang)))
            lemmas = [entry for entry in entries if entry.lemma == wanted]
            for entry in lemmas or entries:
                found.update(entry.forms)
    return frozenset(found)


def known(form: str, langs: Iterable[str] = LANGUAGES) -> bool:
    """Whether the form, in whatever inflection, is in one of the dictionaries."""
    wanted = fold(form)
    return any(
        next(_entries(wanted, _dictionary(lang)), None) is not None
        for lang in LANGUAGES
        if lang in langs
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    stem: str
    endings: tuple[str, ...]

    @property
    def lemma(self) -> str:
        return self.stem + self.endings[0]

    @property
    def forms(self) -> Iterator[str]:
        return (self.stem + ending for ending in self.endings)


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """stems: to the numbers of its paradigms. The endings of a paradigm begin with its lemma's."""

    stems: dict[str, tuple[int, ...]]
    paradigms: list[tuple[str, ...]]
    longest: int


def _entries(form: str, dictionary: _Dictionary) -> Iterator[_Entry]:
    if len(form) > MAX_LETTERS:
        return
    for cut in range(max(0, len(form) - dictionary.longest), len(form) + 1):
        stem, ending = form[:cut], form[cut:]
        for number in dictionary.stems.get(stem, ()):
            endings = dictionary.paradigms[number]
            if ending in endings:
                yield _Entry(stem, endings)


@cache
def _dictionary(lang: Language) -> _Dictionary:
    text = gzip.decompress((_DATA / f"inflections.{lang}.gz").read_bytes()).decode()
    stems: dict[str, tuple[int, ...]] = {}
    paradigms = []
    for number, line in enumerate(row for row in text.split("\n") if not row.startswith("#")):
        endings, _, group = line.partition("\t")
        paradigms.append(tuple(_pieces(endings)))
        alone = (number,)
        for stem in _pieces(group):
            stems[stem] = stems[stem] + alone if stem in stems else alone
    longest = max(len(ending) for endings in paradigms for ending in endings)
    return _Dictionary(stems, paradigms, longest)


def _pieces(text: str) -> list[str]:
    return ["" if piece == "-" else piece for piece in text.split(" ")]
