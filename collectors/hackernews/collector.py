"""Hacker News by Algolia's search_by_date: stories and comments, cut into slices of time.

One query gives 1,000 hits at most, whatever its pages (github.com/algolia/hn-search issue 230).
So a poll walks down from the newest: each request asks for what was created up to the oldest
hit of the request before, and nothing is lost however many there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    Term,
)
from collectors.errors import BadPayload
from collectors.fitting import count_bytes, fitting
from collectors.hackernews.records import is_gone, read_story
from collectors.hackernews.slices import QUERIES, Past, Slice, new_of, read_slice
from collectors.jsontext import read_json
from collectors.onebyone import Told, one_by_one
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

HITS: Final = 1_000
BYTES: Final = 512
"""Of one query: a hard limit of Algolia (algolia.com/doc/api-reference/api-parameters/query)."""
SLICES: Final = 30
"""Requests a poll makes at most; what is left is read at the next one."""
OVERLAP: Final = 3_600
"""Seconds before the newest known hit that are read again: the index lags and reorders."""


class HackerNewsConfig(CollectorConfig):
    """All of Hacker News; the queries say what of it."""

    first_days: int = Field(
        default=7, ge=1, le=365, description="Days that the first poll reaches back."
    )
    comments: bool = Field(default=True, description="Read comments too, not only stories.")
    hits: int = Field(
        default=HITS, ge=2, le=HITS, description="Hits of one answer; Algolia gives 1,000 at most."
    )
    base_url: str = Field(
        default="https://hn.algolia.com/api/v1/search_by_date",
        description="Address of the search; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    items_url: str = Field(
        default="https://hacker-news.firebaseio.com/v0/item",
        description="Address of single items; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class HackerNews:
    """Searches stories and comments.

    One query a clause. Cursor: a Walk a query, in seconds since 1970.
    """

    kind: ClassVar[str] = "hackernews"
    platform: ClassVar[str | None] = "hackernews"
    Config: ClassVar[type[CollectorConfig]] = HackerNewsConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True,
        history=timedelta(days=365),
        min_interval=timedelta(minutes=5),
        quota="10,000 requests an hour per address; 1,000 hits a query (hn.algolia.com/api)",
        max_requests=SLICES,
        refresh_batch=SLICES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, HackerNewsConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Ask for one hit."""
        await self._hits("", {"hitsPerPage": "1"}, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield one page a slice, newest first within a query; what several find comes once."""
        queries = {_key(query): query for query in render(narrowing)}
        walks = {key: Walk.from_json(cursor.get(key)) for key in queries}
        known: set[str] = set()
        left = SLICES
        for key, query in queries.items():
            while left and http.left != 0:
                left -= 1
                slice_ = await self._slice(query, walks[key], http)
                walks[key] = slice_.walk
                yield Page(
                    items=new_of(slice_.items, known),
                    skipped=slice_.skipped,
                    cursor={name: walk.to_json() for name, walk in walks.items() if walk != Walk()},
                    listening=Listening(truncated=slice_.truncated),
                )
                if not slice_.more:
                    break

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield a page a slice, query by query. Cursor: the queries done, and the place in one."""
        past = Past.from_cursor(cursor)
        start = Walk(since=str(int(since.timestamp()) + OVERLAP))
        known: set[str] = set()
        for query in render(narrowing):
            more = _key(query) not in past.done
            while more:
                if http.left == 0:
                    return
                slice_ = await self._slice(query, replace(start, before=past.before), http)
                more = slice_.more
                past = past.below(slice_.walk.before) if more else past.after(_key(query))
                yield Page(
                    items=new_of(slice_.items, known),
                    skipped=slice_.skipped,
                    cursor=past.to_cursor(),
                    listening=Listening(truncated=slice_.truncated),
                )

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Items as they are now, one request each; what was deleted or killed is `removed`."""

        async def read(identity: str) -> Told:
            response = await http.get(f"{self._config.items_url}/{identity}.json")
            assert response is not None  # None answers a conditional request, which this is not
            record = read_json(response.body)
            if record is None:  # not copied to this interface yet, or never
                return "untold"
            return "gone" if is_gone(record) else read_story(record, identity)

        known = [one for one in ids if one.isascii() and one.isdigit()]
        return await one_by_one(known, read, http)

    async def _slice(self, query: str, walk: Walk, http: Http) -> Slice:
        floor = int(walk.since) - OVERLAP if walk.since else None
        bounds = [f"created_at_i>={floor}"] if floor is not None else []
        bounds += [f"created_at_i<={walk.before}"] if walk.before else []
        params = {"hitsPerPage": str(self._config.hits)}
        if bounds:
            params["numericFilters"] = ",".join(bounds)
        hits = await self._hits(query, params, http)
        full = len(hits) >= self._config.hits
        return read_slice(hits, walk, full=full, first_days=self._config.first_days)

    async def _hits(self, query: str, params: Mapping[str, str], http: Http) -> list[Any]:
        kinds = "(story,comment)" if self._config.comments else "story"
        asked = {
            "query": query,
            "tags": kinds,
            "advancedSyntax": "true",
            "typoTolerance": "false",
            **params,
        }
        response = await http.get(self._config.base_url, params=asked)
        assert response is not None  # None answers a conditional request, which this is not
        found = read_json(response.body)
        hits = found.get("hits") if isinstance(found, dict) else None
        if not isinstance(hits, list):
            raise BadPayload("Hacker News: the answer has no list of hits")
        return hits


def render(narrowing: Narrowing) -> list[str]:
    """One query a clause, or one for everything: Algolia joins words by AND and knows no OR."""
    queries = list(dict.fromkeys(_query(clause) for clause in narrowing.any_of))
    return queries if 0 < len(queries) <= QUERIES and all(queries) else [""]


def _query(clause: Sequence[Term]) -> str:
    # Fewer words find more: a long clause is widened, never cut in the middle of a word.
    asked = fitting(clause[:8], BYTES, count_bytes)
    return " ".join(dict.fromkeys(_quoted(term) for term in asked))


def _quoted(term: Term) -> str:
    text = " ".join(term.text.replace('"', " ").split())
    return text if text.isalnum() else f'"{text}"'


def _key(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:10]
