"""Which keys are in which text: the automata over all keys of all queries.

A key that comes with a changed query goes into a second, small automaton, which is merged into the
large one when it has grown: changing one query does not rebuild the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import ahocorasick_rs

from nlp.query.few import FewKeys, few_enough
from nlp.text import END, haystacks

Find = Callable[[str, bool], list[str]]
Found = dict[int, set[str]]
"""The keys in each text that has any; the texts by their place."""

_SMALL = 64
_SHARE = 16
"""The second automaton is merged when it holds more keys than _SMALL and 1/_SHARE of the first."""
_TABLE = 500
"""Keys up to which a full table of states is small, and faster than the dense form."""


class Automata:
    """Finds keys; the first of them is END."""

    def __init__(self) -> None:
        self._large = _automaton([END])
        self._small: Find | None = None
        self._few: FewKeys | None = None
        self._merged = 0

    def renew(self, keys: Sequence[str], plain: Sequence[str]) -> None:
        """Learn the keys that came since. plain: the same, as they are read."""
        new = len(keys) - self._merged
        if not self._merged or (new > _SMALL and new * _SHARE > self._merged):
            self._large, self._small = _automaton(keys), None
            self._merged = len(keys)
        elif new:
            self._small = _automaton([END, *keys[self._merged :]])
        self._few = FewKeys(plain[1:]) if few_enough(plain[1:]) else None

    def found(self, texts: Sequence[str]) -> Found:
        """The keys in each text."""
        if self._few is None:
            return self._looked_up(texts)
        # Where there are few, most texts need not be read.
        asked = self._few.among(texts)
        if not asked:
            return {}
        found = self._looked_up([texts[at] for at in asked])
        return {asked[place]: keys for place, keys in found.items()}

    def _looked_up(self, texts: Iterable[str]) -> Found:
        found: Found = {}
        for hay in haystacks(texts):
            # True: overlapping, for neighbours share the blank between them. A name costs time.
            _share_out(self._large(hay, True), found)
            if self._small is not None:
                _share_out(self._small(hay, True), found)
        return found


def _share_out(keys: Iterable[str], found: Found) -> None:
    """What is found in a haystack of many texts, text by text."""
    at = 0
    for key in keys:
        if key == END:
            at += 1
        elif at in found:
            found[at].add(key)
        else:
            found[at] = {key}


def _automaton(keys: Sequence[str]) -> Find:
    kinds = ahocorasick_rs.Implementation
    automaton = ahocorasick_rs.AhoCorasick(
        keys,
        implementation=kinds.DFA if len(keys) <= _TABLE else kinds.ContiguousNFA,
        # The very strings come back: cheaper than numbers, which are made anew each time.
        store_patterns=True,
    )
    return automaton.find_matches_as_strings
