"""A first look at a text where there are few keys: most texts hold none, and need not be read."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick_rs

from nlp.query.keys import AnyKey, Head
from nlp.text import fold

FEW = 60
"""Keys up to which this is worth it."""


class FewKeys:
    """One Aho-Corasick pass over the folded text, each find looked at twice before it counts."""

    __slots__ = ("_find", "_others", "_whole")

    def __init__(self, keys: Iterable[AnyKey]) -> None:
        self._whole: list[bool] = []
        self._others: list[list[str]] = []
        patterns: dict[str, int] = {}
        for key in keys:
            first, *others = sorted(_texts(key), key=len, reverse=True)
            place = patterns.setdefault(first, len(patterns))
            if place == len(self._others):
                self._others.append(others)
                # Letters of other scripts may stand beside a word that is a token of its own.
                self._whole.append(first.isascii() and not isinstance(key, Head))
                continue
            if self._others[place] != others:
                self._others[place] = []  # Several keys share it: its presence is enough.
            self._whole[place] = self._whole[place] and not isinstance(key, Head)
        self._find = ahocorasick_rs.AhoCorasick(list(patterns)).find_matches_as_indexes

    def may_match(self, title: str, body: str) -> bool:
        """False only where neither text holds any of the keys."""
        if body:
            folded = body.lower() if body.isascii() else fold(body)
            found = self._find(folded, overlapping=True)
            if found and self._may_hold(folded, found):
                return True
        if title:
            folded = title.lower() if title.isascii() else fold(title)
            found = self._find(folded, overlapping=True)
            return bool(found) and self._may_hold(folded, found)
        return False

    def _may_hold(self, folded: str, found: list[tuple[int, int, int]]) -> bool:
        # A word inside a tag has letters beside it.
        tagged = "#" in folded or "@" in folded
        for place, start, end in found:
            inside = not tagged and self._whole[place] and _within_word(folded, start, end)
            if not inside and all(other in folded for other in self._others[place]):
                return True
        return False


def _within_word(folded: str, start: int, end: int) -> bool:
    after, before = folded[end : end + 1], folded[max(0, start - 1) : start]
    return (after.isascii() and after.isalnum()) or (before.isascii() and before.isalnum())


def _texts(key: AnyKey) -> list[str]:
    """What must stand in the folded text."""
    if isinstance(key, str):
        return [key]
    # ("#", name) is a name: the sign itself may be that of a handle.
    return [text for text in key if text != "#"]
