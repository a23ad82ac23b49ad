"""What a dialect is: a table of its operators. The lexer, the translation, the page for users and
the tests read the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from nlp.query.translate.values import DialectName, Effect

Reader = Literal[
    "words", "raw", "site", "url", "lang", "country", "place", "number", "date", "choice",
    "handle", "tag", "none",
]  # fmt: skip
# One value of a choice: Vigie's field and value pairs (any of them), and what that does.
Choice = tuple[tuple[tuple[str, str], ...], Effect]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the value of a field is read: `to` is Vigie's field, `effect` what the change does, `fr`
    and `en` the reason (without the effect)."""

    reader: Reader
    to: str = ""
    effect: Effect = ""
    fr: str = ""
    en: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operator:
    """A row: how it is written, a whole query that uses it, what Vigie makes of that query; rule:
    for fields. `fr` and `en` say what differs, "" where nothing does."""

    written: str
    example: str
    becomes: str
    fr: str = ""
    en: str = ""
    rule: Rule | None = None


@dataclass(frozen=True)
class Dialect:
    """jumps: a distance counts steps from word to word, 1 between neighbours; signs: documented to
    be written as they are."""

    name: DialectName
    title: str
    operators: tuple[Operator, ...]
    jumps: bool = False
    signs: frozenset[str] = frozenset()

    @cached_property
    def forms(self) -> frozenset[str]:
        """What is written otherwise than as a field: `NEAR/n`, `{ }` …"""
        return frozenset(each.written for each in self.operators if each.rule is None)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """By the name of the field, in lower case."""
        return {
            each.written.removesuffix(":").lower(): each.rule
            for each in self.operators
            if each.rule is not None
        }


def same_in(written: str, example: str, becomes: str | None = None) -> Operator:
    """An operator that Vigie has too."""
    return Operator(written, example, example if becomes is None else becomes)


def field_row(
    written: str,
    example: str,
    becomes: str,
    reader: Reader,
    to: str = "",
    *,
    effect: Effect = "",
    fr: str = "",
    en: str = "",
    choices: Mapping[str, Choice] | None = None,
) -> Operator:
    """A field that is carried over, with what differs."""
    rule = Rule(reader, to, effect, fr, en, choices or {})
    return Operator(written, example, becomes, fr, en, rule)


def lost_row(written: str, example: str, becomes: str, *, fr: str, en: str) -> Operator:
    """A field for which Vigie has nothing."""
    return Operator(written, example, becomes, fr, en, Rule("none", fr=fr, en=en))
