"""All queries over one text: an automaton picks candidates, exact evaluation decides.

Each query is filed under texts of which every match must hold one (its cover): the rarest child
of an AND, all children of an OR. One Aho-Corasick pass over the folded text finds the queries
worth looking at; only then is the text tokenised, once. Cost: folding + one pass + hits, whatever
the number of queries. Excluded terms are no cover; the grammar forbids queries without one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

import ahocorasick_rs

from nlp.query.ast import And, Node, Not, Or, Query, Words
from nlp.query.find import Finder, Occurrence
from nlp.query.normal import push_not
from nlp.query.parser import parse
from nlp.query.values import FieldName, Hit, Span, Text
from nlp.text import ReadText, fold

K = TypeVar("K", bound=Hashable)
Finders = dict[tuple[object, ...], Finder]


class Reading:
    """One item under evaluation: its fields tokenised, each distinct term found once."""

    __slots__ = ("_fields", "_found")

    def __init__(self, fields: list[tuple[FieldName, ReadText]]) -> None:
        self._fields = fields
        self._found: dict[Finder, list[tuple[FieldName, ReadText, list[Occurrence]]]] = {}

    def find(self, finder: Finder) -> list[tuple[FieldName, ReadText, list[Occurrence]]]:
        found = self._found.get(finder)
        if found is None:
            found = []
            for name, text in self._fields:
                if occurrences := finder.find(text):
                    found.append((name, text, occurrences))
            self._found[finder] = found
        return found


class Matcher(Generic[K]):
    """A set of queries, compiled. Pickles as its sources and is rebuilt on the other side."""

    def __init__(self, queries: Mapping[K, Query]) -> None:
        self._sources = {key: query.source for key, query in queries.items()}
        finders: Finders = {}
        self._rules = [(key, _compile(query, finders)) for key, query in queries.items()]
        filed: dict[str, list[int]] = {}
        for number, (_, rule) in enumerate(self._rules):
            for pattern in rule.cover:
                filed.setdefault(pattern, []).append(number)
        self._filed = list(filed.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(filed)) if filed else None

    @classmethod
    def compile(cls, queries: Mapping[K, Query]) -> Matcher[K]:
        """Build the automaton: linear in the total length of the queries."""
        return cls(queries)

    def match(self, text: Text) -> list[Hit[K]]:
        """The queries that match, in the order they were given."""
        title, body = fold(text.title), fold(text.body)
        numbers = self._candidates(title, body)
        if not numbers:
            return []
        fields: list[tuple[FieldName, ReadText]] = []
        if title:
            fields.append(("title", ReadText(text.title, title)))
        if body:
            fields.append(("text", ReadText(text.body, body)))
        reading = Reading(fields)
        hits = []
        for number in sorted(numbers):
            key, rule = self._rules[number]
            if rule.root.holds(reading):
                hits.append(rule.hit(key, reading))
        return hits

    def match_many(self, texts: Iterable[Text]) -> list[list[Hit[K]]]:
        return [self.match(text) for text in texts]

    def _candidates(self, *folded: str) -> set[int]:
        if self._automaton is None:
            return set()
        numbers: set[int] = set()
        for text in folded:
            if text:
                found = self._automaton.find_matches_as_indexes(text, overlapping=True)
                for pattern in {match[0] for match in found}:
                    numbers.update(self._filed[pattern])
        return numbers

    def __getstate__(self) -> dict[K, str]:
        return self._sources

    def __setstate__(self, sources: dict[K, str]) -> None:
        self.__init__({key: parse(source) for key, source in sources.items()})  # type: ignore[misc]  # rebuilding is construction


class _Rule:
    """A query made ready: its tree without inner NOT, and its cover."""

    __slots__ = ("cover", "root", "source")

    def __init__(self, root: _Branch, source: str) -> None:
        self.root = root
        self.source = source
        self.cover = root.cover or frozenset()

    def hit(self, key: K, reading: Reading) -> Hit[K]:
        spans: set[Span] = set()
        self.root.collect(reading, spans)
        start, end = self.root.clause(reading)
        ordered = sorted(spans, key=lambda span: (span.field == "text", span.start, span.end))
        return Hit(key, tuple(ordered), self.source[start:end])


class _Branch:
    """A node that can be asked; `cover`: texts of which every match holds one, None: no such."""

    __slots__ = ("cover", "end", "start")

    def __init__(self, node: Node, cover: frozenset[str] | None) -> None:
        self.start, self.end, self.cover = node.start, node.end, cover

    def holds(self, reading: Reading) -> bool:
        raise NotImplementedError

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        """Add what satisfied this node, which holds."""

    def clause(self, reading: Reading) -> tuple[int, int]:
        """Source stretch of the smallest clause that decided."""
        return self.start, self.end


class _Leaf(_Branch):
    __slots__ = ("finder",)

    def __init__(self, node: Words, finder: Finder) -> None:
        super().__init__(node, finder.cover)
        self.finder = finder

    def holds(self, reading: Reading) -> bool:
        return bool(reading.find(self.finder))

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for name, text, occurrences in reading.find(self.finder):
            for found in occurrences:
                start, end = found.start, found.end
                if not found.raw:
                    start, end = text.place(start, end)
                spans.add(Span(name, start, end))


class _Never(_Branch):
    """NOT before a term."""

    __slots__ = ("child",)

    def __init__(self, node: Not, child: _Branch) -> None:
        super().__init__(node, None)
        self.child = child

    def holds(self, reading: Reading) -> bool:
        return not self.child.holds(reading)


class _All(_Branch):
    __slots__ = ("children",)

    def __init__(self, node: And | Or, children: list[_Branch]) -> None:
        covers = [child.cover for child in children if child.cover is not None]
        super().__init__(node, max(covers, key=_rarity, default=None))
        # The term it was filed under first: it is the least likely to be there.
        self.children = sorted(children, key=lambda child: child.cover is not self.cover)

    def holds(self, reading: Reading) -> bool:
        return all(child.holds(reading) for child in self.children)

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for child in self.children:
            child.collect(reading, spans)


class _Any(_Branch):
    __slots__ = ("children",)

    def __init__(self, node: And | Or, children: list[_Branch]) -> None:
        covers = [child.cover for child in children]
        known = [cover for cover in covers if cover is not None]
        # One branch without a cover leaves the whole OR without.
        super().__init__(node, frozenset().union(*known) if len(known) == len(covers) else None)
        self.children = children

    def holds(self, reading: Reading) -> bool:
        return any(child.holds(reading) for child in self.children)

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for child in self.children:
            if child.holds(reading):
                child.collect(reading, spans)

    def clause(self, reading: Reading) -> tuple[int, int]:
        for child in self.children:
            if child.holds(reading):
                return child.clause(reading)
        return self.start, self.end


def _rarity(cover: frozenset[str]) -> tuple[int, int]:
    """Longer texts are rarer; the shortest of a cover decides."""
    return min(len(pattern) for pattern in cover), -len(cover)


def _compile(query: Query, finders: Finders) -> _Rule:
    return _Rule(_branch(push_not(query.root), finders), query.source)


def _branch(node: Node, finders: Finders) -> _Branch:
    match node:
        case And(children):
            return _All(node, [_branch(child, finders) for child in children])
        case Or(children):
            return _Any(node, [_branch(child, finders) for child in children])
        case Not(child):
            return _Never(node, _branch(child, finders))
        case Words():
            finder = finders.setdefault(node.units, Finder(node))
            return _Leaf(node, finder)
