"""`"a b"~n`: the words in any order, within a span that has at most n other words.

From each word of the phrase at most (words + n) tokens are looked at: linear in the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product

from nlp.query.ast import Part, Unit, Words
from nlp.query.find import Finder, Inflects, Occurrence, Probe
from nlp.text import ReadText

_RUNS = 8
"""Terms of scripts without spaces that are kept whole; beyond, they are read by character."""
_MANY = 8
"""Ways to write a phrase (each unit split or joined) that are tried."""


class SlopFinder:
    """Finds a phrase whose words may stand apart and in any order."""

    __slots__ = ("_distance", "_in_order", "_ways")

    def __init__(self, words: Words, inflections: Inflects) -> None:
        assert words.slop is not None
        self._distance = words.slop
        self._in_order = Finder(words, inflections)
        self._ways = [_Way(parts, inflections) for parts in _ways(words.units)]

    def find(self, text: ReadText) -> list[Occurrence]:
        """Every span, by place; also the phrase as it stands, inside tags too."""
        found = set(self._in_order.find(text))
        for way in self._ways:
            for first, last in way.spans(text, self._distance):
                found.add(_shown(text, first, last, way.ends))
        return sorted(found)

    find_every = find


def _ways(units: Sequence[Unit]) -> Iterator[list[Part]]:
    """The words of the phrase with each unit split or joined; the first few are enough."""
    choices = [[unit.parts, (unit.joined,)] if unit.joined else [unit.parts] for unit in units]
    for way in islice(product(*choices), _MANY):
        yield [part for parts in way for part in parts]


def _runs(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts, those that are glued to the one before them together with it."""
    runs: list[list[Part]] = []
    for part in parts:
        if part.glued and runs:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _shown(text: ReadText, first: int, last: int, ends: dict[int, int]) -> Occurrence:
    start = text.spans[first][0] + text.is_tag(first)
    return Occurrence(first, last, start, max(text.spans[last - 1][1], ends.get(last - 1, 0)))


class _Way:
    """One list of words, each of which needs a token of its own."""

    __slots__ = ("_glued", "_needed", "_probes", "_runs", "ends")

    def __init__(self, parts: Sequence[Part], inflections: Inflects) -> None:
        runs = [[Probe(part, inflections) for part in run] for run in _runs(parts)]
        self._runs = runs if len(runs) <= _RUNS else None
        self._glued = len(runs) < len(parts)
        self._probes = [Probe(part, inflections) for part in dict.fromkeys(parts)]
        counts = Counter(parts)
        self._needed = [counts[probe.part] for probe in self._probes]
        self.ends: dict[int, int] = {}

    def spans(self, text: ReadText, distance: int) -> Iterator[tuple[int, int]]:
        """Token spans that begin and end with words of the phrase and hold them all."""
        if self._runs is not None and self._glued:
            yield from self._spans_of_runs(text, self._runs, distance)
            return
        fits = self._fits(text)
        if fits is None:
            return
        length = sum(self._needed) + distance
        segments = text.segments
        handles = {at for at in text.tags if text.forms[at][0] == "@"}
        if self._runs is not None and not handles.isdisjoint(fits):
            # One that is no word of the phrase after all would be stepped over.
            yield from self._spans_of_runs(text, self._runs, distance)
            return
        for first in sorted(fits):
            window: list[tuple[int, frozenset[int]]] = []
            stop = min(first + length, len(text.forms))
            for at in range(first, stop):
                if segments[at] != segments[first] or (at in handles and at not in fits):
                    break
                if at in fits:
                    window.append((at, fits[at]))
                    if len(window) >= sum(self._needed) and self._assigned(window):
                        yield first, at + 1

    def _spans_of_runs(
        self, text: ReadText, runs: Sequence[Sequence[Probe]], distance: int
    ) -> Iterator[tuple[int, int]]:
        """The same where some terms are several tokens long, as in scripts without spaces. From
        each beginning the text is walked with the sets of runs (bits) that can be behind."""
        places = self._places(text, runs)
        every = (1 << len(runs)) - 1
        length = sum(map(len, runs)) + distance
        for first in sorted(places):
            behind: dict[int, set[int]] = {first: {0}}
            for at in range(first, min(first + length, len(text.forms))):
                seen = behind.pop(at, set())
                for number, size in places.get(at, ()) if seen else ():
                    if at + size - first <= length:
                        more = {one | 1 << number for one in seen if not one >> number & 1}
                        if every in more:
                            yield first, at + size
                        behind.setdefault(at + size, set()).update(more - {every})
                if at > first and seen and text.forms[at][:1] not in ("", "@"):
                    behind.setdefault(at + 1, set()).update(seen)

    def _places(
        self, text: ReadText, runs: Sequence[Sequence[Probe]]
    ) -> dict[int, list[tuple[int, int]]]:
        """Token → the runs that begin there, with their lengths."""
        found: dict[int, list[tuple[int, int]]] = {}
        self.ends = {}
        for number, run in enumerate(runs):
            for at in run[0].positions(text):
                ends = [probe.holds(text, at + step) for step, probe in enumerate(run)]
                if min(ends) >= 0:
                    found.setdefault(at, []).append((number, len(run)))
                    last = at + len(run) - 1
                    self.ends[last] = max(ends[-1], self.ends.get(last, 0))
        return found

    def _fits(self, text: ReadText) -> dict[int, frozenset[int]] | None:
        """Token → the words of the phrase it can be; None where one of them is not there."""
        found: dict[int, set[int]] = {}
        self.ends = {}
        for number, probe in enumerate(self._probes):
            there = 0
            for at in probe.positions(text):
                end = probe.holds(text, at)
                if end >= 0:
                    there += 1
                    self.ends[at] = max(end, self.ends.get(at, 0))
                    found.setdefault(at, set()).add(number)
            if there < self._needed[number]:
                return None
        return {at: frozenset(numbers) for at, numbers in found.items()}

    def _assigned(self, window: Sequence[tuple[int, frozenset[int]]]) -> bool:
        """Whether the words can be given tokens so that the first and the last are used."""
        if all(len(numbers) == 1 for _, numbers in window):
            return self._counted([next(iter(numbers)) for _, numbers in window])
        return self._matched([numbers for _, numbers in window])

    def _counted(self, numbers: Sequence[int]) -> bool:
        left = list(self._needed)
        for number in (numbers[0], *((numbers[-1],) if len(numbers) > 1 else ())):
            left[number] -= 1
        if min(left) < 0:
            return False
        for number in numbers[1:-1]:
            left[number] -= left[number] > 0
        return not any(left)

    def _matched(self, fits: Sequence[frozenset[int]]) -> bool:
        """Augmenting paths (Kuhn): the edges first, so that they stay matched."""
        slots = [number for number, needed in enumerate(self._needed) for _ in range(needed)]
        taken: dict[int, int] = {}

        def place(token: int, tried: set[int]) -> bool:
            for slot, number in enumerate(slots):
                if number in fits[token] and slot not in tried:
                    tried.add(slot)
                    if slot not in taken or place(taken[slot], tried):
                        taken[slot] = token
                        return True
            return False

        edges = (0, len(fits) - 1) if len(fits) > 1 else (0,)
        if not all(place(edge, set()) for edge in edges):
            return False
        for token in range(1, len(fits) - 1):
            place(token, set())
        return len(taken) == len(slots)
