"""A query made ready to be asked: its branches, and the words by which it is filed.

A branch's cover is a set of keys of which every text that satisfies it holds one: the rarest child
of an AND, all children of an OR, nothing for a NOT, a property or a pattern without a beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import tzinfo
from typing import NamedTuple, TypeAlias

from nlp.query.ast import And, Near, Node, Not, Or, Part, Query, Scope, Unit, Words
from nlp.query.find import Finder, Finds, Inflects, is_plain
from nlp.query.holds import Holds, property_test
from nlp.query.near import AnyOperand, Leafs, NearFinder
from nlp.query.normal import push_not
from nlp.query.reading import Reading
from nlp.query.slop import SlopFinder
from nlp.query.values import Span
from nlp.text import unspaced

HEAD = 3
"""Letters of a prefix by which it is filed."""


class Key(NamedTuple):
    """A word that stands in the text, or (head) the first letters of one."""

    text: str
    head: bool = False


Cover: TypeAlias = frozenset[Key] | None


class Makings:
    """What compiling needs: the zone of dates, inflections, how common words are; and the finders
    made so far, so that a term of many queries is looked for once."""

    __slots__ = ("_finders", "inflections", "rarity", "zone")

    def __init__(
        self, *, zone: tzinfo, inflections: Inflects, rarity: Callable[[str], float]
    ) -> None:
        self.zone = zone
        self.inflections = inflections
        self.rarity = rarity
        self._finders: dict[Hashable, Finds] = {}

    def finder(self, words: Words) -> Finds:
        known = (words.units, words.slop, words.scope)
        found = self._finders.get(known)
        if found is None:
            made = Finder if words.slop is None else SlopFinder
            found = self._finders[known] = made(words, self.inflections)
        return found


class Branch:
    """A node that can be asked."""

    __slots__ = ("cover", "end", "start")

    def __init__(self, node: Node, cover: Cover) -> None:
        self.start, self.end, self.cover = node.start, node.end, cover

    def holds(self, reading: Reading) -> bool:
        raise NotImplementedError

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        """Add what satisfied this node, which holds."""

    def clause(self, reading: Reading) -> tuple[int, int]:
        """Source stretch of the smallest clause that decided."""
        return self.start, self.end


class Term(Branch):
    """A word, phrase or distance. form: the one word it asks for, where it asks for no more."""

    __slots__ = ("finder", "form", "scope")

    def __init__(
        self, node: Words | Near, finder: Finds, scope: Scope, form: str, cover: Cover
    ) -> None:
        super().__init__(node, cover)
        self.finder, self.scope, self.form = finder, scope, form

    def holds(self, reading: Reading) -> bool:
        if self.form:
            return self.form in reading.words
        return bool(reading.find(self.finder, self.scope))

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for name, text, occurrences in reading.find(self.finder, self.scope):
            for found in occurrences:
                start, end = found.start, found.end
                if not found.raw:
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
    """AND. Single words are asked for together, as sets."""

    __slots__ = ("_children", "_needed", "_others", "_refused")

    def __init__(self, node: And | Or, children: Sequence[Branch], makings: Makings) -> None:
        super().__init__(node, _rarest(children, makings))
        self._children = children
        self._needed = frozenset(
            child.form for child in children if isinstance(child, Term) and child.form
        )
        self._refused = frozenset(form for child in children if (form := _refused(child)))
        self._others = [
            child
            for child in children
            if not (isinstance(child, Term) and child.form) and not _refused(child)
        ]

    def holds(self, reading: Reading) -> bool:
        words = reading.words
        if not (self._needed <= words and self._refused.isdisjoint(words)):
            return False
        return all(child.holds(reading) for child in self._others)

    def collect(self, reading: Reading, spans: set[Span]) -> None:
        for child in self._children:
            child.collect(reading, spans)


class Any(Branch):
    """OR."""

    __slots__ = ("_children", "_forms", "_others")

    def __init__(self, node: And | Or, children: Sequence[Branch]) -> None:
        covers = [child.cover for child in children]
        known = [cover for cover in covers if cover is not None]
        # One branch without a cover leaves the whole OR without.
        super().__init__(node, frozenset().union(*known) if len(known) == len(covers) else None)
        self._children = children
        self._forms = frozenset(
            child.form for child in children if isinstance(child, Term) and child.form
        )
        self._others = [c for c in children if not (isinstance(c, Term) and c.form)]

    @property
    def words_only(self) -> bool:
        """Whether each branch is a single word: the presence of a key decides."""
        return not self._others

    def holds(self, reading: Reading) -> bool:
        if not self._forms.isdisjoint(reading.words):
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
    """A query made ready. certain: a text that holds one of its keys matches, without more ado."""

    __slots__ = ("certain", "cover", "root", "source")

    def __init__(self, query: Query, makings: Makings) -> None:
        self.root = _branch(push_not(query.root), makings)
        self.source = query.source
        self.cover = self.root.cover
        self.certain = _is_word(self.root) or (isinstance(self.root, Any) and self.root.words_only)

    def spans(self, reading: Reading) -> tuple[Span, ...]:
        """What satisfied the query, which holds: by field (title, text, author) and place."""
        found: set[Span] = set()
        self.root.collect(reading, found)
        order = {"title": 0, "text": 1}
        return tuple(sorted(found, key=lambda s: (order.get(s.field, 2), s.start, s.end)))

    def clause(self, reading: Reading) -> str:
        start, end = self.root.clause(reading)
        return self.source[start:end]


def _is_word(branch: Branch) -> bool:
    return isinstance(branch, Term) and bool(branch.form)


def _refused(branch: Branch) -> str:
    """The single word that must not be there, where the branch says just that."""
    if isinstance(branch, Never) and isinstance(branch.child, Term):
        return branch.child.form
    return ""


def _rarest(children: Iterable[Branch], makings: Makings) -> Cover:
    """The cover that is in the fewest texts: common words are ranked, among others the longer one
    is taken to be the rarer; the commonest key of a cover decides."""
    covers = [child.cover for child in children if child.cover]
    return min(covers, key=lambda cover: sum(map(makings.rarity, _texts(cover))), default=None)


def _texts(cover: Iterable[Key]) -> Iterable[str]:
    return (key.text for key in cover)


def _branch(node: Node, makings: Makings) -> Branch:
    match node:
        case And(children):
            return All(node, [_branch(child, makings) for child in children], makings)
        case Or(children):
            return Any(node, [_branch(child, makings) for child in children])
        case Not(child):
            return Never(node, _branch(child, makings))
        case Words():
            form = _single_form(node)
            cover = _words_cover(node, makings)
            return Term(node, makings.finder(node), node.scope, form, cover)
        case Near():
            cover = _near_cover(node, makings)
            return Term(node, _near(node, makings), near_scope(node), "", cover)
        case _:
            return Property(node, property_test(node, makings.zone))


def near_scope(node: Node) -> Scope:
    """The part that a distance is looked for in: that of its words."""
    match node:
        case Words():
            return node.scope
        case Near(left):
            return near_scope(left)
        case Or(children):
            return near_scope(children[0])
        case _:
            return ""


def _single_form(node: Words) -> str:
    """The word itself where the term is one plain word, tag or handle, anywhere in the text."""
    if node.scope or len(node.units) > 1 or len(node.units[0].parts) > 1:
        return ""
    part = node.units[0].parts[0]
    return part.form if is_plain(part) else ""


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


def _near_cover(node: Node, makings: Makings) -> Cover:
    match node:
        case Near(left, right):
            covers = [_near_cover(left, makings), _near_cover(right, makings)]
            known = [cover for cover in covers if cover]
            return min(
                known, key=lambda cover: sum(map(makings.rarity, _texts(cover))), default=None
            )
        case Or(children):
            all_covers = [_near_cover(child, makings) for child in children]
            known = [cover for cover in all_covers if cover]
            return frozenset().union(*known) if len(known) == len(all_covers) else None
        case Words():
            return _words_cover(node, makings)
        case _:
            return None


def _words_cover(node: Words, makings: Makings) -> Cover:
    """Keys of a phrase: its rarest unit, or the whole written joined as a tag's name."""
    if node.scope == "author":
        return None
    parts = [part for unit in node.units for part in unit.parts]
    units = [_unit_cover(unit, makings) for unit in node.units]
    known = [cover for cover in units if cover]
    if not known:
        return None
    rarest = min(known, key=lambda cover: sum(map(makings.rarity, _texts(cover))))
    if len(parts) == 1 or any(part.kind != "word" for part in parts):
        return rarest
    name = _name_key(parts)
    return rarest if name is None else rarest | {name}


def _name_key(parts: Sequence[Part]) -> Key | None:
    """The tag's name that the parts give joined; None where there is no such name."""
    if any(part.lemma or part.wild == "any" for part in parts):
        return None
    if any(part.form.endswith("*") for part in parts[:-1]):
        return None
    return _literal_key("".join(part.form for part in parts))


def _unit_cover(unit: Unit, makings: Makings) -> Cover:
    covers = [cover for part in unit.parts if (cover := _part_cover(part, makings))]
    if not covers:
        return None
    rarest = min(covers, key=lambda cover: sum(map(makings.rarity, _texts(cover))))
    if unit.joined is None:
        return rarest
    joined = _part_cover(unit.joined, makings)
    return rarest | joined if joined else None


def _part_cover(part: Part, makings: Makings) -> Cover:
    if part.wild == "any":
        return None
    if part.lemma:
        return frozenset(map(Key, makings.inflections(part.form)))
    key = _literal_key(part.form)
    return None if key is None else frozenset((key,))


def _literal_key(form: str) -> Key | None:
    """The key of a word; of a pattern its first letters, None where it has too few."""
    if "*" not in form[1:] and "?" not in form:
        return Key(form)
    literal = form.partition("?")[0].partition("*")[0]
    if len(literal.lstrip("#@")) < HEAD or unspaced(literal[-1]):
        return None
    return Key(literal[:HEAD], head=True)
