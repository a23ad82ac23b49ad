"""The keys of a term: words and pairs of words by whose presence it is found or ruled out.

Two questions are answered of each leaf of a query:

* `deciding`: keys of which a text holds one exactly where the leaf matches. Most leaves have them:
  a word, a two-word phrase, `coca-cola`. Such a leaf is never looked for in the text.
* `cover`: keys of which every text that matches holds one: which queries are worth a look.

A pair stands for two words in a row. ("#", "airfrance") is a tag's whole name, which a phrase
written joined must equal: as a bare word `airfrance` is not the phrase "air france".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from nlp.query.ast import Near, Node, Or, Part, Unit, Words
from nlp.query.find import Inflects, is_plain
from nlp.text import Key, unspaced

HEAD = 3
"""Letters of a prefix by which it is filed."""


class Head(NamedTuple):
    """The first letters of some word."""

    text: str


AnyKey = Key | Head
Cover = frozenset[AnyKey] | None


class Filing:
    """Chooses keys. rarity: the share of texts that hold a word, for choosing among words."""

    __slots__ = ("_inflections", "_rarity")

    def __init__(self, *, inflections: Inflects, rarity: Callable[[str], float]) -> None:
        self._inflections = inflections
        self._rarity = rarity

    def deciding(self, node: Words) -> frozenset[Key] | None:
        """Keys that decide a leaf alone, or None."""
        if node.scope or node.slop is not None:
            return None
        parts = [part for unit in node.units for part in unit.parts]
        if len(parts) == 1 and parts[0].lemma and is_plain_but_lemma(parts[0]):
            return frozenset(self._inflections(parts[0].form))
        if not all(is_plain(part) for part in parts):
            return None
        if len(parts) == 1:
            return frozenset((parts[0].form,))
        if len(parts) > 2 or parts[1].glued or any(part.kind != "word" for part in parts):
            return None
        pair = (parts[0].form, parts[1].form)
        joined = node.units[0].joined
        return frozenset((pair, joined.form if joined else ("#", pair[0] + pair[1])))

    def cover(self, node: Node) -> Cover:
        """Keys of which every match of a word, phrase, distance or group of them holds one."""
        match node:
            case Words():
                return self.deciding(node) or self._words(node)
            case Near(left, right):
                return self.rarest((self.cover(left), self.cover(right)))
            case Or(children):
                covers = [self.cover(child) for child in children]
                known = [cover for cover in covers if cover]
                return frozenset().union(*known) if len(known) == len(covers) else None
            case _:
                return None

    def rarest(self, covers: Iterable[Cover]) -> Cover:
        """The cover that the fewest texts have a key of."""
        known = [cover for cover in covers if cover]
        return min(known, key=self._share, default=None)

    def _share(self, cover: Iterable[AnyKey]) -> float:
        return sum(map(self._share_of, cover))

    def _share_of(self, key: AnyKey) -> float:
        if isinstance(key, str):
            return self._rarity(key)
        if isinstance(key, Head):
            return 20 * self._rarity(key.text)
        return min(map(self._rarity, key)) / 10

    def _words(self, node: Words) -> Cover:
        """Of a phrase: its rarest unit or pair, or the whole written joined as a tag's name."""
        if node.scope == "author":
            return None
        parts = [part for unit in node.units for part in unit.parts]
        covers = [self._unit(unit) for unit in node.units]
        rows = all(is_plain(part) and part.kind == "word" for part in parts)
        if node.slop is None and rows and not any(unit.joined for unit in node.units):
            covers += [frozenset((pair,)) for pair in _pairs(parts)]
        best = self.rarest(covers)
        if best is None or len(parts) == 1 or any(part.kind != "word" for part in parts):
            return best
        name = _whole_name(parts)
        return best if name is None else best | {name}

    def _unit(self, unit: Unit) -> Cover:
        best = self.rarest(self._part(part) for part in unit.parts)
        if best is None or unit.joined is None:
            return best
        joined = self._part(unit.joined)
        return best | joined if joined else None

    def _part(self, part: Part) -> Cover:
        if part.wild == "any":
            return None
        if part.lemma:
            return frozenset(self._inflections(part.form))
        key = _literal(part)
        return None if key is None else frozenset((key,))


def is_plain_but_lemma(part: Part) -> bool:
    return part.exact is None and not part.signs and not part.wild


def _pairs(parts: Sequence[Part]) -> Iterable[tuple[str, str]]:
    return ((a.form, b.form) for a, b in itertools.pairwise(parts))


def _whole_name(parts: Sequence[Part]) -> AnyKey | None:
    """The tag's name that the parts give joined; None where there is no such name."""
    if any(part.lemma or part.wild == "any" for part in parts):
        return None
    if any(part.form.endswith("*") for part in parts[:-1]):
        return None
    name = "".join(part.form for part in parts)
    if not any(part.wild for part in parts):
        return "#", name
    return _literal(Part(name, wild="pattern"))


def _literal(part: Part) -> AnyKey | None:
    """The key of a word; of a pattern its first letters, None where it has too few."""
    if part.wild != "pattern":
        return part.form
    literal = part.form.partition("?")[0].partition("*")[0]
    if len(literal.lstrip("#@")) < HEAD or unspaced(literal[-1]):
        return None
    return Head(literal[:HEAD])
