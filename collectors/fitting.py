"""Making a clause short enough for a platform, by widening it only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from collectors.api import Term

AROUND = 3
"""What a term takes besides itself: two quotes and a blank."""


def fitting(
    clause: Sequence[Term], most: int, size: Callable[[str], int], *, around: int = AROUND
) -> tuple[Term, ...]:
    """The terms that fit into `most`: a phrase is cut behind a whole word, what cannot be cut is
    left out. Each step finds more, never less. Empty where not one term can be asked for."""
    kept = []
    left = most
    for term in clause:
        text = _cut(term.text, left - around, size)
        if text:
            kept.append(replace(term, text=text))
            left -= size(text) + around
    return tuple(kept)


def _cut(text: str, most: int, size: Callable[[str], int]) -> str:
    if size(text) <= most:
        return text
    kept: list[str] = []
    for word in text.split():
        most -= size(word) + (1 if kept and size(" ") else 0)
        if most < 0:
            break
        kept.append(word)
    return " ".join(kept)


def count_words(text: str) -> int:
    """Words as a search engine counts them."""
    return len(text.split())


def count_bytes(text: str) -> int:
    """Bytes as they are sent."""
    return len(text.encode("utf-8", "replace"))
