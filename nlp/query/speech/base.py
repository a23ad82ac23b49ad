"""What a language must be able to say, and what both need for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from nlp.query.ast import Ago, Bound, Dates, Flag, Near, Part, Range, Value, Words

SHOWN = 60
"""Characters of a term that are shown; longer ones end in an ellipsis."""

Group = Literal["and", "or", "none"]
TermKind = Literal["word", "phrase", "hashtag", "handle", "emoji", "exact", "slop",
                   "lemma", "prefix", "pattern"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What posts do, said and denied: "are in French", "are not in French"."""

    yes: str
    no: str


class Speech(Protocol):
    """One language. A term is a noun ("the word “a”"), a property a verb ("are in French")."""

    finds: str
    also: str
    either: str

    def contain(self, what: str) -> str: ...
    def lack(self, what: str) -> str: ...
    def contain_none(self, what: str) -> str: ...
    def lack_any(self, whats: Sequence[str]) -> str: ...
    def lack_all(self, what: str) -> str: ...
    def without(self, what: str) -> str: ...
    def without_any(self, whats: Sequence[str]) -> str: ...
    def without_all(self, what: str) -> str: ...
    def more(self, count: int) -> str: ...
    def term(self, words: Words) -> str: ...
    def words(self, group: Group, terms: Sequence[Words], left_out: int) -> str: ...
    def near(self, what: str, near: Near) -> str: ...
    def property(self, leaf: Value | Flag | Range | Dates) -> Said: ...
    def cut(self, terms: int) -> str: ...


def parts_of(words: Words) -> list[Part]:
    return [part for unit in words.units for part in unit.parts]


def written(words: Words) -> str:
    """The term as its author wrote it, without the signs of the language."""
    units = (unit.written or " ".join(part.written or part.form for part in unit.parts)
             for unit in words.units)  # fmt: skip
    return shown(" ".join(units))


def shown(text: str) -> str:
    """One short line."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def printable(text: str) -> str:
    """Half a surrogate pair, which nothing can print, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def kind_of(words: Words) -> TermKind:
    """Which of the ways of saying a term this one needs."""
    parts = parts_of(words)
    first = parts[0]
    if first.exact is not None:
        return "exact"
    if len(parts) > 1:
        return "phrase" if words.slop is None else "slop"
    if first.lemma:
        return "lemma"
    if first.wild == "pattern":
        return "pattern" if "?" in first.form else "prefix"
    return first.kind


def is_plain_word(words: Words) -> bool:
    """Whether it can stand in a list: the words “a”, “b” and “c”."""
    return kind_of(words) == "word" and len(parts_of(words)) == 1


def has_gap(words: Words) -> bool:
    """Whether the phrase has a star that stands for any one word."""
    return any(part.wild == "any" for part in parts_of(words))


def number(value: float, *, thousands: str, point: str) -> str:
    plain = f"{value:,.10g}" if abs(value) < 1e10 else f"{value:g}"
    return plain.replace(",", "\0").replace(".", point).replace("\0", thousands)


def exactly(low: Bound | None, high: Bound | None) -> bool:
    return low is not None and low == high and not low.open


def one_day(dates: Dates) -> date | None:
    """The day where the dates are one calendar day."""
    return dates.low if isinstance(dates.low, date) and dates.low == dates.high else None


def same_age(dates: Dates) -> Ago | None:
    return dates.low if isinstance(dates.low, Ago) and dates.low == dates.high else None
