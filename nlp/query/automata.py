"""Which keys are in which text: the automata over all keys of all queries.

A key that comes with a changed query goes into a second, small automaton, which is merged into the
large one when it has grown: changing one query does not rebuild the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import ahocorasick_rs

from nlp.query.few import FewKeys, few_enough
from nlp.query.keys import Key
from nlp.text import haystacks

Find = Callable[[str, bool], list[Key]]
Found = dict[int, set[Key]]
"""The keys in each text that has any; the texts by their place."""

_SMALL = 64
_SHARE = 16
"""The second automaton is merged when it holds more keys than _SMALL and 1/_SHARE of the first."""
_TABLE = 500
"""Keys up to which a full table of states is small, and faster than the dense form."""


class Automata:
    """Finds keys. end: the first of them, which closes a text."""

    def __init__(self, end: Key) -> None:
        self._end = end
        self._large = _automaton([end])
        self._small: Find | None = None
        self._few: FewKeys | None = None
        self._merged = 0

    def renew(self, keys: Sequence[Key], plain: Sequence[str]) -> None:
        """Learn the keys that came since. plain: the same, as they are read."""
        new = len(keys) - self._merged
        if not self._merged or (new > _SMALL and new * _SHARE > self._merged):
            self._large, self._small = _automaton(keys), None
            self._merged = len(keys)
        elif new:
            self._small = _automaton([self._end, *keys[self._merged :]])
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
            self._share_out(self._large(hay, True), found)
            if self._small is not None:
                self._share_out(self._small(hay, True), found)
        return found

    def _share_out(self, keys: Iterable[Key], found: Found) -> None:
        """What is found in a haystack of many texts, text by text."""
        end = self._end
        at = 0
        for key in keys:
            if key is end:
                at += 1
            elif at in found:
                found[at].add(key)
            else:
                found[at] = {key}


def _automaton(keys: Sequence[Key]) -> Find:
    kinds = ahocorasick_rs.Implementation
    automaton = ahocorasick_rs.AhoCorasick(
        keys,
        implementation=kinds.DFA if len(keys) <= _TABLE else kinds.ContiguousNFA,
        # The very keys come back: cheaper than their numbers, which would be made anew each time.
        store_patterns=True,
    )
    return cast("Find", automaton.find_matches_as_strings)
