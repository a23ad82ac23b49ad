"""What to search an instance for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.lemmy.config import LemmyConfig
from collectors.turns import short_key

MOST: Final = 30
"""Searches of one source at most; each has its place in the cursor (4 KB)."""
LENGTH: Final = 200
"""Characters of one search."""
What = Literal["posts", "comments"]


@dataclass(frozen=True, slots=True)
class Search:
    """One newest-first search for posts or for comments."""

    what: What
    words: str = ""
    community: str = ""

    @property
    def key(self) -> str:
        return short_key(self.what, self.words, self.community)


def searches(narrowing: Narrowing, config: LemmyConfig) -> list[Search]:
    """A search for each clause, in each community; without words all of the communities."""
    words = dict.fromkeys(_word(clause) for clause in narrowing.any_of)
    asked = [one for one in words if one]
    if not narrowing.any_of and config.communities:
        asked = [""]
    kinds: tuple[What, ...] = ("posts", "comments") if config.comments else ("posts",)
    places = tuple(dict.fromkeys(config.communities)) or ("",)
    return [Search(what, one, place) for one in asked for place in places for what in kinds]


def left_out(narrowing: Narrowing, config: LemmyConfig) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    askable = all(_word(clause) for clause in narrowing.any_of if clause)
    return not askable or len(searches(narrowing, config)) > MOST


def _word(clause: Sequence[Term]) -> str:
    """One term of the clause, the longest: Lemmy looks for several words in the order in which
    they are given, and in one field, so to ask for all would lose posts that have them otherwise.
    """
    terms = [one for term in clause for one in fitting([term], LENGTH, len)]
    return max((_tidied(term) for term in terms), key=len, default="")


def _tidied(term: Term) -> str:
    text = " ".join(term.text.split())
    # An address or !community@instance would be looked up, not searched for.
    return text.lstrip("#@!")
