"""How common a word is in French and English, and which words are common names.

The data file (`data/README.md`) is read at the first question: 40,000 words and 2,800 names, about
10 ms and 6 MB, kept for the life of the process.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from nlp.text import fold

_DATA = Path(__file__).parent / "data"


def rank(form: str) -> int | None:
    """The place of a word among the most frequent of both languages, 0 the first; None: rare."""
    return _ranks().get(_folded(form))


def common_name(form: str) -> bool:
    """Whether very many people bear it as first or family name."""
    return _folded(form) in _names()


def _folded(form: str) -> str:
    return form if form.isascii() and form.islower() else fold(form)


@cache
def _lines() -> tuple[list[str], list[str]]:
    words, _, names = gzip.decompress((_DATA / "words.gz").read_bytes()).decode().partition("\n\n")
    return words.split("\n"), names.split("\n")


@cache
def _ranks() -> dict[str, int]:
    return {word: place for place, word in enumerate(_lines()[0])}


@cache
def _names() -> frozenset[str]:
    return frozenset(_lines()[1])
