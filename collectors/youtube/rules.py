"""What to ask YouTube and when. Pure: gets `now`, does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from collectors.api import Narrowing, Term
from collectors.desk import Quota
from collectors.fitting import count_bytes, fitting
from collectors.instants import instant, seconds
from collectors.text import scrub

QUERIES: Final = 4
"""Searches of one round at most; beyond, the clauses are widened to a word each."""
BYTES: Final = 300
"""Of one search. YouTube names no limit; short ones are answered everywhere."""
OVERLAP: Final = timedelta(hours=6)
"""Before the last round that is searched again: YouTube's index lags."""
PATIENCE: Final = timedelta(days=1)
"""A round that is still under way after that is given up: newer videos would never be seen."""
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Where a search stands. All in seconds since 1970; 0 where there is none.

    since: everything published before is stored. began, before: a walk down under way, from when
    it began to where it came. due: when the next round may begin.
    """

    since: int = 0
    began: int = 0
    before: int = 0
    due: int = 0

    @classmethod
    def from_json(cls, value: JsonValue) -> Round:
        match value:
            case [int(since), int(began), int(before), int(due)]:
                return cls(since=since, began=began, before=before, due=due)
            case _:
                return cls()

    def to_json(self) -> list[JsonValue]:
        return [self.since, self.began, self.before, self.due]

    def is_due(self, now: datetime) -> bool:
        return seconds(now) >= self.due

    def floor(self, now: datetime, *, first_days: int) -> datetime:
        """The earliest publication that is asked for."""
        if self.since:
            return instant(self.since) - OVERLAP
        start = instant(self.began) if self.began else now
        return start - timedelta(days=first_days)

    def after(self, oldest: datetime | None, *, full: bool, now: datetime) -> Round:
        """After a page whose oldest hit is `oldest` was stored."""
        began = self.began or seconds(now)
        if not full or oldest is None:
            return Round(since=began, due=self.due)
        # Whether publishedBefore includes its second is not documented: ask for that second again,
        # and go below it where that brings nothing older.
        before = seconds(oldest) + 1
        if self.before and before >= self.before:
            before = self.before - 1
        return replace(self, began=began, before=before)

    def given_up(self, now: datetime) -> bool:
        """Whether a walk under way has lasted too long."""
        return bool(self.began) and now - instant(self.began) > PATIENCE

    def waiting(self, now: datetime, wait: timedelta) -> Round:
        """At the end of its turn. A little early, as polls come a little late or early."""
        return replace(self, due=seconds(now + max(wait - _MINUTE, _MINUTE)))


def wait_after(spent: int, queries: int, own_searches: int) -> timedelta:
    """How long a query rests after `spent` searches, so that the day's share lasts for all."""
    return _DAY * max(spent, 1) * max(queries, 1) / own_searches


def kept_for_polls(quota: Quota, own_searches: int, now: datetime) -> int:
    """Searches that history leaves for the polls of the rest of the day."""
    rest = (quota.ends(now) - now) / _DAY
    return int(own_searches * min(max(rest, 0.0), 1.0)) + 1


def render(narrowing: Narrowing) -> list[str]:
    """The narrowing as searches, together a superset of it where nothing `is_left_out`."""
    return _searches(narrowing)[:QUERIES]


def is_left_out(narrowing: Narrowing) -> bool:
    """Whether more is wanted than can be searched for: everything, or too many or endless words."""
    some = any(not _askable(clause) for clause in narrowing.any_of)
    return some or not narrowing.any_of or len(_searches(narrowing)) > QUERIES


def _searches(narrowing: Narrowing) -> list[str]:
    """YouTube has `|` for OR and joins by AND; how the two bind is not documented.

    So clauses of one term share a search and others have their own; where that makes too many,
    each clause is widened to its longest term.
    """
    clauses = [clause for one in narrowing.any_of if (clause := _askable(one))]
    several = [" ".join(clause) for clause in clauses if len(clause) > 1]
    searches = several + list(_joined([clause[0] for clause in clauses if len(clause) == 1]))
    if len(searches) > QUERIES:
        searches = list(_joined([max(clause, key=len) for clause in clauses]))
    return list(dict.fromkeys(searches))


def _askable(clause: Sequence[Term]) -> tuple[str, ...]:
    """The terms as YouTube is asked for them; one that is nothing but signs is left out."""
    words = map(_quoted, fitting(clause, BYTES, count_bytes))
    return tuple(dict.fromkeys(word for word in words if word))


def _joined(words: Sequence[str]) -> Iterator[str]:
    """`a|b|c`, in as few searches as the length allows."""
    group: list[str] = []
    for word in dict.fromkeys(words):
        if group and count_bytes("|".join([*group, word])) > BYTES:
            yield "|".join(group)
            group = []
        group.append(word)
    if group:
        yield "|".join(group)


def _quoted(term: Term) -> str:
    """A leading "-" means NOT to YouTube and "|" OR; the signs of tags and handles only narrow."""
    kept = "".join(" " if sign in '"|\ufffd' else sign for sign in scrub(term.text))
    text = " ".join(kept.split()).lstrip("-#@ ")
    return text if text.isalnum() or not text else f'"{text}"'


def language(narrowing: Narrowing, chosen: str) -> str:
    """The language that a search prefers: the chosen one, else the only one of the queries."""
    return chosen or (narrowing.languages[0] if len(narrowing.languages) == 1 else "")


def stamp(moment: datetime) -> str:
    """As the API wants it (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
