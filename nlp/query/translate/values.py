"""What comes out of a translation: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nlp.query.values import Lang

DialectName = Literal["brandwatch", "mention", "talkwalker"]
AskedDialect = Literal["auto", "brandwatch", "mention", "talkwalker"]
# What may be asked for.
DIALECTS: tuple[AskedDialect, ...] = ("auto", "brandwatch", "mention", "talkwalker")
IssueKind = Literal["changed", "dropped", "widened", "narrowed", "unsupported"]
# What a part that was not carried over exactly does to the query: it finds more, or less.
Effect = Literal["", "more", "less"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in both languages."""

    fr: str
    en: str

    def message(self, lang: Lang) -> str:
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Issue:
    """A part of the pasted text (code points) that is not in the result as it stood, and why.

    changed: written otherwise, finds the same; dropped: Vigie has nothing of the kind; widened,
    narrowed: the whole query finds more, less; unsupported: no documentation says what it means.
    """

    start: int
    end: int
    kind: IssueKind
    fr: str
    en: str

    def message(self, lang: Lang) -> str:
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Translation:
    """query: in Vigie's language, "" where nothing is left; parts: in the order of the text;
    exact: it finds the same; because: why this dialect; readable: False where the pasted text is
    broken (the one part says where)."""

    dialect: DialectName
    query: str
    parts: tuple[Issue, ...]
    exact: bool
    because: Said
    readable: bool = True


class Unreadable(ValueError):
    """A pasted query that is broken: where, and what to do."""

    def __init__(self, start: int, end: int, said: Said) -> None:
        super().__init__(said.en)
        self.start = start
        self.end = end
        self.said = said


def effect_on(effect: Effect, *, negative: bool) -> Effect:
    """What it does to the whole query: behind a NOT, finding more is finding less."""
    if not effect or not negative:
        return effect
    return "less" if effect == "more" else "more"
