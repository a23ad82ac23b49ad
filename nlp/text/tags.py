"""How a #tag or @handle splits into words: `#AirFrance2024` → air, france, 2024.

Boundaries: underscore, lower → upper, letter ↔ digit, before the last capital of a run
(`XMLHttp` → XML, Http); in scripts without spaces, every character.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.text.fold import fold
from nlp.text.words import unspaced


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a tag: folded form and where it stands in the raw name."""

    form: str
    start: int
    end: int
    glued: bool
    """True where nothing separates it from the piece before."""


def _kind(character: str) -> str:
    if character.islower():
        return "a"
    if character == "_":
        return "_"
    if not character.isascii() and unspaced(character):
        return "z"
    if character.isupper() or character.istitle():
        return "A"
    if character.isdigit() or character.isnumeric():
        return "1"
    return "a" if character.isalpha() else ""


def _joins(before: str, kind: str, after: str) -> bool:
    """Whether a character of `kind` continues the word that ends in one of kind `before`."""
    if before == kind:
        # "A" behind "A" starts a word where a lower-case letter follows: XMLH|ttp → XML|Http.
        return kind in "a1" or (kind == "A" and after != "a")
    return before == "A" and kind == "a"


def split(name: str) -> list[Piece]:
    """The words of a tag's or handle's raw name (without its sign), in order."""
    starts = _starts(name)
    if not starts:
        return []  # Only underscores, marks, or nothing.
    ends = [start for start, _ in starts[1:]] + [len(name)]
    pieces = []
    for (start, glued), end in zip(starts, ends, strict=True):
        raw = _without_tail(name[start:end])
        form = fold(raw)
        if form:
            pieces.append(Piece(form, start, start + len(raw), glued))
    return pieces


def _without_tail(raw: str) -> str:
    """Without underscores at the end, nor the zero-width characters among them."""
    while raw and (raw[-1] == "_" or not fold(raw[-1])):
        raw = raw[:-1]
    return raw


def _starts(name: str) -> list[tuple[int, bool]]:
    """Where words begin, and whether each is glued to the one before."""
    # Marks and joiners have no kind: they stay with the character before them.
    kinds = [(at, kind) for at, character in enumerate(name) if (kind := _kind(character))]
    starts = []
    before = "_"
    for index, (at, kind) in enumerate(kinds):
        after = kinds[index + 1][1] if index + 1 < len(kinds) else ""
        if kind != "_" and not _joins(before, kind, after):
            starts.append((at, before != "_"))
        before = kind
    return starts
