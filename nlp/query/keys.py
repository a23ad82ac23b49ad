"""The keys of a term: strings by whose presence in a haystack it is found or ruled out.

Two questions are answered of each leaf of a query:

* `deciding`: keys of which a text holds one exactly where the leaf matches. Most leaves have them:
  a word, a phrase, `coca-cola`, `snow*`. Such a leaf is never looked for in the text itself.
* `cover`: keys of which every text that matches holds one: which queries are worth a look.

What a haystack is, and so what a key looks like, `nlp.text.skim` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, product
from math import prod

from nlp.query.ast import Near, Node, Or, Part, Unit, Words
from nlp.query.find import Inflects
from nlp.text import END, needle


class Key(str):
    """A key as it stands in a haystack, with the numbers of the queries filed under it.

    With many thousands of queries the time goes into fetching what lies scattered in memory, so
    what an automaton gives back knows itself where it leads. sure: queries that it decides; likely:
    those that it only brings to mind.
    """

    __slots__ = ("likely", "sure")

    sure: tuple[int, ...]
    likely: tuple[int, ...]

    def __new__(cls, written: str) -> Key:
        key = super().__new__(cls, written)
        key.sure = key.likely = ()
        return key


Keys = frozenset[Key]
Cover = Keys | None

_WAYS = 8
"""Ways to write a phrase (each unit split or joined) up to which keys decide it."""


class Filing:
    """Makes and weighs keys. rarity: the share of texts that hold a word, for choosing.

    keys: all of them, as they stand in a haystack, in the order they came; the first is END, which
    no query has. plain: the same as they are read.
    """

    def __init__(self, *, inflections: Inflects, rarity: Callable[[str], float]) -> None:
        self._inflections = inflections
        self._rarity = rarity
        self._known: dict[str, Key] = {}
        self._shares: dict[Key, float] = {}
        self.keys, self.plain = [Key(END)], [END]

    def made(self, keys: Iterable[str]) -> Keys:
        """Keys as they stand in a haystack."""
        return frozenset(map(self._made, keys))

    def _made(self, key: str) -> Key:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Key(needle(key))
            self._shares[known] = self._share(key)
            self.keys.append(known)
            self.plain.append(key)
        return known

    def _share(self, key: str) -> float:
        if key[-1] == " " and key.count(" ") == 2:
            return self._rarity(key.strip())
        words = key.split()
        # Words of a phrase come together more often than by chance.
        share = min(map(self._rarity, words)) * prod((0.1,) * (len(words) - 1))
        return share if key.endswith(" ") else share * 20

    def deciding(self, node: Words) -> Cover:
        """Keys that decide a leaf alone, or None."""
        if node.scope or node.slop is not None:
            return None
        parts = [part for unit in node.units for part in unit.parts]
        if len(parts) == 1 and not parts[0].wild and _is_bare(parts[0]):
            forms = self._inflections(parts[0].form) if parts[0].lemma else (parts[0].form,)
            return self.made(map(_word, forms))
        ways = list(islice(_ways(node.units), _WAYS + 1))
        if len(ways) > _WAYS or not all(map(_is_row, ways)):
            return None
        keys = {_row(way) for way in ways}
        if len(parts) > 1 and (name := _whole_name(parts)):
            keys.add(name)
        return self.made(keys)

    def cover(self, node: Node) -> Cover:
        """Keys of which every match of a word, phrase, distance or group of them holds one."""
        match node:
            case Words():
                return self.deciding(node) or self.cover_of_words(node)
            case Near(left, right):
                return self.rarest((self.cover(left), self.cover(right)))
            case Or(children):
                covers = [self.cover(child) for child in children]
                known = [cover for cover in covers if cover]
                return Keys().union(*known) if len(known) == len(covers) else None
            case _:
                return None

    def rarest(self, covers: Iterable[Cover]) -> Cover:
        """The cover that the fewest texts have a key of."""
        known = [cover for cover in covers if cover]
        return min(known, key=self._share_of, default=None)

    def _share_of(self, cover: Keys) -> float:
        return sum(self._shares[key] for key in cover)

    def cover_of_words(self, node: Words) -> Cover:
        """Of a phrase that keys do not decide: its rarest unit, or the name written joined."""
        if node.scope == "author":
            return None
        best = self.rarest(self._unit(unit) for unit in node.units)
        parts = [part for unit in node.units for part in unit.parts]
        if best is None or len(parts) == 1 or any(part.kind != "word" for part in parts):
            return best
        name = _whole_name(parts)
        return best | self.made((name,)) if name else best

    def _unit(self, unit: Unit) -> Cover:
        ways = [unit.parts, (unit.joined,)] if unit.joined else [unit.parts]
        covers = [self._way(way) for way in ways]
        known = [cover for cover in covers if cover]
        return Keys().union(*known) if len(known) == len(covers) else None

    def _way(self, parts: Sequence[Part]) -> Cover:
        """The rarest of the words; signs, case and what stands between are not looked at."""
        return self.rarest(map(self._part, parts))

    def _part(self, part: Part) -> Cover:
        if part.wild == "any":
            return None
        if part.lemma:
            return self.made(map(_word, self._inflections(part.form)))
        if not part.wild:
            return self.made((_word(part.form),))
        literal = _literal(part.form)
        return self.made((f" {literal}",)) if literal.lstrip("#@") else None


def _ways(units: Sequence[Unit]) -> Iterator[list[Part]]:
    """The words of a phrase, each unit split or joined."""
    choices = [(unit.parts, (unit.joined,)) if unit.joined else (unit.parts,) for unit in units]
    for way in product(*choices):
        yield [part for parts in way for part in parts]


def _is_bare(part: Part) -> bool:
    return part.exact is None and not part.signs and not part.glued


def _is_row(parts: Sequence[Part]) -> bool:
    """Whether the words stand in a haystack just as they are, the last one maybe as a prefix."""
    if len(parts) > 1 and any(part.kind != "word" for part in parts):
        return False  # There a tag counts by its name, whatever its sign.
    if not all(_is_bare(part) and not part.lemma for part in parts):
        return False
    return not any(part.wild for part in parts[:-1]) and _is_prefix(parts[-1])


def _is_prefix(part: Part) -> bool:
    return not part.wild or (part.wild == "pattern" and "?" not in part.form)


def _row(parts: Sequence[Part]) -> str:
    return _word(" ".join(part.form for part in parts))


def _word(form: str) -> str:
    """A form, or a prefix with its star, as a key."""
    return f" {form[:-1]}" if form.endswith("*") else f" {form} "


def _literal(form: str) -> str:
    return form.partition("?")[0].partition("*")[0]


def _whole_name(parts: Sequence[Part]) -> str:
    """The tag's name that the parts give joined; "" where there is no such name."""
    if any(part.lemma or part.wild == "any" or part.kind != "word" for part in parts):
        return ""
    if any(part.form.endswith("*") for part in parts[:-1]):
        return ""
    name = "".join(part.form for part in parts)
    if not any(part.wild for part in parts):
        return f" ={name} "
    return f" ={_literal(name)}"
