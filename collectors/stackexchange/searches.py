"""What to ask the sites for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.stackexchange.config import StackExchangeConfig
from collectors.turns import short_key

SEARCHES: Final = 40
"""Searches of one source at most; each has its place in the cursor (4 KB)."""


@dataclass(frozen=True, slots=True)
class Search:
    """One newest-first search of one site: for words, or for tags."""

    site: str
    words: str = ""
    tags: str = ""

    @property
    def key(self) -> str:
        return short_key(self.site, self.words, self.tags)

    @property
    def params(self) -> dict[str, str]:
        asked = {"q": self.words} if self.words else {"tagged": self.tags}
        return {"site": self.site, "order": "desc", "sort": "creation", **asked}


def searches(narrowing: Narrowing, config: StackExchangeConfig) -> list[Search]:
    """The API knows no OR, so each clause is a search of each site."""
    words = list(dict.fromkeys(_words(clause, config.query_length) for clause in narrowing.any_of))
    asked = [Search(site, words=one) for one in words if one for site in config.sites]
    if config.tags:
        tags = ";".join(dict.fromkeys(config.tags))
        asked = [*(Search(site, tags=tags) for site in config.sites), *asked]
    return asked


def left_out(narrowing: Narrowing, config: StackExchangeConfig) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    length = config.query_length
    askable = all(_words(clause, length) for clause in narrowing.any_of if clause)
    return not askable or len(searches(narrowing, config)) > SEARCHES


def _words(clause: Sequence[Term], length: int) -> str:
    asked = (_quoted(term) for term in fitting(clause[:8], length, len))
    return " ".join(dict.fromkeys(one for one in asked if one))


def _quoted(term: Term) -> str:
    """The sites have no hashtags, and people write names without the sign."""
    text = " ".join(term.text.replace('"', " ").split())
    if term.kind in ("hashtag", "handle"):
        text = text.lstrip("#@")
    return text if text.isalnum() or not text else f'"{text}"'
