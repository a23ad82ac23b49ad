"""The syntax tree: frozen values that know where in the source they were written.

    Node  := And | Or | Not | Leaf
    Leaf  := Words (a word, phrase, tag …) | Near | Value | Flag | Range | Dates

One tree, four uses: match, narrow, explain, lint. Text in the tree is folded already, except
where `case=` asks for the letters as written. Every node's `start` and `end` are code points of
the source; parentheses written around a node belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

PartKind = Literal["word", "hashtag", "handle", "emoji"]
Wild = Literal["", "pattern", "any"]
Scope = Literal["", "title", "body", "author", "hashtag", "mention"]
ValueField = Literal["url", "site", "source", "lang", "country", "cluster", "list"]
FlagField = Literal["is", "has"]


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a unit as the text must hold it.

    form: folded, with the sign of a tag or handle (`#tag`); exact: the letters as written (NFC)
    where `case=` asks for them; signs: what must follow the word (`+`, `++`, `&` …); glued: stands
    directly behind the part before, as the characters of scripts without spaces do.
    wild: "pattern": `form` holds `?` (one letter) or ends in `*` (any ending); "any": a lone `*`
    in a phrase, any one word. lemma: any inflected form of the word will do.
    """

    form: str
    kind: PartKind = "word"
    exact: str | None = None
    signs: str = ""
    glued: bool = False
    wild: Wild = ""
    lemma: bool = False
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """What was written without white space: its parts, and the form in which they are joined
    (`coca-cola` → `cocacola`), None where there is none."""

    parts: tuple[Part, ...]
    joined: Part | None = None
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Words:
    """Consecutive units: a bare unit (one) or a quoted phrase.

    slop: None for a phrase in order; n for `"a b"~n`, the words in any order with at most n other
    words among them. scope: the part of the item that is searched; "" is title and text.
    """

    units: tuple[Unit, ...]
    quoted: bool
    start: int
    end: int
    slop: int | None = None
    scope: Scope = ""


@dataclass(frozen=True, slots=True)
class Near:
    """An occurrence of `left` and one of `right` with at most `distance` words between their
    nearest edges; ordered: `left` first. Operands: Words (scope ""), Near, or an Or of these."""

    left: Operand
    right: Operand
    distance: int
    ordered: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """A property of the item. value: folded; prefix: written with a star at the end.

    url: a part of the item's address or of a link in its text; site: that host or one below it;
    source: kind or name; lang, country: codes; cluster: id; list: a list of people.
    """

    field: ValueField
    value: str
    prefix: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flag:
    """`is:reply`, `has:link` …: one of IS_FLAGS or HAS_FLAGS."""

    field: FlagField
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range of numbers; open: the number itself is not in it."""

    value: float
    open: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A metric between two bounds, None where open. An item that does not say it never matches."""

    metric: str
    low: Bound | None
    high: Bound | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ago:
    """A moment before now. d and w count local days (the whole day), h hours."""

    number: int
    unit: Literal["h", "d", "w"]


@dataclass(frozen=True, slots=True)
class Dates:
    """Published in the local days from `low` to `high`, both included; None where open."""

    low: date | Ago | None
    high: date | Ago | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    children: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    child: Node
    start: int
    end: int


Leaf: TypeAlias = Words | Near | Value | Flag | Range | Dates
Node: TypeAlias = Leaf | And | Or | Not
Operand: TypeAlias = Words | Near | Or

IS_FLAGS = ("reply", "repost", "quote", "own")
HAS_FLAGS = ("link", "media", "geo")


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read: its source as written, and the tree."""

    source: str
    root: Node
