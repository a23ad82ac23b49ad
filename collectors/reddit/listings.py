"""What to ask Reddit for, and how far each listing was read. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.reddit.things import Things
from collectors.walk import Walk

LIMIT: Final = 100
"""Things a page: the most that Reddit gives."""
SEARCHES: Final = 10
"""Searches of one source at most."""
OVERLAP: Final = 3_600
"""Seconds before the newest known thing that are read again: the search lags, and moderators let
posts through some time after they were written."""
_OPERATORS: Final = frozenset({"AND", "OR", "NOT", "TO"})
_AROUND: Final = 5
"""What a term takes besides itself: two quotes, a blank, two brackets."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One newest-first listing: a search where there are words, else subreddits."""

    words: str = ""
    subreddits: str = ""
    comments: bool = False

    @property
    def key(self) -> str:
        """Its name in the cursor: short, whatever the words."""
        told = f"{self.words}\n{self.subreddits}\n{self.comments}"
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:10]

    @property
    def path(self) -> str:
        if self.words:
            return "/search"
        return f"/r/{self.subreddits}/{'comments' if self.comments else 'new'}"

    @property
    def params(self) -> dict[str, str]:
        params = {"limit": str(LIMIT), "sort": "new"}
        if self.words:
            params |= {"q": self.words, "type": "link", "t": "all", "include_over_18": "on"}
        return params

    @property
    def name(self) -> str:
        """For people."""
        if self.words:
            return "the search"
        return f"{'comments' if self.comments else 'posts'} of r/{self.subreddits}"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a listing was read. count: things seen since the walk began at the top."""

    walk: Walk = field(default_factory=Walk)
    count: int = 0

    @classmethod
    def from_json(cls, value: JsonValue) -> Place:
        match value:
            case [str(), str(), str(), int(count)]:
                return cls(Walk.from_json(value[:3]), count)
            case _:
                return cls()

    def to_json(self) -> list[JsonValue]:
        return [*self.walk.to_json(), self.count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a page leaves a listing. more: whether the walk goes on; ended_short: whether the
    listing came to its end before it came to what is known."""

    place: Place
    more: bool
    ended_short: bool = False


def advance(place: Place, things: Things, after: str, *, floor: int) -> Step:
    """The step that a page makes. after: what the next page is asked with, "" at the end.

    floor: the time, in seconds since 1970, at which the walk has come down far enough.
    """
    walk, count = place.walk, place.count + len(things.times)
    top = str(max(map(int, (*things.times, walk.since or 0)))) if things.times else walk.since
    reached = bool(things.times) and things.times[-1] <= floor
    if reached or not after or not things.times:
        # Up to one page may be all there is; a longer listing that ends above what is known was
        # cut at Reddit's cap (1,000 at most, in searches often about 250).
        short = not reached and count > LIMIT
        return Step(place=Place(walk.ended(top=top)), more=False, ended_short=short)
    return Step(place=Place(walk.down_to(after, top=top), count), more=True)


def floor_of(place: Place, *, first: int) -> int:
    """How far down to read: to what is known and a little below, at first down to `first`."""
    since = place.walk.since
    return int(since) - OVERLAP if since.isdigit() else first


def listings(
    narrowing: Narrowing, *, subreddits: Sequence[str], comments: bool, search: bool, length: int
) -> list[Listing]:
    """All that a poll asks for. length: of one search, in characters."""
    wanted: list[Listing] = []
    if subreddits:
        joined = "+".join(dict.fromkeys(subreddits))
        wanted.append(Listing(subreddits=joined))
        wanted += [Listing(subreddits=joined, comments=True)] if comments else []
    searches = render(narrowing, length=length) if search else []
    return wanted + [Listing(words=words) for words in searches[:SEARCHES]]


def left_out(narrowing: Narrowing, *, length: int) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    asked = [_askable(clause, length) for clause in narrowing.any_of if clause]
    return not all(asked) or len(render(narrowing, length=length)) > SEARCHES


def render(narrowing: Narrowing, *, length: int) -> list[str]:
    """The narrowing as searches, together a superset of it: as many clauses in one as fit.

    Where that makes too many, each clause is widened to its longest term.
    """
    clauses = [terms for clause in narrowing.any_of if (terms := _askable(clause, length))]
    searches = list(_joined([_clause(terms) for terms in clauses], length))
    if len(searches) > SEARCHES:
        searches = list(_joined([max(map(_quoted, terms), key=len) for terms in clauses], length))
    return searches


def _askable(clause: Sequence[Term], length: int) -> tuple[Term, ...]:
    fitted = fitting(clause[:8], length, len, around=_AROUND)
    return tuple(term for term in fitted if _quoted(term) != '""')


def _clause(terms: Sequence[Term]) -> str:
    asked = list(dict.fromkeys(map(_quoted, terms)))
    return asked[0] if len(asked) == 1 else f"({' '.join(asked)})"


def _joined(clauses: Sequence[str], length: int) -> Iterator[str]:
    """`a OR (b c) OR d`, each piece no longer than `length`."""
    piece = ""
    for clause in dict.fromkeys(clauses):
        longer = f"{piece} OR {clause}" if piece else clause
        if piece and len(longer) > length:
            yield piece
            longer = clause
        piece = longer
    if piece:
        yield piece


def _quoted(term: Term) -> str:
    """Reddit has no hashtags, and people write handles without the sign."""
    text = " ".join(term.text.replace('"', " ").replace("\\", " ").split())
    if term.kind in ("hashtag", "handle"):
        text = text.lstrip("#@")
    plain = text.isalnum() and text not in _OPERATORS
    return text if plain else f'"{text}"'
