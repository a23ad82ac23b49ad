"""`"a b"~n`: the words in any order, within a span that has at most n other words.

From each word of the phrase at most (words + n) tokens are looked at: linear in the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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
        """The smallest spans, by place: those that hold no other."""
        kept: list[Occurrence] = []
        for one in sorted(self.find_every(text), key=lambda found: (-found.first, found.last)):
            # Inside one tag nothing tells which is smaller.
            if not kept or one.last < kept[-1].last or one.last == one.first + 1:
                kept.append(one)
        return sorted(kept)

    def find_every(self, text: ReadText) -> list[Occurrence]:
        """Every span, by place; also the phrase as it stands, inside tags too."""
        found = set(self._in_order.find(text))
        for way in self._ways:
            for first, last in way.spans(text, self._distance):
                found.add(_shown(text, first, last, way.ends))
        return sorted(found)


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
        handles = {at for at in text.tags if text.forms[at][0] == "@"}
        if self._runs is not None and not handles.isdisjoint(fits):
            # One that is no word of the phrase after all would be stepped over.
            yield from self._spans_of_runs(text, self._runs, distance)
            return
        if all(len(numbers) == 1 for numbers in fits.values()):
            known = {at: next(iter(numbers)) for at, numbers in fits.items()}
            yield from self._counted(text, known, length)
            return
        for first in sorted(fits):
            window: list[frozenset[int]] = []
            for at in self._reach(text, first, length, fits):
                window.append(fits[at])
                if len(window) >= sum(self._needed) and self._matched(window):
                    yield first, at + 1

    def _reach(
        self, text: ReadText, first: int, length: int, fits: Collection[int]
    ) -> Iterator[int]:
        """The words of the phrase from one on, up to what it does not cross or step over."""
        for at in range(first, min(first + length, len(text.forms))):
            if not text.forms[at] or (text.forms[at][0] == "@" and at not in fits):
                return
            if at in fits:
                yield at

    def _counted(
        self, text: ReadText, known: Mapping[int, int], length: int
    ) -> Iterator[tuple[int, int]]:
        """Where each token can be one word only, counting them tells: a step for each token."""
        for first in sorted(known):
            left = list(self._needed)
            left[known[first]] -= 1
            free, missing = list(left), sum(left)
            if not missing:
                yield first, first + 1
            for at in self._reach(text, first, length, known):
                number = known[at]
                if at == first:
                    continue
                # The last word is used: it fills a gap, or stands for one of its kind before it.
                if missing == (left[number] > 0) and free[number]:
                    yield first, at + 1
                missing -= left[number] > 0
                left[number] -= 1

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

    def _matched(self, fits: Sequence[frozenset[int]]) -> bool:
        """Whether the words can be given tokens so that the first and the last are used: augmenting
        paths (Kuhn), the edges first, so that they stay matched."""
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
