"""The syntax tree: frozen values that know where in the source they were written.

One tree, four uses: match, narrow, explain, lint. Text in the tree is folded already, except
where `case=` asks for the letters as written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

PartKind = Literal["word", "hashtag", "handle", "emoji"]


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a unit as the text must hold it.

    form: folded; exact: the letters as written (NFC) where `case=` asks for them;
    signs: what must follow the word (`+`, `++`, `&` …); glued: stands directly behind the part
    before, as the characters of scripts without spaces do.
    """

    form: str
    kind: PartKind = "word"
    exact: str | None = None
    signs: str = ""
    glued: bool = False
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
    """Consecutive units: a bare unit (one) or a quoted phrase."""

    units: tuple[Unit, ...]
    quoted: bool
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


Node: TypeAlias = Words | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read: its source as written, and the tree."""

    source: str
    root: Node
