"""Hashed words: what stands in a text and how it stands to the brand's name.

Groups: `near` words, the nearer to the name the heavier; `edge` the words just before and after it;
`sign` how it is written (case, signs glued to it, what shape its neighbours have); `pair` two words
in a row; `host` where it links to. Linear in the text, which is cut at MAX_CHARS.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from nlp.relevance.values import Features, Sample
from nlp.text.field import ReadText

MAX_CHARS = 6_000
BUCKETS = 1 << 24
NEAR, EDGE, SIGN, PAIR, HOST = GROUPS = ("near", "edge", "sign", "pair", "host")
BEFORE, AFTER = SIDES = ("before", "after")
"""The neighbours once more, under the bucket of the bare word: what `Neighbours` knows."""

_START, _END = "^", "$"
_GLUED = frozenset("+#@$%&/_°~=^*|<>")
_INNER = frozenset("-.'’")
"""Signs that belong to the name only where a letter or digit follows: `USB-C`, not `C, again`."""

_Hit = tuple[int, int, int, int]
"""First and last token, start and end in code points."""


@lru_cache(maxsize=65_536)
def bucket(word: str) -> int:
    """The number that stands for a word."""
    return zlib.crc32(word.encode("utf-8", "replace")) & (BUCKETS - 1)


class HashedWords:
    """The words themselves, hashed: no list of them is kept anywhere."""

    name = "words.1"

    def features(self, sample: Sample) -> Features:
        found: dict[str, dict[int, float]] = {group: {} for group in (*GROUPS, *SIDES)}
        for is_title, text in ((True, sample.title), (False, sample.body)):
            spans = [s[1:] for s in sample.spans if (s[0] == "title") == is_title]
            if text:
                _read(ReadText(text[:MAX_CHARS]), spans, found)
        host = _host(sample.url)
        if host:
            found[HOST][bucket(host)] = 1.0
        return found


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _read(
    text: ReadText, spans: Sequence[Sequence[int]], found: dict[str, dict[int, float]]
) -> None:
    hits = _hits(text, spans)
    own = {at for first, last, _, _ in hits for at in range(first, last + 1)}
    edges = sorted({edge for hit in hits for edge in hit[:2]})
    words = text.bare
    for at, word in enumerate(words):
        if not word or at in own:
            continue
        weight = 1.0 / (1.0 + _distance(at, edges) / 6.0)
        _most(found[NEAR], bucket(word), weight)
        if at + 1 < len(words) and words[at + 1] and at + 1 not in own:
            _most(found[PAIR], bucket(f"{word} {words[at + 1]}"), weight)
    for hit in hits:
        _around(text, hit, found)


def _hits(text: ReadText, spans: Sequence[Sequence[int]]) -> list[_Hit]:
    """The tokens that the brand's name takes up."""
    if not spans or not text.spans:
        return []
    places = [text.place(start, end) for start, end in text.spans]
    starts = [place[0] for place in places]
    hits = []
    for start, end in spans:
        first = max(bisect_right(starts, start) - 1, 0)
        last = max(bisect_right(starts, end - 1) - 1, first)
        if places[first][1] > start and places[first][0] < end:
            hits.append((first, last, start, end))
    return hits


def _distance(at: int, edges: Sequence[int]) -> int:
    """Words to the nearest occurrence of the name; far where there is none."""
    if not edges:
        return 60
    after = bisect_right(edges, at)
    near = edges[max(after - 1, 0) : after + 1]
    return min(abs(at - edge) for edge in near)


def _around(text: ReadText, hit: _Hit, found: dict[str, dict[int, float]]) -> None:
    first, last, start, end = hit
    one, two = _word(text, first - 1), _word(text, first - 2)
    next_, next_two = _word(text, last + 1), _word(text, last + 2)
    for feature, value in (
        (f"<{one}", 1.0), (f">{next_}", 1.0),
        (f"<<{two} {one}", 0.7), (f">>{next_} {next_two}", 0.7),
    ):  # fmt: skip
        _most(found[EDGE], bucket(feature), value)
    found[BEFORE][bucket(one)] = found[AFTER][bucket(next_)] = 1.0
    before = _glue(text.original[max(0, start - 2) : start][::-1])
    after = _glue(text.original[end : end + 2])
    written = text.original[start:end]
    case = "upper" if written.isupper() else "title" if written[:1].isupper() else "lower"
    for feature, value in (
        (f"({before}", 1.0), (f"){after}", 1.0), ("glued" if before + after else "free", 1.0),
        (f"{case} first" if first == 0 else case, 1.0),
        (f"shape> {_shape(next_)}", 0.5), (f"shape< {_shape(one)}", 0.3),
    ):  # fmt: skip
        _most(found[SIGN], bucket(feature), value)


def _word(text: ReadText, at: int) -> str:
    if at < 0:
        return _START
    return (text.bare[at] or _END) if at < len(text.bare) else _END


def _shape(word: str) -> str:
    if word in (_START, _END):
        return word
    return "digits" if word.isdigit() else "letters" if word.isalpha() else "mixed"


def _glue(two: str) -> str:
    """The sign that is written together with the name; `two` goes away from it."""
    if two[:1] in _GLUED:
        return two[:1]
    return two[:1] if two[:1] in _INNER and two[1:2].isalnum() else ""


def _most(group: dict[int, float], key: int, value: float) -> None:
    if value > group.get(key, 0.0):
        group[key] = value
