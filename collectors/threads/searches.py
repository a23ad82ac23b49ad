"""The narrowing as searches of Threads, after …/docs/threads/keyword-search. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from collectors.api import Narrowing, Term
from collectors.meta.listings import Edge
from collectors.threads.config import ThreadsConfig
from collectors.threads.posts import FIELDS, read_post

SEARCHES: Final = "searches"
_LONGEST: Final = 200
OVERLAP: Final = timedelta(hours=1)
"""A post may be found a little after its time."""


@dataclass(frozen=True, slots=True)
class Search:
    """One question. mode: KEYWORD for words in the text, TAG for a post's topic."""

    words: str
    mode: str = "KEYWORD"

    @property
    def key(self) -> str:
        """Its name in the cursor: short, whatever the words."""
        return hashlib.sha256(f"{self.mode} {self.words}".encode("utf-8", "replace")).hexdigest()[
            :8
        ]


def render(narrowing: Narrowing) -> list[Search]:
    """A clause is widened to one term: how Threads takes several words is not documented."""
    return list(dict.fromkeys(one for clause in narrowing.any_of for one in _clause(clause)))


def _clause(clause: Sequence[Term]) -> Iterator[Search]:
    terms = [(len(text), text, term.kind) for term in clause if (text := _asked(term))]
    if not terms:
        return
    _, text, kind = max(terms)
    yield Search(text)
    if kind == "hashtag":
        yield Search(text, "TAG")


def _asked(term: Term) -> str:
    text = " ".join(term.text.split())
    text = text.lstrip("#@") if term.kind in ("hashtag", "handle") else text
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST].rpartition(" ")[0]  # a shorter phrase finds more


def edge_of(search: Search, config: ThreadsConfig, since: int) -> Edge:
    """The search as a listing, newest first, back to `since`; a full page goes on by time."""
    return Edge(
        name=search.key,
        path="/keyword_search",
        read=read_post,
        params={
            "q": search.words,
            "search_type": "RECENT",
            "search_mode": search.mode,
            "fields": FIELDS,
            "since": str(since),
            "limit": str(config.page_size),
        },
        needs="threads_keyword_search (or switch `search` off)",
        quota=SEARCHES,
        window=config.page_size,
        paged=False,
        overlap=OVERLAP,
    )
