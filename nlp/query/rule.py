"""A query made ready to be asked: its branches, and the keys by which it is filed.

The cover of an AND is that of its rarest child, of an OR that of all its children; a NOT, a
property or a pattern without a beginning has none. Where keys decide a leaf, they decide what is
made of such leaves too: an OR is then one set, an AND a few.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import tzinfo

from nlp.query.ast import And, Near, Node, Not, Or, Query, Scope, Words
from nlp.query.find import Finder, Finds, Inflects, is_plain
from nlp.query.holds import Holds, property_test
from nlp.query.keys import Cover, Filing, Keys
from nlp.query.near import AnyOperand, Leafs, NearFinder
from nlp.query.normal import push_not
from nlp.query.reading import Reading
from nlp.query.slop import SlopFinder
from nlp.query.values import Span


class Makings:
    """What compiling needs: inflections, the choice of keys; and the finders made so far, so that a
    term of many queries is looked for once."""

    __slots__ = ("_finders", "filing", "inflections")

    def __init__(self, *, inflections: Inflects, filing: Filing) -> None:
        self.inflections = inflections
        self.filing = filing
        self._finders: dict[Hashable, Finds] = {}

    def finder(self, words: Words) -> Finds:
        known = (words.units, words.slop, words.scope)
        found = self._finders.get(known)
        if found is None:
            made = Finder if words.slop is None else SlopFinder
            found = self._finders[known] = made(words, self.inflections)
        return found


class Branch:
    """A node that can be asked. keys: where they decide it, it holds exactly in the texts that have
    one of them; cover: each text in which it holds has one of these, None: no such keys."""

    __slots__ = ("cover", "end", "keys", "start")

    def __init__(self, node: Node, cover: Cover, keys: Cover = None) -> None:
        self.start, self.end, self.cover, self.keys = node.start, node.end, cover, keys

    def holds(self, reading: Reading) -> bool:
        raise NotImplementedError

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        """Add what satisfied this node, which holds."""

    def clause(self, reading: Reading) -> tuple[int, int]:
        """Source stretch of the smallest clause that decided."""
        return self.start, self.end


class Term(Branch):
    """A word, phrase or distance. finder: makes what finds it when somebody asks: keys decide most.
    needed: a text without one of each is not looked at."""

    __slots__ = ("_finder", "_make", "_row", "needed", "scope")

    def __init__(
        self,
        node: Words | Near,
        finder: Callable[[], Finds],
        cover: Cover,
        *,
        keys: Cover = None,
        needed: Sequence[Keys] = (),
    ) -> None:
        super().__init__(node, cover, keys)
        self._make, self.scope, self.needed = finder, near_scope(node), needed
        self._finder: Finds | None = None
        self._row = _plain_row(node)

    @property
    def finder(self) -> Finds:
        if self._finder is None:
            self._finder = self._make()
        return self._finder

    def holds(self, reading: Reading) -> bool:
        if self.keys is not None:
            return not self.keys.isdisjoint(reading.keys)
        if any(needed.isdisjoint(reading.keys) for needed in self.needed):
            return False
        return bool(reading.find(self.finder, self.scope))

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        plain = reading.plain_stretches(self._row) if self._row else None
        if plain is not None:
            spans.update(Span(name, *stretch) for name, stretch in plain)
            return
        for name, text, occurrences in reading.find(self.finder, self.scope):
            mapped = text.original.isascii()
            for _, _, start, end, raw in occurrences:
                if not (raw or mapped):
                    start, end = text.place(start, end)
                spans.add(Span(name, start, end))


class Property(Branch):
    """A field, flag, number or date: it has no place in the text."""

    __slots__ = ("_test",)

    def __init__(self, node: Node, test: Holds) -> None:
        super().__init__(node, None)
        self._test = test

    def holds(self, reading: Reading) -> bool:
        return self._test(reading)


class Never(Branch):
    """NOT before a leaf."""

    __slots__ = ("child",)

    def __init__(self, node: Not, child: Branch) -> None:
        super().__init__(node, None)
        self.child = child

    def holds(self, reading: Reading) -> bool:
        return not self.child.holds(reading)


class All(Branch):
    """AND. What keys decide is asked as sets, and first."""

    __slots__ = ("_children", "_groups", "_needed", "_others", "_refused")

    def __init__(self, node: And | Or, children: Sequence[Branch], filing: Filing) -> None:
        super().__init__(node, filing.rarest(child.cover for child in children))
        self._children = children
        wanted = [child.keys for child in children if child.keys is not None]
        self._needed = Keys().union(*(keys for keys in wanted if len(keys) == 1))
        self._groups = [keys for keys in wanted if len(keys) > 1]
        refused = [child for child in children if _refused(child)]
        self._refused = Keys().union(*map(_refused, refused))
        self._others = [c for c in children if c.keys is None and c not in refused]

    def holds(self, reading: Reading) -> bool:
        keys = reading.keys
        if not (self._needed <= keys and self._refused.isdisjoint(keys)):
            return False
        for group in self._groups:
            if group.isdisjoint(keys):
                return False
        return not self._others or all(child.holds(reading) for child in self._others)

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for child in self._children:
            child.collect(reading, spans)


class Any(Branch):
    """OR."""

    __slots__ = ("_children", "_deciding", "_others")

    def __init__(self, node: And | Or, children: Sequence[Branch]) -> None:
        covers = [child.cover for child in children]
        known = [cover for cover in covers if cover is not None]
        # One branch without a cover leaves the whole OR without.
        cover = Keys().union(*known) if len(known) == len(covers) else None
        deciding = [child.keys for child in children if child.keys is not None]
        self._deciding = Keys().union(*deciding)
        whole = len(deciding) == len(children)
        super().__init__(node, cover, self._deciding if whole else None)
        self._children = children
        self._others = [child for child in children if child.keys is None]

    def holds(self, reading: Reading) -> bool:
        if not self._deciding.isdisjoint(reading.keys):
            return True
        return any(child.holds(reading) for child in self._others)

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for child in self._children:
            if child.holds(reading):
                child.collect(reading, spans)

    def clause(self, reading: Reading) -> tuple[int, int]:
        for child in self._children:
            if child.holds(reading):
                return child.clause(reading)
        return self.start, self.end


class Rule:
    """A query made ready. key: the caller's name for it; certain: a text that holds one of its keys
    matches, without more ado; zone: of its days."""

    __slots__ = ("certain", "cover", "key", "root", "source", "zone")

    def __init__(self, key: Hashable, query: Query, makings: Makings, *, zone: tzinfo) -> None:
        self.key = key
        self.zone = zone
        self.root = _branch(push_not(query.root), makings, zone)
        self.source = query.source
        self.cover = self.root.cover
        self.certain = self.root.keys is not None

    def spans(self, reading: Reading) -> tuple[Span, ...]:
        """What satisfied the query, which holds: by field (title, text, author) and place."""
        found: set[Span] = set()
        self.root.collect(reading, found)
        if len(found) < 2:
            return tuple(found)
        order = {"title": 0, "text": 1}
        return tuple(sorted(found, key=lambda s: (order.get(s.field, 2), s.start, s.end)))

    def clause(self, reading: Reading) -> str:
        start, end = self.root.clause(reading)
        return self.source[start:end]


def _refused(branch: Branch) -> Keys:
    """The keys that must not be there, where the branch says just that."""
    if isinstance(branch, Never) and branch.child.keys is not None:
        return branch.child.keys
    return Keys()


def _branch(node: Node, makings: Makings, zone: tzinfo) -> Branch:
    match node:
        case And(children):
            return All(node, [_branch(child, makings, zone) for child in children], makings.filing)
        case Or(children):
            return Any(node, [_branch(child, makings, zone) for child in children])
        case Not(child):
            return Never(node, _branch(child, makings, zone))
        case Words():
            filing = makings.filing
            keys = filing.deciding(node)
            cover = keys or filing.cover_of_words(node)
            return Term(
                node, lambda: makings.finder(node), cover, keys=keys, needed=_needed([cover])
            )
        case Near():
            sides = [makings.filing.cover(side) for side in (node.left, node.right)]
            cover = makings.filing.rarest(sides)
            return Term(node, lambda: _near(node, makings), cover, needed=_needed(sides))
        case _:
            return Property(node, property_test(node, zone))


def _plain_row(node: Words | Near) -> tuple[str, ...]:
    """The ASCII word, tag, handle or words in a row that a term is, where it is no more."""
    if isinstance(node, Near) or node.scope or node.slop is not None:
        return ()
    parts = [part for unit in node.units for part in unit.parts]
    if len(parts) != len(node.units) or not all(map(is_plain, parts)):
        return ()
    # A handle with its host, and any within a phrase, are looked for with care.
    plain = all(part.form.isascii() and "@" not in part.form[1:] for part in parts)
    if not plain or (len(parts) > 1 and any(part.kind != "word" for part in parts)):
        return ()
    return tuple(part.form for part in parts)


def _needed(covers: Iterable[Cover]) -> list[Keys]:
    return [cover for cover in covers if cover]


def near_scope(node: Node) -> Scope:
    """The part that a term is looked for in: a distance's is that of its words."""
    match node:
        case Words():
            return node.scope
        case Near(left):
            return near_scope(left)
        case Or(children):
            return near_scope(children[0])
        case _:
            return ""


def _near(node: Near, makings: Makings) -> NearFinder:
    return NearFinder(
        _operand(node.left, makings),
        _operand(node.right, makings),
        distance=node.distance,
        ordered=node.ordered,
    )


def _operand(node: Node, makings: Makings) -> Leafs | AnyOperand | NearFinder:
    match node:
        case Words():
            return Leafs(makings.finder(node))
        case Near():
            return _near(node, makings)
        case Or(children):
            return AnyOperand([_operand(child, makings) for child in children])
        case _:
            raise TypeError(f"{type(node).__name__} is no operand of NEAR: the parser refuses it")
