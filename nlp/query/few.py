"""A first look at a text where there are few keys: most texts hold none, and need not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import ahocorasick_rs

from nlp.text import END, fold, folded_words

FEW = 60
"""Keys up to which this is worth it."""
_GAP = 40
"""Signs between two words beyond which nobody looks on: the text is read then."""


def few_enough(keys: Sequence[str]) -> bool:
    """Whether a first look would spare work. A pattern without a letter is in any tag."""
    return len(keys) <= FEW and all(key.strip(" =#@") for key in keys)


class _Wanted(NamedTuple):
    """What must be so where the longest word of a key stands. whole: no letter right beside it;
    before, after: the words next to it, "" where it does not matter."""

    whole: bool
    before: str = ""
    after: str = ""


class FewKeys:
    """One Aho-Corasick pass over many folded texts; each that has a find is looked at twice."""

    __slots__ = ("_find", "_find_any", "_wanted")

    def __init__(self, keys: Iterable[str]) -> None:
        """keys: as they stand in a haystack."""
        patterns: dict[str, int] = {}
        self._wanted: list[list[_Wanted]] = []
        for key in keys:
            words = key.replace("=", "").split()
            longest = max(words, key=len)
            place = patterns.setdefault(longest, len(patterns))
            if place == len(self._wanted):
                self._wanted.append([])
            self._wanted[place].append(_wanted(key, words, words.index(longest)))
        self._find = ahocorasick_rs.AhoCorasick(list(patterns)).find_matches_as_indexes
        closed = [END.encode(), *(pattern.encode() for pattern in patterns)]
        self._find_any = ahocorasick_rs.BytesAhoCorasick(closed).find_matches_as_indexes

    def among(self, texts: Sequence[str]) -> list[int]:
        """The places of those that may hold one of the keys."""
        folded = [text if text.isascii() else folded_words(text) for text in texts]
        found: list[int] = []
        at = 0
        for place, _, _ in self._find_any(END.join((*folded, "")).encode().lower()):
            if not place:
                at += 1
            elif not found or found[-1] != at:
                found.append(at)
        return [at for at in found if self.may_be_in(texts[at])]

    def may_be_in(self, text: str) -> bool:
        """False only where the text holds none of the keys."""
        folded = fold(text)
        # True: overlapping. A name would cost time.
        return self._looked_at_again(folded, self._find(folded, True))

    def _looked_at_again(self, folded: str, found: Sequence[tuple[int, int, int]]) -> bool:
        # A word inside a tag has letters beside it, and so may one that an address follows.
        loose = "#" in folded or "@" in folded or "://" in folded
        for place, start, end in found:
            inside = not loose and _within_word(folded, start, end)
            for whole, before, after in self._wanted[place]:
                if (
                    not (whole and inside)
                    and (not before or _behind(folded, start, before))
                    and (not after or _ahead(folded, end, after))
                ):
                    return True
        return False


def _wanted(key: str, words: Sequence[str], at: int) -> _Wanted:
    # Letters of other scripts may stand beside a word that is a token of its own.
    whole = words[at].isascii() and (key.endswith(" ") or at < len(words) - 1)
    before = words[at - 1] if at else ""
    return _Wanted(whole, before, words[at + 1] if at + 1 < len(words) else "")


def _within_word(folded: str, start: int, end: int) -> bool:
    after, before = folded[end : end + 1], folded[max(0, start - 1) : start]
    return (after.isascii() and after.isalnum()) or (before.isascii() and before.isalnum())


def _ahead(folded: str, end: int, word: str) -> bool:
    """Whether a word comes next; True also where that would take long to tell."""
    for at in range(end, min(end + _GAP, len(folded))):
        if folded[at].isalnum():
            return folded.startswith(word, at)
    return len(folded) > end + _GAP


def _behind(folded: str, start: int, word: str) -> bool:
    """Whether a word came before; True also where that would take long to tell."""
    for at in range(start - 1, max(start - 1 - _GAP, -1), -1):
        if folded[at].isalnum():
            return folded.endswith(word, 0, at + 1)
    return start > _GAP
