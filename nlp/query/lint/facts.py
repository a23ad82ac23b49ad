"""What must be true and what must not, of an item that is to match; and whether it can be."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from nlp.query.ast import Dates, Near, Node, Not, Part, Range, Unit, Value, Words
from nlp.query.lint.bounds import Span, as_spans, is_empty, meet, within
from nlp.query.walk import identity, leaves, near_chain
from nlp.text import unspaced

_ONE_VALUE = ("lang", "country", "cluster", "site")
"""Fields of which an item has one value at most."""
_MAX_LABELS = 8
"""Of a host or code that are followed upwards."""
_LONGEST_PREFIX = 30
_MAX_REFUSED = 8
"""Refused stretches of one quantity that are kept; more are let pass."""


class Facts:
    """Grows by `add`; `within` gives facts that grow on their own.

    prefixes: the lengths of prefixes that are worth keeping of a word, since one is excluded.
    """

    def __init__(self, prefixes: Iterable[int], outer: Facts | None = None) -> None:
        self._prefixes = tuple(prefixes)
        self._true: ChainMap[Hashable, bool] = outer._true.new_child() if outer else ChainMap()
        self._false: ChainMap[Hashable, bool] = outer._false.new_child() if outer else ChainMap()
        self._spans: ChainMap[str, Span] = outer._spans.new_child() if outer else ChainMap()
        self._values: ChainMap[str, Value] = outer._values.new_child() if outer else ChainMap()
        self._refused: ChainMap[str, tuple[Span, ...]] = (
            outer._refused.new_child() if outer else ChainMap()
        )

    def within(self) -> Facts:
        return Facts(self._prefixes, self)

    def add(self, leaf: Node) -> bool:
        """False where the leaf, or NOT of one, cannot hold beside what is known."""
        return self._deny(leaf.child) if isinstance(leaf, Not) else self._affirm(leaf)

    def _affirm(self, leaf: Node) -> bool:
        for fact in implied(leaf, self._prefixes):
            if fact in self._false:
                return False
            self._true[fact] = True
        match leaf:
            case Range() | Dates():
                return self._bound(leaf)
            case Value(field) if field in _ONE_VALUE:
                return self._value(leaf)
            case _:
                return True

    def _deny(self, leaf: Node) -> bool:
        fact = identity(leaf)
        if fact in self._true:
            return False
        self._false[fact] = True
        if isinstance(leaf, (Range, Dates)):
            spans = as_spans(leaf)
            # Of two quantities either may fail.
            for name, span in spans.items() if len(spans) == 1 else ():
                known = self._spans.get(name)
                if known is not None and within(known, span):
                    return False
                refused = self._refused.get(name, ())
                if len(refused) < _MAX_REFUSED:
                    self._refused[name] = (*refused, span)
        return True

    def _bound(self, leaf: Range | Dates) -> bool:
        for name, span in as_spans(leaf).items():
            both = meet(self._spans.get(name, Span()), span)
            if is_empty(both):
                return False
            if any(within(both, refused) for refused in self._refused.get(name, ())):
                return False
            self._spans[name] = both
        return True

    def _value(self, leaf: Value) -> bool:
        """The most telling value is kept: what meets it meets the wider ones too."""
        known = self._values.get(leaf.field)
        if known is not None and not _meet(known, leaf):
            return False
        if known is None or len(leaf.value) > len(known.value):
            self._values[leaf.field] = leaf
        return True


def _meet(one: Value, other: Value) -> bool:
    """Whether one item can be both; in doubt, it can."""
    a, b = one.value, other.value
    if one.field == "site":
        prefixed = one.prefix or other.prefix
        return prefixed or a == b or a.endswith(f".{b}") or b.endswith(f".{a}")
    if one.field != "lang" and not one.prefix and not other.prefix:
        return a == b
    return a.startswith(b) or b.startswith(a)


def excluded_prefixes(root: Node) -> frozenset[int]:
    """How long the excluded prefixes are: `-snow*` is of four letters."""
    forms = (
        part.form
        for leaf, negative in leaves(root)
        if negative and isinstance(leaf, Words)
        for unit in leaf.units
        for part in unit.parts
        if part.wild == "pattern" and "?" not in part.form
    )
    return frozenset(len(form) - 1 for form in forms if len(form) <= _LONGEST_PREFIX)


def implied(leaf: Node, prefixes: Iterable[int]) -> Iterator[Hashable]:
    """The leaf itself and what is true wherever it is, as far as the tree can ask for it."""
    yield identity(leaf)
    match leaf:
        case Words():
            for wider in _wider(leaf, prefixes):
                yield identity(wider)
        case Near():
            for operand in near_chain(leaf)[0]:
                if isinstance(operand, Words):
                    yield from implied(operand, prefixes)
        case Value("lang" | "site", _, False):
            for upper in _upper(leaf):
                yield identity(upper)


def _upper(leaf: Value) -> Iterator[Value]:
    """fr of fr-ca; lemonde.fr and fr of www.lemonde.fr."""
    value = leaf.value
    for _ in range(_MAX_LABELS):
        value = value.rpartition("-")[0] if leaf.field == "lang" else value.partition(".")[2]
        if not value:
            return
        yield replace(leaf, value=value)


def _wider(words: Words, prefixes: Iterable[int]) -> Iterator[Words]:
    """Terms that every text has which has this one."""
    if words.slop is not None:
        return
    parts = [part for unit in words.units for part in unit.parts]
    plain = not any(part.wild for part in parts)
    if words.scope in ("title", "body") or (words.scope in ("hashtag", "mention") and plain):
        anywhere = replace(words, scope="")
        yield anywhere
        yield from _wider(anywhere, prefixes)
    if len(parts) == 1 and not words.scope and plain:
        for part in _wider_parts(parts[0], prefixes):
            yield replace(words, units=(Unit((part,)),))


def _wider_parts(part: Part, prefixes: Iterable[int]) -> Iterator[Part]:
    if part.signs or part.lemma or part.kind == "emoji":
        return
    form = part.form.lstrip("#@")
    if not form.isalnum() or any(map(unspaced, form)):
        return
    # `#x`, `@x` and `case=X` are found by the bare word too.
    yield Part(form)
    yield Part(form, lemma=True)
    for length in prefixes:
        if length <= len(form):
            yield Part(f"{form[:length]}*", wild="pattern")
