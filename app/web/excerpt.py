"""A mention's text as a list shows it: short, plain, with its matches marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LIMIT = 320
_BEFORE = 90
"""Code points kept before the first match where the text must be cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def excerpt(
    text: str, spans: Iterable[Sequence[object]], *, field: str, limit: int = _LIMIT
) -> Sequence[Piece]:
    """The text around its first match, at most `limit` code points, matches marked.

    spans: (field, start, end) in code points; those of other fields, outside the text or
    overlapping ones are left out.
    """
    hits = _hits(text, spans, field)
    start = max(hits[0][0] - _BEFORE, 0) if hits and len(text) > limit else 0
    start = _at_a_word(text, start)
    end = min(start + limit, len(text))
    pieces = [Piece("… ", marked=False)] if start else []
    at = start
    for low, high in hits:
        if low < at or low >= end:
            continue
        pieces.append(Piece(text[at:low], marked=False))
        pieces.append(Piece(text[low : min(high, end)], marked=True))
        at = min(high, end)
    pieces.append(Piece(text[at:end] + (" …" if end < len(text) else ""), marked=False))
    return [piece for piece in pieces if piece.text]


def _hits(text: str, spans: Iterable[Sequence[object]], field: str) -> Sequence[tuple[int, int]]:
    found = []
    for span in spans:
        if len(span) != 3 or span[0] != field:
            continue
        low, high = span[1], span[2]
        if isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= len(text):
            found.append((low, high))
    return sorted(set(found))


def _at_a_word(text: str, start: int) -> int:
    """The next word's beginning, near by."""
    if not start:
        return 0
    space = text.find(" ", start, start + 30)
    return space + 1 if space >= 0 else start
