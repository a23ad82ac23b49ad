"""What to ask GDELT, in its syntax, and how a search walks down. Pure.

Syntax (blog.gdeltproject.org/gdelt-doc-2-0-api-debuts): blanks join by AND; OR stands only within
parentheses, and parentheses only around OR; a word with a sign in it needs quotes, a short word
must have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from collectors.api import Narrowing, Term
from collectors.fitting import count_bytes, fitting
from collectors.gdelt.places import country_name, language_name
from collectors.instants import instant, seconds
from collectors.text import scrub

QUERIES: Final = 6
"""Searches of one source at most; beyond, the clauses are widened to a term each."""
SHORTEST: Final = 3
"""Letters of a word; GDELT refuses shorter ones."""
SHORTEST_PHRASE: Final = 4
"""Characters between quotes; GDELT refuses shorter ones ("f-16" is its own example)."""
_SIGNS: Final = frozenset('"()<>:#@\\\ufffd')
FILTERS: Final = 3
"""Languages or countries that are asked for; with more of them all are read."""
OVERLAP: Final = timedelta(hours=2)
"""Before the last search that is searched again: articles are seen first and indexed later."""
HOUR: Final = timedelta(hours=1)
"""GDELT refuses shorter stretches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Where a search stands. All in seconds since 1970; 0 where there is none.

    since: all that was seen before is stored. began, before: a walk down under way, from when it
    began to where it came. asked: when it was asked for last. refused: 1 where GDELT would not
    take the query then.
    """

    since: int = 0
    began: int = 0
    before: int = 0
    asked: int = 0
    refused: int = 0

    @classmethod
    def from_json(cls, value: JsonValue) -> Walk:
        match value:
            case [int(since), int(began), int(before), int(asked), int(refused)]:
                return cls(since=since, began=began, before=before, asked=asked, refused=refused)
            case _:
                return cls()

    def to_json(self) -> list[JsonValue]:
        return [self.since, self.began, self.before, self.asked, self.refused]

    def window(self, now: datetime, *, first_days: int) -> tuple[datetime, datetime]:
        """The stretch to ask for."""
        end = instant(self.before) if self.before else now
        start = instant(self.began) if self.began else now
        floor = instant(self.since) - OVERLAP if self.since else start - timedelta(days=first_days)
        return min(floor, end - HOUR), end

    def after(self, oldest: datetime | None, *, full: bool, now: datetime) -> tuple[Walk, bool]:
        """After an answer whose oldest article is `oldest`; and whether more is out of reach.

        Articles of a quarter of an hour share their time. The oldest one's is asked for again, as
        more may bear it; where an answer is full of one time, the rest of it cannot be had.
        """
        began = self.began or seconds(now)
        if not full or oldest is None:
            return Walk(since=began, asked=seconds(now)), False
        stuck = bool(self.before) and seconds(oldest) >= self.before
        before = min(seconds(oldest), self.before or seconds(oldest)) - stuck
        return replace(self, began=began, before=before, asked=seconds(now), refused=0), stuck

    def after_refusal(self, now: datetime) -> Walk:
        """Nothing is lost: the same stretch is asked for at the next turn."""
        return replace(self, asked=seconds(now), refused=1)


def render(narrowing: Narrowing, *, tail: str, most: int) -> list[str]:
    """The narrowing as queries of at most `most` bytes, `tail` included."""
    room = most - count_bytes(tail) - 1
    searches = _searches(narrowing, room)[:QUERIES]
    return [f"{one} {tail}".strip() for one in searches]


def is_left_out(narrowing: Narrowing, *, tail: str, most: int) -> bool:
    """Whether more is wanted than can be asked for: everything, or too many, short, long words."""
    room = most - count_bytes(tail) - 1
    some = any(not _askable(clause, room) for clause in narrowing.any_of)
    return some or not narrowing.any_of or len(_searches(narrowing, room)) > QUERIES


def _searches(narrowing: Narrowing, room: int) -> list[str]:
    """Clauses of one term share a query; others have their own, or too many are widened."""
    clauses = [clause for one in narrowing.any_of if (clause := _askable(one, room))]
    several = [" ".join(clause) for clause in clauses if len(clause) > 1]
    single = [clause[0] for clause in clauses if len(clause) == 1]
    searches = [*several, *_joined(single, room)]
    if len(searches) > QUERIES:
        searches = list(_joined([max(clause, key=len) for clause in clauses], room))
    return list(dict.fromkeys(searches))


def _joined(words: Sequence[str], room: int) -> Iterator[str]:
    """`(a OR b OR c)`, in as few queries as the length allows."""
    group: list[str] = []
    for word in dict.fromkeys(words):
        if group and count_bytes(_any_of([*group, word])) > room:
            yield _any_of(group)
            group = []
        group.append(word)
    if group:
        yield _any_of(group)


def _any_of(words: Sequence[str]) -> str:
    return f"({' OR '.join(words)})" if len(words) > 1 else "".join(words)


def _askable(clause: Sequence[Term], room: int) -> tuple[str, ...]:
    """The terms that GDELT takes; without the others a clause only finds more."""
    long_enough = [replace(term, text=text) for term in clause if (text := _plain(term.text))]
    words = (_quoted(term.text) for term in fitting(long_enough, room, count_bytes))
    return tuple(dict.fromkeys(word for word in words if word))


def _plain(text: str) -> str:
    """Without the signs of GDELT's syntax, and those of tags and handles."""
    kept = "".join(" " if sign in _SIGNS else sign for sign in scrub(text))
    return " ".join(kept.split()).strip("-")


def _quoted(text: str) -> str:
    if text.isalnum():
        return text if len(text) >= SHORTEST else ""
    return f'"{text}"' if len(text) >= SHORTEST_PHRASE else ""


def filters(languages: Sequence[str], countries: Sequence[str]) -> str:
    """The end of each query. What GDELT has no name for, or too many, is not asked for."""
    tongues = [f"sourcelang:{name}" for one in languages if (name := language_name(one))]
    lands = [f"sourcecountry:{name}" for one in countries if (name := country_name(one))]
    whole = [
        _any_of(names)
        for wanted, names in ((languages, tongues), (countries, lands))
        if len(names) == len(wanted) <= FILTERS
    ]
    return " ".join(one for one in whole if one)


def stamp(moment: datetime) -> str:
    """As GDELT wants it."""
    return moment.strftime("%Y%m%d%H%M%S")
