"""What to read of a forum, and how a reading goes down. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.turns import short_key
from collectors.walk import Walk

SEARCHES: Final = 20
"""Searches of one source at most; each has its place in the cursor (4 KB)."""
LENGTH: Final = 200
"""Characters of one search."""
STRIDE: Final = 50
"""Numbers of posts that one answer of the listing covers at least."""
LAST_PAGE: Final = 10
"""Of a search: the forum gives no further one."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One search for words, or, without words, the listing of all new posts."""

    words: str = ""

    @property
    def key(self) -> str:
        return short_key(self.words)


def readings(narrowing: Narrowing, *, search: bool) -> list[Reading]:
    """Where there are no words to search for, everything is read."""
    if not search or not narrowing.any_of:
        return [Reading()]
    words = dict.fromkeys(_words(clause) for clause in narrowing.any_of)
    return [Reading(one) for one in words if one]


def left_out(narrowing: Narrowing, *, search: bool) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    if not search:
        return False
    askable = all(_words(clause) for clause in narrowing.any_of if clause)
    return not askable or len(readings(narrowing, search=True)) > SEARCHES


def _words(clause: Sequence[Term]) -> str:
    asked = (_quoted(term) for term in fitting(clause[:8], LENGTH, len))
    return " ".join(dict.fromkeys(one for one in asked if one))


def _quoted(term: Term) -> str:
    """A sign before a word would choose a member (@) or a category (#), a colon a filter."""
    text = " ".join(term.text.replace('"', " ").split())
    if term.kind in ("hashtag", "handle"):
        text = text.lstrip("#@")
    return text if not text or text.isalnum() else f'"{text}"'


def down_the_list(
    walk: Walk, ids: Sequence[int], times: Sequence[int], *, overlap: int, first: int
) -> tuple[Walk, bool]:
    """Where an answer of /posts.json leaves the walk, by the numbers of posts, and whether it
    goes on.

    An answer holds the public posts among the STRIDE numbers up to `before`, or, on newer forums,
    the STRIDE newest public posts up to it. So few or none of them say nothing about what lies
    below. overlap: numbers below the newest known one that are read again; first: the time, in
    seconds since 1970, down to which a first walk goes.
    """
    since = int(walk.since) if walk.since.isdecimal() else 0
    before = int(walk.before) if walk.before.isdecimal() else 0
    if not ids:
        if not since:
            return walk.ended(), False  # an empty forum, or one that shows nothing
        # Before the first number is known, begin just above what is known.
        below = before - STRIDE if before else since + 2 * STRIDE
        if below <= since - overlap:
            return walk.ended(), False
        return walk.down_to(str(below), top=str(since)), True
    lowest, top = min(ids), str(max(*ids, since))
    # A forum may take `before` as "up to" or as "below": asked for the lowest again, none is lost.
    below = lowest if lowest != before else before - STRIDE
    deep = below <= since - overlap if since else bool(times) and min(times) <= first
    if deep or below <= 1:
        return walk.ended(top=top), False
    return walk.down_to(str(below), top=top), True


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of one day of a search; in a walk's `before` as "2026-11-25/1"."""

    day: date
    page: int = 1

    @classmethod
    def of(cls, walk: Walk, now: datetime) -> Slice:
        day, _, page = walk.before.partition("/")
        try:
            return cls(date.fromisoformat(day), int(page))
        except ValueError:
            return cls(now.astimezone(UTC).date())

    def __str__(self) -> str:
        return f"{self.day.isoformat()}/{self.page}"

    def query(self, words: str) -> str:
        """The forum's days are those of UTC. Its `after` leaves out the day's first microsecond."""
        until = self.day + _DAY
        return f"{words} after:{self.day.isoformat()} before:{until.isoformat()} order:latest"

    def after(self, *, more: bool) -> Slice:
        if more and self.page < LAST_PAGE:
            return replace(self, page=self.page + 1)
        return Slice(self.day - _DAY)


def down_the_days(
    walk: Walk, read: Slice, *, more: bool, floor: int, top: int
) -> tuple[Walk, bool]:
    """Where a page of a search leaves the walk, and whether it goes on.

    top: the moment at which the walk began: all before it is known at its end, hits or none.
    """
    further = read.after(more=more)
    if further.day < datetime.fromtimestamp(floor, UTC).date():
        return walk.ended(top=str(top)), False
    return walk.down_to(str(further), top=str(top)), True
