"""What Apple's directory is asked for, and the feeds that its answer names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from collectors.api import Narrowing, Skipped, Term
from collectors.errors import BadPayload
from collectors.text import one_line, scrub, web_url

LONGEST: Final = 200
"""Characters of one search."""


@dataclass(frozen=True, slots=True)
class Search:
    """One question: words, and whether podcasts or episodes are looked for."""

    words: str
    entity: str

    @property
    def key(self) -> str:
        return f"{self.entity}:{self.words.lower()}"


@dataclass(frozen=True, slots=True)
class Found:
    """The feeds of an answer in its order, and what in it cannot be used."""

    feeds: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def words_of(narrowing: Narrowing, own: Sequence[str]) -> list[str]:
    """What to search for. Of a clause its longest term: more podcasts are found, never fewer."""
    terms = own or [_longest(clause) for clause in narrowing.any_of if clause]
    cleaned = (one_line(term.lstrip("#@"))[:LONGEST] for term in terms)
    return list(dict.fromkeys(word for word in cleaned if word))


def _longest(clause: Sequence[Term]) -> str:
    return max((term.text for term in clause), key=len)


def read_found(answer: Any) -> Found:
    """Raises BadPayload where it is no answer of the search."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise BadPayload("iTunes: the answer has no list of results")
    feeds: dict[str, None] = {}
    skipped = []
    for result in results:
        feed = result.get("feedUrl") if isinstance(result, dict) else None
        url = web_url(feed) if isinstance(feed, str) else ""
        if "://" in url:
            feeds[url] = None
        else:
            skipped.append(_without_feed(result))
    return Found(tuple(feeds), tuple(skipped))


def _without_feed(result: Any) -> Skipped:
    named = result.get("collectionName") if isinstance(result, dict) else None
    name = one_line(named[:200]) if isinstance(named, str) else ""
    reason = f"a podcast without a public feed: {name}" if name else "a result without a feed"
    return Skipped(reason, raw=scrub(repr(result)[:2_000]))
