"""All queries over one text: an index of their words picks candidates, exact evaluation decides.

Each query is filed under keys of which every match must hold one (its cover, `rule.py`). The words
of a text are met with all keys at once, as sets; a query of single words is decided by that alone.
Below FEW keys an Aho-Corasick pass over the folded text comes first: most texts hold none, and
then are not even split into words. Above, nearly every text holds some, and looking its words up
beats any automaton over its characters (docs/adr/012-matcher.md has the figures). Cost: splitting
and hits, whatever the number of queries. Putting or dropping a query touches its own keys only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from itertools import chain
from typing import Any, Generic, TypeVar

from nlp.query.ast import Query
from nlp.query.few import FEW, FewKeys
from nlp.query.keys import HEAD, AnyKey, Filing, Head
from nlp.query.parser import parse
from nlp.query.reading import Reading
from nlp.query.rule import Makings, Rule
from nlp.query.values import Hit, Text
from nlp.text import Key, skim

K = TypeVar("K", bound=Hashable)


class Matcher(Generic[K]):
    """A set of queries, compiled; queries can be put and dropped one by one.

    Pickles as its sources and is rebuilt on the other side.
    """

    def __init__(self, queries: Mapping[K, Query], *, zone: tzinfo = UTC) -> None:
        filing = Filing(inflections=_inflections, rarity=_rarity)
        self._makings = Makings(zone=zone, inflections=_inflections, filing=filing)
        self._numbers: dict[K, int] = {}
        self._rules: dict[int, Rule] = {}
        self._next = 0
        self._asked: set[Key] = set()
        self._uses: Counter[Key] = Counter()
        self._pairs = 0
        self._few: FewKeys | None = None
        self._sure: dict[AnyKey, list[int]] = {}
        self._likely: dict[AnyKey, list[int]] = {}
        self._heads: dict[AnyKey, list[int]] = {}
        self._always: dict[int, None] = {}
        for key, query in queries.items():
            self._put(key, query)
        self._renew()

    @classmethod
    def compile(cls, queries: Mapping[K, Query], *, zone: tzinfo = UTC) -> Matcher[K]:
        """Linear in the total length of the queries. zone: of the days in `published:`."""
        return cls(queries, zone=zone)

    def put(self, key: K, query: Query) -> None:
        """Add a query, or replace that of the key, which keeps its place in the order."""
        self._put(key, query)
        self._renew()

    def _put(self, key: K, query: Query) -> None:
        rule = Rule(key, query, self._makings)
        if key in self._numbers:
            self._unfile(self._numbers[key])
        else:
            self._numbers[key] = self._next
            self._next += 1
        number = self._numbers[key]
        self._rules[number] = rule
        self._file(number, rule)

    def drop(self, key: K) -> None:
        """Take a query out; an unknown key changes nothing."""
        number = self._numbers.pop(key, None)
        if number is not None:
            self._unfile(number)
            del self._rules[number]
            self._renew()

    def _renew(self) -> None:
        """Build the first look anew; none where there are too many keys for it to help, or where
        some query must be asked of every text."""
        number = len(self._sure) + len(self._likely) + len(self._heads)
        use = 0 < number <= FEW and not self._always
        self._few = FewKeys((*self._sure, *self._likely, *self._heads)) if use else None

    def __len__(self) -> int:
        return len(self._rules)

    def _file(self, number: int, rule: Rule) -> None:
        if rule.cover is None:
            self._always[number] = None
        for key in rule.cover or ():
            self._drawer(rule, key).setdefault(key, []).append(number)
        for key in rule.vocabulary:
            if not isinstance(key, Head):
                self._uses[key] += 1
                self._pairs += not isinstance(key, str) and self._uses[key] == 1
                self._asked.add(key)

    def _unfile(self, number: int) -> None:
        rule = self._rules[number]
        self._always.pop(number, None)
        for key in rule.cover or ():
            drawer = self._drawer(rule, key)
            drawer[key].remove(number)
            if not drawer[key]:
                del drawer[key]
        for key in rule.vocabulary:
            if not isinstance(key, Head):
                self._uses[key] -= 1
                if not self._uses[key]:
                    del self._uses[key]
                    self._asked.discard(key)
                    self._pairs -= not isinstance(key, str)

    def _drawer(self, rule: Rule, key: AnyKey) -> dict[AnyKey, list[int]]:
        if isinstance(key, Head):
            return self._heads
        return self._sure if rule.certain else self._likely

    def match(self, text: Text, *, now: datetime | None = None) -> list[Hit[K]]:
        """The queries that match, in the order they were given. now: for `published:-7d..`."""
        title, body = text.title, text.body
        if self._few is not None and not self._few.may_match(title, body):
            return []
        found: set[Key] = set()
        heads: set[AnyKey] = set()
        if body:
            self._note(body, found, heads)
        if title:
            self._note(title, found, heads)
        if not (found or heads or self._always):
            return []
        reading = Reading(text, found, now)
        rules = self._rules
        return [Hit(rules[number], reading) for number in self._matching(reading, heads)]

    def match_many(
        self, texts: Iterable[Text], *, now: datetime | None = None
    ) -> list[list[Hit[K]]]:
        return [self.match(text, now=now) for text in texts]

    def candidates(self, text: Text) -> int:
        """How many queries a text brings to mind, those that its keys decide included."""
        found: set[Key] = set()
        heads: set[AnyKey] = set()
        for part in (text.title, text.body):
            self._note(part, found, heads)
        sure = {number for key in found for number in self._sure.get(key, ())}
        return len(sure | self._likely_ones(found, heads))

    def _note(self, text: str, found: set[Key], heads: set[AnyKey]) -> None:
        """Add the keys that a text holds of those that are asked for."""
        asked = self._asked
        words, tags = skim(text)
        found.update(asked.intersection(words))
        if self._pairs:
            # zip hands out one tuple again and again where nobody keeps it; pairwise does not.
            found.update(asked.intersection(zip(words, words[1:], strict=False)))  # noqa: RUF007
        for keys in tags:
            if not asked.isdisjoint(keys):
                found.update(asked & keys)
        if self._heads:
            self._note_heads(words, tags, heads)

    def _note_heads(
        self, words: Iterable[str], tags: Iterable[frozenset[Key]], heads: set[AnyKey]
    ) -> None:
        tagged = (key for keys in tags for key in keys if isinstance(key, str))
        starts = {Head(word[:HEAD]) for word in chain(words, tagged)}
        heads |= self._heads.keys() & starts

    def _matching(self, reading: Reading, heads: set[AnyKey]) -> list[int]:
        found = reading.keys
        numbers = set(chain.from_iterable(filter(None, map(self._sure.get, found))))
        rules = self._rules
        for number in self._likely_ones(found, heads):
            if rules[number].root.holds(reading):
                numbers.add(number)
        return sorted(numbers)

    def _likely_ones(self, found: set[Key], heads: set[AnyKey]) -> set[int]:
        candidates = set(chain.from_iterable(filter(None, map(self._likely.get, found))))
        if heads:
            candidates.update(*(self._heads[head] for head in heads))
        if self._always:
            candidates.update(self._always)
        return candidates

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


def _rarity(form: str) -> float:
    """The share of texts that hold a word, roughly: common words are ranked, among the others the
    longer one is taken to be the rarer."""
    return 1 / (len(form) + 1)
