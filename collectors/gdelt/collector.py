"""The world's online news by GDELT's DOC 2.0 API: free, without a key, one request in 6 seconds."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field, JsonValue

from collectors.api import Capabilities, CollectorConfig, Cursor, Item, Listening, Narrowing, Page
from collectors.desk import Quota
from collectors.errors import NeedsAttention, RateLimited
from collectors.gdelt import rules
from collectors.gdelt.articles import SPACING, Articles, Refused, read_answer
from collectors.gdelt.rules import Walk
from collectors.http.outcomes import error_for
from collectors.instants import seconds

if TYPE_CHECKING:
    from collectors.http import Http

REQUESTS: Final = "requests"
MAX_REQUESTS: Final = 12
_DOCS: Final = "blog.gdeltproject.org/gdelt-doc-2-0-api-debuts"


class GdeltConfig(CollectorConfig):
    """News of the world, or of some countries and languages."""

    languages: tuple[str, ...] = Field(
        default=(),
        max_length=rules.FILTERS,
        description="Languages of the articles (ISO 639-1); empty: those of the queries.",
        examples=[["fr"]],
    )
    countries: tuple[str, ...] = Field(
        default=(),
        max_length=rules.FILTERS,
        description="Countries of the outlets (ISO 3166-1); empty: all.",
        examples=[["FR", "BE"]],
    )
    query: str = Field(
        default="",
        max_length=500,
        description="Own search in GDELT's syntax, instead of the words of the queries.",
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    max_records: int = Field(
        default=250, ge=1, le=250, description="Articles of one answer; GDELT gives 250 at most."
    )
    query_bytes: int = Field(
        default=240,
        ge=100,
        le=2_000,
        description="Length of a query; GDELT refuses those beyond some 250 characters.",
    )
    seconds_between: int = Field(
        default=6, ge=1, le=3_600, description="Seconds between two requests; GDELT asks for 5."
    )
    base_url: str = Field(
        default="https://api.gdeltproject.org/api/v2/doc/doc",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class Gdelt:
    """Searches the world's online news: each poll asks the query that has waited longest.

    Cursor: a Walk a query.
    """

    kind: ClassVar[str] = "gdelt"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = GdeltConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True,
        history=timedelta(days=90),
        min_interval=timedelta(minutes=5),
        quota=f"one request in 5 seconds per address; 250 articles a request ({_DOCS})",
        max_requests=MAX_REQUESTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, GdeltConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Ask for one article of the last day."""
        now = http.now
        await self._ask(self._config.query or "weather", now - timedelta(days=1), now, http, most=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield an answer a page, as many as the pace allows: mostly one a poll."""
        queries = {_key(query): query for query in self._queries(narrowing)}
        if not queries:
            raise NeedsAttention("a news search needs words: give the source a query")
        kept = cursor.get("searches")
        walks = {key: Walk.from_json(_get(kept, key)) for key in queries}
        left_out = not self._config.query and self._leaves_out(narrowing)
        shown: set[str] = set()
        answers, refusal = 0, None
        for key in sorted(queries, key=lambda one: walks[one].asked):
            more = True
            while more and await self._may_ask(http, first=not answers):
                answer = await self._step(queries[key], walks[key], http)
                answers += 1
                walks[key], more = answer.walk, answer.more
                refusal = answer.refused or refusal
                yield answer.page(shown, _cursor(walks), left_out=left_out)
        if refusal and all(walk.refused for walk in walks.values()):
            raise refusal

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was seen since `since`, newest first, query by query."""
        queries = self._queries(narrowing)
        number, before = _place(cursor)
        first = True
        while number < len(queries) and await self._may_ask(http, first=first):
            first = False
            began = seconds(http.now)
            walk = Walk(since=seconds(since + rules.OVERLAP), began=began, before=before)
            answer = await self._step(queries[number], walk, http)
            number, before = (number, answer.walk.before) if answer.more else (number + 1, 0)
            yield answer.page(set(), {"at": [number, before]}, left_out=False)

    def quotas(self) -> Sequence[Quota]:
        per = timedelta(seconds=self._config.seconds_between)
        return (Quota(name=REQUESTS, limit=1, per=per, scope="host", source=_DOCS),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {REQUESTS: min(len(self._queries(narrowing)), 1)}

    def _queries(self, narrowing: Narrowing) -> list[str]:
        if self._config.query:
            return [self._config.query]
        return rules.render(narrowing, tail=self._tail(narrowing), most=self._config.query_bytes)

    def _leaves_out(self, narrowing: Narrowing) -> bool:
        return rules.is_left_out(
            narrowing, tail=self._tail(narrowing), most=self._config.query_bytes
        )

    def _tail(self, narrowing: Narrowing) -> str:
        return rules.filters(self._config.languages or narrowing.languages, self._config.countries)

    async def _may_ask(self, http: Http, *, first: bool) -> bool:
        """The first request of a poll must fit, or the poll says when it will; others may."""
        return http.left != 0 and (first or await http.desk.ledger.left(REQUESTS) > 0)

    async def _step(self, query: str, walk: Walk, http: Http) -> Step:
        """One answer of a query. A refused one is asked again at its next turn."""
        now = http.now
        start, end = walk.window(now, first_days=self._config.first_days)
        try:
            found = await self._ask(query, start, end, http, most=self._config.max_records)
        except Refused as error:
            return Step(walk=walk.after_refusal(now), refused=error)
        oldest = min((one.published_at for one in found.items if one.published_at), default=None)
        full = found.total >= self._config.max_records and oldest is not None and oldest > start
        after, stuck = walk.after(oldest, full=full, now=now)
        return Step(walk=after, found=found, more=bool(after.began), stuck=stuck)

    async def _ask(
        self, query: str, start: datetime, end: datetime, http: Http, *, most: int
    ) -> Articles:
        await http.desk.ledger.spend(REQUESTS)
        response = await http.request(
            "GET",
            self._config.base_url,
            params={
                "query": query,
                "mode": "artlist",
                "format": "json",
                "sort": "datedesc",
                "maxrecords": most,
                "startdatetime": rules.stamp(start),
                "enddatetime": rules.stamp(end),
            },
            # Every answer as it is: a quick retry would come within the five seconds.
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        host, now = urlsplit(response.url).hostname or "", http.now.timestamp()
        error = error_for(response.status, response.headers, host=host, now=now)
        if isinstance(error, RateLimited):
            raise RateLimited(str(error), error.retry_after or SPACING)
        if error is not None:
            raise error
        return read_answer(response.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an answer brought. more: the walk goes on. stuck: a part of it cannot be had."""

    walk: Walk
    found: Articles | None = None
    more: bool = False
    stuck: bool = False
    refused: Refused | None = None

    def page(self, shown: set[str], cursor: dict[str, JsonValue], *, left_out: bool) -> Page:
        """Its articles, without those shown before; `shown` learns them."""
        if self.found is None:
            note = str(self.refused)
            return Page(
                cursor=cursor, listening=Listening(refused=1, truncated=left_out, note=note)
            )
        new: list[Item] = [one for one in self.found.items if one.external_id not in shown]
        shown.update(one.external_id for one in new)
        notes = [
            "more articles of one quarter of an hour than GDELT gives" if self.stuck else "",
            "not all the words can be asked for" if left_out else "",
        ]
        return Page(
            items=tuple(new),
            skipped=self.found.skipped,
            cursor=cursor,
            listening=Listening(
                truncated=self.stuck or left_out, note="; ".join(filter(None, notes))
            ),
        )


def _cursor(walks: Mapping[str, Walk]) -> dict[str, JsonValue]:
    return {"searches": {key: walk.to_json() for key, walk in walks.items() if walk != Walk()}}


def _get(kept: JsonValue, key: str) -> JsonValue:
    return kept.get(key) if isinstance(kept, dict) else None


def _place(cursor: Cursor) -> tuple[int, int]:
    match cursor.get("at"):
        case [int(number), int(before)]:
            return max(number, 0), before
        case _:
            return 0, 0


def _key(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "replace")).hexdigest()[:10]
