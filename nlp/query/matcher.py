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

from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any, Generic, TypeVar

import ahocorasick_rs

from nlp.query.ast import Query
from nlp.query.few import FewKeys, few_enough
from nlp.query.frequency import rank
from nlp.query.keys import Filing
from nlp.query.lemma import inflections
from nlp.query.parser import parse
from nlp.query.reading import Reading
from nlp.query.rule import Makings, Rule
from nlp.query.values import Hit, Text
from nlp.text import END, haystacks, needle

K = TypeVar("K", bound=Hashable)
Find = Callable[[bytes, bool], list[tuple[int, int, int]]]

_NONE, _SEVERAL = -1, -2
_SMALL = 64
_TOGETHER = 256
"""Texts that are made one haystack."""
_SHARE = 16
"""The second automaton is merged when it holds more keys than _SMALL and 1/_SHARE of the first."""


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
        # By the number of a key: queries that it decides, and those to be looked at.
        self._drawers: list[tuple[list[int], list[int]]] = []
        # The same for most keys, which decide one query: with many thousands the time goes into
        # fetching from memory what lies scattered there, and this does not.
        self._only = array("q")
        self._always: set[int] = set()
        self._large = _automaton(())
        self._small: Find | None = None
        self._few: FewKeys | None = None
        self._merged = 0
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
        if key in self._numbers:
            self._unfile(self._numbers[key])
        else:
            self._numbers[key] = len(self._rules)
            self._rules.append(rule)
        self._file(self._numbers[key], rule)

    def _file(self, number: int, rule: Rule) -> None:
        self._rules[number] = rule
        missing = len(self._filing.keys) - len(self._drawers)
        self._drawers += (([], []) for _ in range(missing))
        self._only.extend([_NONE] * missing)
        for key in rule.cover or ():
            self._place(rule, key).append(number)
            self._note(key)
        if rule.cover is None:
            self._always.add(number)

    def _unfile(self, number: int) -> None:
        """Its keys stay in the automaton, where they find nothing any more."""
        rule = self._rules[number]
        for key in rule.cover or ():
            self._place(rule, key).remove(number)
            self._note(key)
        self._always.discard(number)

    def _place(self, rule: Rule, key: int) -> list[int]:
        sure, likely = self._drawers[key]
        return sure if rule.certain else likely

    def _note(self, key: int) -> None:
        sure, likely = self._drawers[key]
        if not likely and len(sure) < 2:
            self._only[key] = sure[0] if sure else _NONE
        else:
            self._only[key] = _SEVERAL

    def _renew(self) -> None:
        """Let the automata know the keys that came since."""
        keys = self._filing.keys
        new = len(keys) - self._merged
        if not self._merged or (new > _SMALL and new * _SHARE > self._merged):
            self._large, self._small = _automaton(keys), None
            self._merged = len(keys)
        elif new:
            self._small = _automaton([END, *keys[self._merged :]])
        self._few = FewKeys(keys[1:]) if few_enough(keys[1:]) else None

    def match(self, text: Text, *, now: datetime | None = None) -> list[Hit[K]]:
        """The queries that match, in the order they were given. now: for `published:-7d..`."""
        return self._matched((text,), now)[0]

    def match_many(
        self, texts: Iterable[Text], *, now: datetime | None = None
    ) -> list[list[Hit[K]]]:
        """`match` for each; many cost less together than one by one."""
        left = iter(texts)
        found: list[list[Hit[K]]] = []
        while chunk := tuple(islice(left, _TOGETHER)):
            found += self._matched(chunk, now)
        return found

    def _matched(self, texts: Sequence[Text], now: datetime | None) -> list[list[Hit[K]]]:
        found = self._found(texts)
        hits: list[list[Hit[K]]] = [[] for _ in texts]
        for at in range(len(texts)) if self._always else found:
            hits[at] = self._hits(texts[at], found.get(at) or set(), now)
        return hits

    def _hits(self, text: Text, found: set[int], now: datetime | None) -> list[Hit[K]]:
        numbers, likely = self._brought_to_mind(found)
        if not (numbers or likely):
            return []
        reading = Reading(text, found, now)
        rules = self._rules
        for number in likely:
            if rules[number].root.holds(reading):
                numbers.append(number)
        if len(numbers) > 1:
            numbers = sorted(set(numbers))
        return [Hit(rules[number], reading) for number in numbers]

    def candidates(self, text: Text) -> int:
        """How many queries a text brings to mind, those that its keys decide included."""
        sure, likely = self._brought_to_mind(self._found((text,)).get(0, ()))
        return len({*sure, *likely})

    def _found(self, texts: Iterable[Text]) -> dict[int, set[int]]:
        """The keys in each text that has any, by number; the texts by their place."""
        # No phrase crosses the empty line between body and title.
        whole = [
            f"{text.body}\n\n{text.title}" if text.title and text.body else text.title or text.body
            for text in texts
        ]
        if self._few is None:
            return self._looked_up(whole)
        asked = self._few.among(whole)
        if not asked:
            return {}
        found = self._looked_up([whole[at] for at in asked])
        return {asked[place]: keys for place, keys in found.items()}

    def _looked_up(self, texts: Iterable[str]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for hay in haystacks(texts):
            # True: overlapping, for neighbours share the blank between them. A name costs time.
            _share_out(self._large(hay, True), 0, found)
            if self._small is not None:
                _share_out(self._small(hay, True), self._merged - 1, found)
        return found

    def _brought_to_mind(self, found: Iterable[int]) -> tuple[list[int], Collection[int]]:
        """The queries that match for sure, some maybe twice, and those to be looked at."""
        sure: list[int] = []
        likely: set[int] | None = None
        only = self._only
        for key in found:
            number = only[key]
            if number >= 0:
                sure.append(number)
            elif number == _SEVERAL:
                decided, open_ = self._drawers[key]
                sure += decided
                if open_:
                    likely = likely.union(open_) if likely else self._always.union(open_)
        return sure, self._always if likely is None else likely

    def __getstate__(self) -> dict[str, Any]:
        ordered = sorted(self._numbers.items(), key=lambda item: item[1])
        sources = {key: self._rules[number].source for key, number in ordered}
        zones = {key: self._rules[number].zone for key, number in ordered}
        return {"sources": sources, "zone": self._zone, "zones": zones}

    def __setstate__(self, state: dict[str, Any]) -> None:
        queries = {key: parse(source) for key, source in state["sources"].items()}
        self.__init__(queries, zone=state["zone"], zones=state["zones"])  # type: ignore[misc]  # rebuilding is construction


def _share_out(hits: Iterable[tuple[int, int, int]], more: int, found: dict[int, set[int]]) -> None:
    """Finds in a haystack of many texts, text by text. more: what is added to their numbers."""
    at = 0
    for key, _, _ in hits:
        if not key:  # The end of a text.
            at += 1
        elif at in found:
            found[at].add(key + more)
        else:
            found[at] = {key + more}


def _automaton(keys: Iterable[str]) -> Find:
    automaton = ahocorasick_rs.BytesAhoCorasick(
        [needle(key) for key in keys], implementation=ahocorasick_rs.Implementation.ContiguousNFA
    )
    return automaton.find_matches_as_indexes


def _rarity(form: str) -> float:
    """The share of texts that hold a word, roughly: the n-th commonest word of a language is in one
    of n texts; among those beyond the ranks the longer one is taken to be the rarer."""
    place = rank(form.lstrip("#@="))
    return 1 / place if place else 1e-5 / len(form)
