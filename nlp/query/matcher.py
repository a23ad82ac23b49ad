"""All queries over one text: an automaton over their keys picks, exact evaluation decides.

Each query is filed under keys of which every match must hold one (`keys.py`). A text is made a
string in which words can be looked for (`nlp.text.skim`); one Aho-Corasick pass finds all keys of
all queries in it. A query of words and phrases, alone or in an OR, is decided by that; any other
is evaluated with the found keys first, and in the text itself only where they leave it open.
Cost: folding + one pass + hits, whatever the number of queries.

Putting a query adds its keys to a second, small automaton, which is merged into the large one when
it has grown: changing one query does not rebuild the world (docs/adr/012-matcher.md).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any, Generic, TypeVar

from nlp.query.ast import Query
from nlp.query.automata import Automata
from nlp.query.frequency import rank
from nlp.query.keys import Filing, Key
from nlp.query.lemma import inflections
from nlp.query.parser import parse
from nlp.query.reading import Reading
from nlp.query.rule import Makings, Rule
from nlp.query.values import Hit, Text

K = TypeVar("K", bound=Hashable)

_TOGETHER = 256
"""Texts that are looked through at once."""


class Matcher(Generic[K]):
    """A set of queries, compiled; queries can be put and dropped one by one.

    Pickles as its sources and is rebuilt on the other side.
    """

    def __init__(
        self,
        queries: Mapping[K, Query],
        *,
        zone: tzinfo = UTC,
        zones: Mapping[K, tzinfo] | None = None,
    ) -> None:
        self._zone = zone
        self._filing = Filing(inflections=inflections, rarity=_rarity)
        self._makings = Makings(inflections=inflections, filing=self._filing)
        self._numbers: dict[K, int] = {}
        # By number; that of a dropped query is filed nowhere any more.
        self._rules: list[Rule] = []
        self._names: list[K] = []
        # Those that have no keys are looked at in every text.
        self._always: set[int] = set()
        self._automata = Automata(self._filing.keys[0])
        self.put_all(queries, zones=zones)

    @classmethod
    def compile(
        cls,
        queries: Mapping[K, Query],
        *,
        zone: tzinfo = UTC,
        zones: Mapping[K, tzinfo] | None = None,
    ) -> Matcher[K]:
        """Linear in the total length of the queries. zone: of the days in `published:`; zones:
        that of single queries, where it is another."""
        return cls(queries, zone=zone, zones=zones)

    def put(self, key: K, query: Query, zone: tzinfo | None = None) -> None:
        """Add a query, or replace that of the key, which keeps its place in the order.

        zone: of its days; None: the matcher's.
        """
        self._put(key, query, zone or self._zone)
        self._renew()

    def put_all(
        self, queries: Mapping[K, Query], *, zones: Mapping[K, tzinfo] | None = None
    ) -> None:
        """Put each of them; the automata are made anew once for all."""
        for key, query in queries.items():
            self._put(key, query, (zones or {}).get(key, self._zone))
        self._renew()

    def drop(self, key: K) -> None:
        """Take a query out; an unknown key changes nothing."""
        number = self._numbers.pop(key, None)
        if number is not None:
            self._unfile(number)

    def __len__(self) -> int:
        return len(self._numbers)

    def _put(self, key: K, query: Query, zone: tzinfo) -> None:
        rule = Rule(key, query, self._makings, zone=zone)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._rules)
            self._rules.append(rule)
            self._names.append(key)
        else:
            self._unfile(number)
            self._rules[number] = rule
        for at in rule.cover or ():
            if rule.certain:
                at.sure += (number,)
            else:
                at.likely += (number,)
        if rule.cover is None:
            self._always.add(number)

    def _unfile(self, number: int) -> None:
        """Its keys stay in the automata, where they bring nothing to mind any more."""
        for key in self._rules[number].cover or ():
            key.sure = tuple(one for one in key.sure if one != number)
            key.likely = tuple(one for one in key.likely if one != number)
        self._always.discard(number)

    def _renew(self) -> None:
        self._automata.renew(self._filing.keys, self._filing.plain)

    def match(self, text: Text, *, now: datetime | None = None) -> list[Hit[K]]:
        """The queries that match, in the order they were given. now: for `published:-7d..`."""
        return self.match_many((text,), now=now)[0]

    def match_many(
        self, texts: Iterable[Text], *, now: datetime | None = None
    ) -> list[list[Hit[K]]]:
        """`match` for each; many cost far less together than one by one."""
        rules = self._rules
        hits: list[list[Hit[K]]] = []
        for chunk in _chunks(texts):
            start = len(hits)
            hits += ([] for _ in chunk)
            for at, numbers, keys, reading in self._matched(chunk, now):
                reading = reading or Reading(chunk[at], keys, now)
                hits[start + at] = [Hit(rules[number], reading) for number in numbers]
        return hits

    def which_many(self, texts: Iterable[Text], *, now: datetime | None = None) -> list[list[K]]:
        """Only the keys of the queries that match each text."""
        names = self._names
        keys: list[list[K]] = []
        for chunk in _chunks(texts):
            start = len(keys)
            keys += ([] for _ in chunk)
            for at, numbers, _, _ in self._matched(chunk, now):
                keys[start + at] = [names[number] for number in numbers]
        return keys

    def _matched(
        self, texts: Sequence[Text], now: datetime | None
    ) -> Iterator[tuple[int, list[int], set[Key], Reading | None]]:
        """The texts that some query matches: their place, the numbers of the queries, the keys
        found, and the text under evaluation where keys alone did not decide."""
        rules = self._rules
        found = self._found(texts)
        for at in range(len(texts)) if self._always else found:
            keys = found.get(at) or set()
            numbers, likely = self._brought_to_mind(keys)
            reading = Reading(texts[at], keys, now) if likely else None
            if reading:
                numbers += [one for one in likely if rules[one].root.holds(reading)]
            if len(numbers) > 1:
                numbers = sorted({*numbers})
            if numbers:
                yield at, numbers, keys, reading

    def candidates(self, text: Text) -> int:
        """How many queries a text brings to mind, those that its keys decide included."""
        sure, likely = self._brought_to_mind(self._found((text,)).get(0, ()))
        return len({*sure, *likely})

    def _found(self, texts: Sequence[Text]) -> dict[int, set[Key]]:
        """The keys in the title or body of each text."""
        # No phrase crosses the empty line between them.
        return self._automata.found(
            [
                f"{text.body}\n\n{text.title}"
                if text.title and text.body
                else text.title or text.body
                for text in texts
            ]
        )

    def _brought_to_mind(self, found: Iterable[Key]) -> tuple[list[int], Collection[int]]:
        """The queries that match for sure, some maybe twice, and those to be looked at."""
        sure: list[int] = []
        likely: set[int] | None = None
        for key in found:
            sure += key.sure
            if key.likely:
                likely = likely.union(key.likely) if likely else self._always.union(key.likely)
        return sure, self._always if likely is None else likely

    def __getstate__(self) -> dict[str, Any]:
        ordered = sorted(self._numbers.items(), key=lambda item: item[1])
        sources = {key: self._rules[number].source for key, number in ordered}
        zones = {key: self._rules[number].zone for key, number in ordered}
        return {"sources": sources, "zone": self._zone, "zones": zones}

    def __setstate__(self, state: dict[str, Any]) -> None:
        queries = {key: parse(source) for key, source in state["sources"].items()}
        self.__init__(queries, zone=state["zone"], zones=state["zones"])  # type: ignore[misc]  # rebuilding is construction


def _chunks(texts: Iterable[Text]) -> Iterator[tuple[Text, ...]]:
    left = iter(texts)
    while chunk := tuple(islice(left, _TOGETHER)):
        yield chunk


def _rarity(form: str) -> float:
    """The share of texts that hold a word, roughly: the n-th commonest word of a language is in one
    of n texts; among those beyond the ranks the longer one is taken to be the rarer."""
    place = rank(form.lstrip("#@="))
    return 1 / place if place else 1e-5 / len(form)
