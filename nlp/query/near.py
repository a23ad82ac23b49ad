"""NEAR and ONEAR: two occurrences with at most n words between their nearest edges.

What an operand occupies is kept as: token where it begins → the tokens where it may end, as bits.
A step looks from each beginning at most (longest span + n) tokens ahead. So a chain of k NEAR
costs about tokens × 21 k, k ≤ 5 (the parser's limit): linear in the text.

Inside one tag, whose words have no tokens of their own, order and overlap go by characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nlp.query.find import Finds, Occurrence
from nlp.text import ReadText

Stretch = tuple[int, int]


@dataclass(slots=True)
class Places:
    """Where an operand occurs. spans: first token → bits of (last token - first), the last being
    in it; inner: token of a tag → stretches of the original inside it; heads and tails: where
    what begins or ends at a token is shown from and to."""

    spans: dict[int, int] = field(default_factory=dict)
    inner: dict[int, set[Stretch]] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    tails: dict[int, int] = field(default_factory=dict)

    def add(self, first: int, bits: int) -> None:
        self.spans[first] = self.spans.get(first, 0) | bits

    def show(self, first: int, last: int, start: int, end: int) -> None:
        self.heads[first] = min(start, self.heads.get(first, start))
        self.tails[last] = max(end, self.tails.get(last, end))

    def take_in(self, other: Places) -> None:
        for first, bits in other.spans.items():
            self.add(first, bits)
        for at, stretches in other.inner.items():
            self.inner.setdefault(at, set()).update(stretches)
        for first, start in other.heads.items():
            self.heads[first] = min(start, self.heads.get(first, start))
        for last, end in other.tails.items():
            self.tails[last] = max(end, self.tails.get(last, end))


class Leafs:
    """A word or phrase as an operand."""

    __slots__ = ("_finder",)

    def __init__(self, finder: Finds) -> None:
        self._finder = finder

    def places(self, text: ReadText) -> Places:
        found = Places()
        for one in self._finder.find_every(text):
            found.add(one.first, 1 << (one.last - one.first - 1))
            if one.raw:
                found.inner.setdefault(one.first, set()).add((one.start, one.end))
            else:
                found.show(one.first, one.last - 1, *text.place(one.start, one.end))
        for at, stretches in found.inner.items():
            start, end = text.place(*text.spans[at])
            # A sign behind the tag that belongs to the term is shown too.
            found.show(at, at, start, max(end, *(stop for _, stop in stretches)))
        return found


class AnyOperand:
    """An OR group as an operand."""

    __slots__ = ("_children",)

    def __init__(self, children: Sequence[Leafs | AnyOperand | NearFinder]) -> None:
        self._children = children

    def places(self, text: ReadText) -> Places:
        found = Places()
        for child in self._children:
            found.take_in(child.places(text))
        return found


class NearFinder:
    """Finds A NEAR/n B."""

    __slots__ = ("_distance", "_left", "_ordered", "_right")

    def __init__(
        self,
        left: Leafs | AnyOperand | NearFinder,
        right: Leafs | AnyOperand | NearFinder,
        *,
        distance: int,
        ordered: bool,
    ) -> None:
        self._left, self._right = left, right
        self._distance, self._ordered = distance, ordered

    def find(self, text: ReadText) -> list[Occurrence]:
        """The smallest spans that cover both, by place."""
        return sorted(_smallest(self.places(text), text))

    find_every = find

    def places(self, text: ReadText) -> Places:
        """Every span that covers both."""
        found = Places()
        left = self._left.places(text)
        if not left.spans:
            return found
        right = self._right.places(text)
        if not right.spans:
            return found
        self._after(left, right, text.segments, found)
        if not self._ordered:
            self._after(right, left, text.segments, found)
        for at in left.inner.keys() & right.inner.keys():
            self._within_tag(at, left.inner[at], right.inner[at], found)
        for side in (left, right):
            for first, start in side.heads.items():
                found.heads[first] = min(start, found.heads.get(first, start))
            for last, end in side.tails.items():
                found.tails[last] = max(end, found.tails.get(last, end))
        return found

    def _after(self, one: Places, other: Places, segments: Sequence[int], found: Places) -> None:
        """Spans of `one` with a span of `other` behind it."""
        starts = sorted(other.spans)
        near = (1 << (self._distance + 1)) - 1
        for first, bits in one.spans.items():
            reach = first + bits.bit_length() + self._distance
            for place in range(bisect_left(starts, first + 1), len(starts)):
                start = starts[place]
                if start > reach or segments[start] != segments[first]:
                    break
                # A last token from start - 1 - n to start - 1 is near enough.
                gap = start - first - 1 - self._distance
                if bits & (near << gap if gap >= 0 else near >> -gap):
                    found.add(first, other.spans[start] << (start - first))

    def _within_tag(self, at: int, left: set[Stretch], right: set[Stretch], found: Places) -> None:
        pairs = [
            (min(a[0], b[0]), max(a[1], b[1]))
            for a in left
            for b in right
            if a[1] <= b[0] or (not self._ordered and b[1] <= a[0])
        ]
        if pairs:
            found.inner.setdefault(at, set()).update(pairs)
            found.add(at, 1)


def _smallest(found: Places, text: ReadText) -> Iterator[Occurrence]:
    """Spans that hold no other one, in the original text; of two words in one tag, the stretch."""
    earliest_end: int | None = None
    for first in sorted(found.spans, reverse=True):
        bits = found.spans[first]
        last = first + (bits & -bits).bit_length() - 1
        if earliest_end is not None and last >= earliest_end:
            continue
        earliest_end = last
        start, end = found.heads.get(first), found.tails.get(last)
        if first == last and first in found.inner:
            start, end = min(found.inner[first])
        if start is None or end is None:
            start, end = text.place(text.spans[first][0], text.spans[last][1])
        yield Occurrence(first, last + 1, start, end, raw=True)
