"""What to ask GitHub for, in its search syntax (docs.github.com/search-github). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.github.config import GitHubConfig
from collectors.turns import short_key

MOST: Final = 24
"""Searches of one source at most; each has its place in the cursor (4 KB)."""
_AROUND: Final = 9
"""What a term takes besides itself: two quotes, two brackets, ` OR ` and a blank."""
_OPERATORS: Final = frozenset({"and", "or", "not"})
What = Literal["issue", "pull-request", "discussion"]


@dataclass(frozen=True, slots=True)
class Search:
    """One newest-first search for words within a scope."""

    what: What
    words: str = ""
    scope: str = ""
    private: bool = False

    @property
    def key(self) -> str:
        return short_key(self.what, self.words, self.scope, str(self.private))

    def query(self, since: int, until: int | None) -> str:
        """since, until: seconds since 1970, both among what is asked for."""
        low = _stamp(since)
        created = f"created:{low}..{_stamp(until)}" if until is not None else f"created:>={low}"
        visible = "" if self.private else "is:public"
        ending = "sort:created-desc" if self.what == "discussion" else f"is:{self.what}"
        parts = (self.words, self.scope, visible, created, ending)
        return " ".join(part for part in parts if part)


def searches(narrowing: Narrowing, config: GitHubConfig) -> list[Search]:
    """Each group of words in each scope for each kind of record.

    Scopes are asked one by one: GitHub came to read several as "in all of them at once", and to
    join them costs operators, of which a search may hold few.
    """
    scopes = [f"repo:{one}" for one in dict.fromkeys(config.repos)]
    scopes += [f"user:{one}" for one in dict.fromkeys(config.owners)]
    words = _groups(narrowing, config)
    if not narrowing.any_of and scopes:
        words = [""]  # everything there
    return [
        Search(what, words=one, scope=scope, private=config.private)
        for one in words
        for scope in scopes or [""]
        for what in _kinds(config)
    ]


def left_out(narrowing: Narrowing, config: GitHubConfig) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    askable = all(_terms(clause, config) for clause in narrowing.any_of if clause)
    return not askable or len(searches(narrowing, config)) > MOST


def _kinds(config: GitHubConfig) -> Iterator[What]:
    yield "issue"
    if config.pull_requests:
        yield "pull-request"
    if config.discussions and config.token:
        yield "discussion"


def _groups(narrowing: Narrowing, config: GitHubConfig) -> list[str]:
    """As many clauses in one search as its length and operators allow: `("a b" OR (c d))`."""
    groups: list[str] = []
    held: list[str] = []
    spent = 0
    for terms in dict.fromkeys(_terms(clause, config) for clause in narrowing.any_of):
        if not terms:
            continue
        more = [*held, terms[0] if len(terms) == 1 else f"({' '.join(terms)})"]
        cost = spent + len(terms) - 1 + bool(held)
        if held and (len(_joined(more)) > config.query_length or cost > config.operators):
            groups.append(_joined(held))
            more, cost = more[-1:], len(terms) - 1
        held, spent = more, cost
    return [*groups, _joined(held)] if held else groups


def _joined(alternatives: Sequence[str]) -> str:
    if len(alternatives) == 1:
        one = alternatives[0]
        return one[1:-1] if one.startswith("(") else one
    return f"({' OR '.join(alternatives)})"


def _terms(clause: Sequence[Term], config: GitHubConfig) -> tuple[str, ...]:
    """Blanks between words are ANDs that nobody writes; they are counted as if written."""
    fitted = fitting(clause[: config.operators + 1], config.query_length, len, around=_AROUND)
    return tuple(dict.fromkeys(one for term in fitted if (one := _quoted(term))))


def _quoted(term: Term) -> str:
    text = " ".join(term.text.replace('"', " ").replace("\\", " ").split())
    if term.kind in ("hashtag", "handle"):
        text = text.lstrip("#@")
    return text if not text or _is_plain(text) else f'"{text}"'


def _is_plain(text: str) -> bool:
    return text.isalnum() and text.lower() not in _OPERATORS


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
