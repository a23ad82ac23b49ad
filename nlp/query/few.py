"""A first look at a text where there are few keys: most texts hold none, and need not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import ahocorasick_rs

from nlp.text import fold

FEW = 60
"""Keys up to which this is worth it."""


def few_enough(keys: Sequence[str]) -> bool:
    """Whether a first look would spare work. A pattern without a letter is in any tag."""
    return len(keys) <= FEW and all(key.strip(" =#@") for key in keys)


class FewKeys:
    """One Aho-Corasick pass over the folded text, each find looked at twice before it counts."""

    __slots__ = ("_find", "_others", "_whole")

    def __init__(self, keys: Iterable[str]) -> None:
        """keys: as they stand in a haystack."""
        self._whole: list[bool] = []
        self._others: list[list[str]] = []
        patterns: dict[str, int] = {}
        for key in keys:
            first, *others = sorted(key.replace("=", "").split(), key=len, reverse=True)
            place = patterns.setdefault(first, len(patterns))
            # Letters of other scripts may stand beside a word that is a token of its own.
            whole = key.endswith(" ") and first.isascii()
            if place == len(self._others):
                self._others.append(others)
                self._whole.append(whole)
                continue
            if self._others[place] != others:
                self._others[place] = []  # Several keys share it: its presence is enough.
            self._whole[place] = self._whole[place] and whole
        automaton = ahocorasick_rs.AhoCorasick(list(patterns))
        self._find = partial(automaton.find_matches_as_indexes, overlapping=True)

    def may_be_in(self, text: str) -> bool:
        """False only where the text holds none of the keys."""
        folded = text.lower() if text.isascii() else fold(text)
        found = self._find(folded)
        return bool(found) and self._looked_at_again(folded, found)

    def _looked_at_again(self, folded: str, found: list[tuple[int, int, int]]) -> bool:
        # A word inside a tag has letters beside it, and so may one that an address follows.
        tagged = "#" in folded or "@" in folded or "://" in folded
        for place, start, end in found:
            inside = not tagged and self._whole[place] and _within_word(folded, start, end)
            if not inside and all(other in folded for other in self._others[place]):
                return True
        return False


def _within_word(folded: str, start: int, end: int) -> bool:
    after, before = folded[end : end + 1], folded[max(0, start - 1) : start]
    return (after.isascii() and after.isalnum()) or (before.isascii() and before.isalnum())
