"""All queries over one text: an index of their words picks candidates, exact evaluation decides.

Each query is filed under keys of which every match must hold one (its cover, `rule.py`). The words
of a text are met with all keys at once, as sets; a query of single words is decided by that alone.
Below FEW keys an Aho-Corasick pass over the folded text comes first: most texts hold none, and
then are not even split into words. Above, nearly every text holds some, and the set of its words
is the better automaton (docs/adr/012-matcher.md has the figures). Cost: folding + splitting +
hits, whatever the number of queries. Putting or dropping a query touches its own keys only.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Generic, TypeVar

import ahocorasick_rs

from nlp.query.ast import Query
from nlp.query.parser import parse
from nlp.query.reading import Reading
from nlp.query.rule import HEAD, Key, Makings, Rule
from nlp.query.values import Hit, Text
from nlp.text import fold

K = TypeVar("K", bound=Hashable)

FEW = 400
"""Keys up to which the automaton goes first."""


class Matcher(Generic[K]):
    """A set of queries, compiled; queries can be put and dropped one by one.

    Pickles as its sources and is rebuilt on the other side.
    """

    def __init__(self, queries: Mapping[K, Query], *, zone: tzinfo = UTC) -> None:
        self._makings = Makings(zone=zone, inflections=_inflections, rarity=_rarity())
        self._numbers: dict[K, int] = {}
        self._keys: dict[int, K] = {}
        self._rules: dict[int, Rule] = {}
        self._next = 0
        self._sure: dict[str, list[int]] = {}
        self._likely: dict[str, list[int]] = {}
        self._heads: dict[str, list[int]] = {}
        self._always: dict[int, None] = {}
        self._automaton: ahocorasick_rs.AhoCorasick | None = None
        self._stale = True
        for key, query in queries.items():
            self.put(key, query)

    @classmethod
    def compile(cls, queries: Mapping[K, Query], *, zone: tzinfo = UTC) -> Matcher[K]:
        """Linear in the total length of the queries. zone: of the days in `published:`."""
        return cls(queries, zone=zone)

    def put(self, key: K, query: Query) -> None:
        """Add a query, or replace that of the key, which keeps its place in the order."""
        rule = Rule(query, self._makings)
        if key in self._numbers:
            self._unfile(self._numbers[key])
        else:
            self._numbers[key] = self._next
            self._keys[self._next] = key
            self._next += 1
        number = self._numbers[key]
        self._rules[number] = rule
        for where in self._places(rule):
            where.append(number)
        if rule.cover is None:
            self._always[number] = None
        self._stale = True

    def drop(self, key: K) -> None:
        """Take a query out; an unknown key changes nothing."""
        number = self._numbers.pop(key, None)
        if number is not None:
            self._unfile(number)
            del self._rules[number], self._keys[number]
            self._stale = True

    def __len__(self) -> int:
        return len(self._rules)

    def _filed_under(self, rule: Rule, key: Key) -> dict[str, list[int]]:
        if key.head:
            return self._heads
        return self._sure if rule.certain else self._likely

    def _places(self, rule: Rule) -> list[list[int]]:
        return [self._filed_under(rule, key).setdefault(key.text, []) for key in rule.cover or ()]

    def _unfile(self, number: int) -> None:
        rule = self._rules[number]
        self._always.pop(number, None)
        for key in rule.cover or ():
            filed = self._filed_under(rule, key)
            filed[key.text].remove(number)
            if not filed[key.text]:
                del filed[key.text]

    def match(self, text: Text, *, now: datetime | None = None) -> list[Hit[K]]:
        """The queries that match, in the order they were given. now: for `published:-7d..`."""
        reading = self._read(text, now)
        if reading is None:
            return []
        rules, keys = self._rules, self._keys
        return [Hit(keys[number], rules[number], reading) for number in self._matching(reading)]

    def match_many(
        self, texts: Iterable[Text], *, now: datetime | None = None
    ) -> list[list[Hit[K]]]:
        return [self.match(text, now=now) for text in texts]

    def candidates(self, text: Text) -> int:
        """How many queries would be looked at more closely than by their key (for the bench)."""
        reading = self._read(text, None)
        return len(self._likely_ones(reading)) if reading is not None else 0

    def _read(self, text: Text, now: datetime | None) -> Reading | None:
        """The text as words; None where the automaton tells that no key is in it."""
        title, body = text.title, text.body
        title = fold(title) if title else ""
        body = fold(body) if body else ""
        if self._stale:
            self._renew()
        automaton = self._automaton
        if automaton is not None and not (
            (body and automaton.find_matches_as_indexes(body))
            or (title and automaton.find_matches_as_indexes(title))
        ):
            return None
        return Reading(text, title, body, now)

    def _renew(self) -> None:
        """Build the automaton anew; none where there are too many keys for it to help, or where
        some query must be asked of every text."""
        keys = {*self._sure, *self._likely, *self._heads}
        use = 0 < len(keys) <= FEW and not self._always
        self._automaton = ahocorasick_rs.AhoCorasick(list(keys)) if use else None
        self._stale = False

    def _matching(self, reading: Reading) -> list[int]:
        words = reading.words
        sure = self._sure
        numbers: set[int] = set()
        for word in sure.keys() & words:
            numbers.update(sure[word])
        rules = self._rules
        for number in self._likely_ones(reading):
            if rules[number].root.holds(reading):
                numbers.add(number)
        return sorted(numbers)

    def _likely_ones(self, reading: Reading) -> set[int]:
        words = reading.words
        likely = self._likely
        found: set[int] = set(self._always)
        for word in likely.keys() & words:
            found.update(likely[word])
        if self._heads:
            for head in self._heads.keys() & {word[:HEAD] for word in words}:
                found.update(self._heads[head])
        return found

    def __getstate__(self) -> dict[str, Any]:
        ordered = sorted(self._numbers.items(), key=lambda item: item[1])
        sources = {key: self._rules[number].source for key, number in ordered}
        return {"sources": sources, "zone": self._makings.zone}

    def __setstate__(self, state: dict[str, Any]) -> None:
        queries = {key: parse(source) for key, source in state["sources"].items()}
        self.__init__(queries, zone=state["zone"])  # type: ignore[misc]  # rebuilding is construction


def _inflections(form: str) -> frozenset[str]:
    """Loaded by the first query that asks for an inflected form."""
    try:
        from nlp.query.lemma import inflections  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return frozenset((form,))
    found: frozenset[str] = inflections(form)
    return found


def _rarity() -> Callable[[str], float]:
    """The share of texts that hold a word, roughly; for choosing among the words of a query."""
    return lambda form: 1 / len(form)
