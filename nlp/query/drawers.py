"""Queries filed under their keys: from the keys in a text to the queries worth a thought.

With many thousands of queries the time goes into fetching from memory what lies scattered there:
so the numbers under a key are one tuple, and those that a key decides stand apart from the few
that it only brings to mind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from nlp.query.rule import Rule

Numbers = tuple[int, ...]


class _Drawers(dict[str, Numbers]):
    def __missing__(self, key: str) -> Numbers:
        return ()


class Drawers:
    """always: queries that have no keys, to be looked at in every text."""

    __slots__ = ("_likely", "_sure", "always")

    def __init__(self) -> None:
        self._sure = _Drawers()
        self._likely = _Drawers()
        self.always: set[int] = set()

    def file(self, number: int, rule: Rule) -> None:
        drawers = self._sure if rule.certain else self._likely
        for key in rule.cover or ():
            drawers[key] += (number,)
        if rule.cover is None:
            self.always.add(number)

    def unfile(self, number: int, rule: Rule) -> None:
        drawers = self._sure if rule.certain else self._likely
        for key in rule.cover or ():
            left = tuple(one for one in drawers[key] if one != number)
            if left:
                drawers[key] = left
            else:
                del drawers[key]
        self.always.discard(number)

    def brought_to_mind(self, found: Collection[str]) -> tuple[list[int], Collection[int]]:
        """The queries that match for sure, some maybe twice, and those to be looked at."""
        sure = list(chain.from_iterable(map(self._sure.__getitem__, found)))
        if self._likely.keys().isdisjoint(found):
            return sure, self.always
        return sure, self.always.union(*self._opened(found))

    def _opened(self, found: Iterable[str]) -> Iterable[Numbers]:
        return map(self._likely.__getitem__, found)
