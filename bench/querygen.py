"""Queries as people who watch brands write them, drawn by a seed from what the texts hold.

40 % names (some are @handles), 20 % two-word phrases, 25 % OR groups, 15 % AND and NOT. Every term,
excluded ones and whole phrases too, stands in 1 to 500 of the texts, and half of them in 20 or
more: a term that is in no text costs nothing to look for and would flatter the matcher. Where the
texts have too few common terms for that, several queries share one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from bench.corpus import Counts, Kind, kind_of, terms_of
from nlp.query import Text

SEED = 2026
SIZES = (10, 100, 1_000, 10_000)
MOST_TEXTS = 500
COMMON = 20
"""Texts from which on a term counts as common."""
_EVERYWHERE = 2_500
"""Texts from which on a word is one like `the`: phrases without such words are preferred, and none
has only such words."""
Shape = Literal["name", "handle", "phrase", "or", "andnot"]
MIX: dict[Shape, float] = {"name": 0.3, "handle": 0.1, "phrase": 0.2, "or": 0.25, "andnot": 0.15}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Queries in the language, by their number, and the terms they use, repeats included."""

    queries: dict[int, str]
    shapes: dict[int, Shape]
    terms: tuple[str, ...]

    @property
    def distinct(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.terms))


class _Deck:
    """Terms dealt without repeats until all are used, the preferred ones first."""

    def __init__(self, preferred: Iterable[str], others: Iterable[str], draw: random.Random):
        first, then = sorted(preferred), sorted(others)
        draw.shuffle(first)
        draw.shuffle(then)
        self._cards = first + then
        self._next = 0

    def __len__(self) -> int:
        return len(self._cards)

    @property
    def fresh(self) -> bool:
        return self._next < len(self._cards)

    def deal(self) -> str:
        card = self._cards[self._next % len(self._cards)]
        self._next += 1
        return card


@dataclass(slots=True)
class _Table:
    """What one set of queries is drawn from, and what was drawn so far."""

    counts: Counts
    texts: Sequence[Text]
    draw: random.Random
    decks: dict[tuple[Kind, bool], _Deck]
    used: list[str] = field(default_factory=list)
    common: int = 0

    @property
    def short(self) -> bool:
        """Whether one more rare term could leave fewer than half of the terms common."""
        return 2 * self.common < len(self.used) + 2

    def use(self, term: str) -> str:
        self.used.append(term)
        self.common += self.counts.texts[term] >= COMMON
        return term

    def deal(self, kind: Kind) -> str:
        """A term, common whenever fewer than half of those so far are."""
        wants_common = self.short
        common, rare = self.decks[kind, True], self.decks[kind, False]
        # There are few common handles: no set of queries asks for one again and again.
        enough = common.fresh if kind == "tag" else len(common) > 0
        return self.use((common if (wants_common and enough) or not len(rare) else rare).deal())

    def beside(self, term: str) -> str:
        """Another term of a text that holds `term`, so that AND finds and NOT removes something."""
        text = self.texts[self.counts.example[term]]
        words = set(term.strip('"#@').split())
        found = [
            other
            for other in sorted(terms_of(text))
            if drawable(other, self.counts) and words.isdisjoint(other.strip('"#@').split())
        ]
        wanted = [other for other in found if self.counts.texts[other] >= COMMON]
        pool = wanted if wanted and self.short else found
        return self.use(self.draw.choice(pool)) if pool else self.deal("word")


def usable(texts: int) -> bool:
    """Whether a term that stands in so many texts may be asked for."""
    return 1 <= texts <= MOST_TEXTS


def drawable(term: str, counts: Counts) -> bool:
    """Whether a person would ask for it, too: not for `"of the"`, nor for what only stands there
    because a tweet begins with a handle (`"southwestair yes"`)."""
    texts = counts.texts[term]
    if kind_of(term) != "phrase":
        return usable(texts)
    rarer = min(counts.texts[word] for word in term[1:-1].split())
    return usable(texts) and rarer < _EVERYWHERE and 2 * counts.prose[term] >= texts


def draw_queries(number: int, counts: Counts, texts: Sequence[Text], *, seed: int = SEED) -> Drawn:
    """`number` queries; the same for the same seed and texts."""
    draw = random.Random(f"{seed}/{number}")
    table = _Table(counts, texts, draw, _decks(counts, draw))
    shapes = _shapes(number, draw)
    written = {at: _WRITE[shape](table) for at, shape in enumerate(shapes)}
    return Drawn(written, dict(enumerate(shapes)), tuple(table.used))


def long_query(terms: int, counts: Counts, texts: Sequence[Text], *, seed: int = SEED) -> str:
    """One query of so many terms: names and handles wanted, a tenth of them excluded."""
    draw = random.Random(f"{seed}/long/{terms}")
    # Short ones mostly: a query has 10,000 characters at most.
    table = _Table(counts, texts, draw, _decks(counts, draw))
    dealt = [_any_term(table, (75, 15, 10)) for _ in range(terms)]
    out = terms // 10
    return f"({' OR '.join(dealt[out:])}) NOT ({' OR '.join(dealt[:out])})"


def told(drawn: Drawn, counts: Counts) -> str:
    """What was drawn, for the report."""
    spread = sorted(counts.texts[term] for term in drawn.terms)
    common = sum(texts >= COMMON for texts in spread) / len(spread)
    return (
        f"{len(drawn.terms)} terms, {len(drawn.distinct)} distinct, each in {spread[0]} to "
        f"{spread[-1]} texts (median {median(spread):g}), {common:.0%} in at least {COMMON}"
    )


def _decks(counts: Counts, draw: random.Random) -> dict[tuple[Kind, bool], _Deck]:
    sorted_out: dict[tuple[Kind, bool], tuple[list[str], list[str]]] = {
        (kind, common): ([], []) for kind in ("word", "tag", "phrase") for common in (True, False)
    }
    for term, texts in counts.texts.items():
        if drawable(term, counts):
            preferred, others = sorted_out[kind_of(term), texts >= COMMON]
            (preferred if _preferred(term, counts) else others).append(term)
    return {place: _Deck(*found, draw) for place, found in sorted_out.items()}


def _preferred(term: str, counts: Counts) -> bool:
    """Names before other words, handles before tags, phrases of words that say something."""
    match kind_of(term):
        case "word":
            return counts.is_name(term)
        case "tag":
            return term[0] == "@"
        case _:
            return all(counts.texts[word] < _EVERYWHERE for word in term[1:-1].split())


def _shapes(number: int, draw: random.Random) -> list[Shape]:
    """The mix in exact numbers, in any order."""
    shapes: list[Shape] = []
    share = 0.0
    for shape, part in MIX.items():
        share += part
        shapes.extend([shape] * (round(share * number) - len(shapes)))
    draw.shuffle(shapes)
    return shapes


def _any_term(table: _Table, weights: tuple[int, int, int] = (65, 15, 20)) -> str:
    kinds: tuple[Kind, ...] = ("word", "tag", "phrase")
    return table.deal(table.draw.choices(kinds, weights)[0])


def _group(table: _Table) -> str:
    return " OR ".join(_any_term(table) for _ in range(table.draw.randint(2, 5)))


def _and_not(table: _Table) -> str:
    form = table.draw.choice(("both", "not", "group"))
    anchor = _any_term(table)
    beside = table.beside(anchor)
    if form == "both":
        return f"{anchor} {beside}"
    if form == "not":
        return f"{anchor} -{beside}"
    return f"({anchor} OR {_any_term(table)}) NOT {beside}"


_WRITE: dict[Shape, Callable[[_Table], str]] = {
    "name": lambda table: table.deal("word"),
    "handle": lambda table: table.deal("tag"),
    "phrase": lambda table: table.deal("phrase"),
    "or": _group,
    "andnot": _and_not,
}
