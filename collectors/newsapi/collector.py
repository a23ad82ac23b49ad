"""News by NewsAPI.org: articles of some 150,000 outlets, for who has a key."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from collectors.api import Capabilities, CollectorConfig, Cursor, Item, Listening, Narrowing, Page
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention
from collectors.http.outcomes import error_for
from collectors.jsontext import read_json
from collectors.newsapi.articles import Articles, code_of, read_answer
from collectors.newsapi.config import MAX_REQUESTS, NewsApiConfig
from collectors.newsapi.queries import Asked, render
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

REQUESTS: Final = "requests"
LANGUAGES: Final = frozenset(
    ["ar", "de", "en", "es", "fr", "he", "it", "nl", "no", "pt", "ru", "sv", "ud", "zh"]
)
_DOCS: Final = "newsapi.org/docs/endpoints/everything and newsapi.org/pricing"


class NewsApi:
    """Searches articles of many outlets, for who has a key.

    Each search is walked down by time, as the free plan knows no second page.
    Cursor: a Walk a search, and `turn`: which search the next poll begins with.
    """

    kind: ClassVar[str] = "newsapi"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = NewsApiConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=30),
        min_interval=timedelta(minutes=30),
        quota=f"free: 100 requests a day, articles a day late ({_DOCS})",
        cost="free to try, not for production; paid plans from $449 a month",
        max_requests=MAX_REQUESTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, NewsApiConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Search for one article of the last days: one request."""
        now = http.now
        await self._ask(self._config.query or "news", now - timedelta(days=3), now, None, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page an answer, newest first within a search."""
        asked = self._asked(narrowing)
        walks = {_key(query): _walk(cursor.get(_key(query))) for query in asked.queries}
        known: set[str] = set()
        left = self._config.requests
        lang = self._language(narrowing)
        for turn, query in _in_turn(asked.queries, cursor.get("turn")):
            key, more = _key(query), True
            while more and left and http.left != 0:
                left -= 1
                since = self._since(walks[key], http.now)
                step = await self._step(query, walks[key], since, lang, http)
                if step.note and not walks[key].before:
                    raise NeedsAttention(f"NewsAPI: {step.note}: choose fewer `first_days`")
                walks[key], more = step.walk, step.more
                kept = {name: walk.to_json() for name, walk in walks.items() if walk != Walk()}
                yield step.page(known, {**kept, "turn": turn}, left_out=asked.left_out)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was since `since`, search by search. Cursor: those done, and the place."""
        kept = cursor.get("done")
        done = [key for key in kept if isinstance(key, str)] if isinstance(kept, list) else []
        place = cursor.get("before")
        before = place if isinstance(place, str) else ""
        lang = self._language(narrowing)
        left = self._config.requests
        for query in self._asked(narrowing).queries:
            more = _key(query) not in done
            while more:
                if not left or http.left == 0:
                    return
                left -= 1
                step = await self._step(query, Walk(before=before), since, lang, http)
                more, before = step.more, step.walk.before if step.more else ""
                done += [] if more else [_key(query)]
                yield step.page(set(), {"done": list(done), "before": before}, left_out=False)

    def quotas(self) -> Sequence[Quota]:
        limit, price = self._config.requests_a_day, self._config.request_price
        return (Quota(name=REQUESTS, limit=limit, window="day", price=price, source=_DOCS),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {REQUESTS: float(min(len(self._asked(narrowing).queries), self._config.requests))}

    def _asked(self, narrowing: Narrowing) -> Asked:
        if self._config.query:
            return Asked((self._config.query,))
        asked = render(narrowing, length=self._config.query_length, most=self._config.queries)
        if not asked.queries:
            raise NeedsAttention("a news search needs words: give the source a query")
        return asked

    def _language(self, narrowing: Narrowing) -> str | None:
        """The one language to ask for; None where it is any, or none that NewsAPI has."""
        if self._config.language:
            return self._config.language
        only = narrowing.languages[0] if len(narrowing.languages) == 1 else None
        return only if only in LANGUAGES else None

    def _since(self, walk: Walk, now: datetime) -> datetime:
        """No further than the first poll, which the plan allows."""
        first = now - timedelta(days=self._config.first_days)
        if not walk.since:
            return first
        return max(_moment(walk.since) - timedelta(hours=self._config.overlap_hours), first)

    async def _step(
        self, query: str, walk: Walk, since: datetime, lang: str | None, http: Http
    ) -> Step:
        """One answer, and where it leaves the walk."""
        until = _moment(walk.before) if walk.before else http.now
        found = await self._ask(query, since, until, lang, http)
        if isinstance(found, str):
            return Step(walk=walk.ended(), note=found)
        # Articles that were taken back bear the time 0.
        times = [at for at in found.times if at >= since]
        if not times:
            return Step(walk=walk.ended(), found=found)
        oldest, top = min(times), _iso(max(times))
        if found.count < self._config.page_size or oldest <= since:
            return Step(walk=walk.ended(top=top), found=found)
        # The second of the oldest is asked for again, as more may lie in it. A whole answer from
        # one second cannot be taken apart: go on below it and say so.
        stuck = walk.before == _iso(oldest)
        below = _iso(oldest - timedelta(seconds=stuck))
        return Step(walk=walk.down_to(below, top=top), found=found, more=True, stuck=stuck)

    async def _ask(
        self, query: str, since: datetime, until: datetime, lang: str | None, http: Http
    ) -> Articles | str:
        """The articles; or, in words, that the plan does not reach so far back."""
        await http.desk.ledger.spend(REQUESTS)
        params = {
            "q": query, "from": _iso(since), "to": _iso(until), "sortBy": "publishedAt",
            "pageSize": str(self._config.page_size),
        }  # fmt: skip
        params |= {"language": lang} if lang else {}
        params |= {"domains": ",".join(self._config.domains)} if self._config.domains else {}
        response = await http.request(
            "GET",
            f"{self._config.base_url}/everything",
            params=params,
            headers={"x-api-key": self._config.api_key.get_secret_value()},
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        host, now = urlsplit(response.url).hostname or "", http.now.timestamp()
        if response.status in (400, 426):
            code = code_of(_json_or_nothing(response.body))
            if response.status == 426:  # "upgrade required": the plan does not hold so much
                return f"the plan does not reach so far: {code}"
            raise BadPayload(f"{host}: 400, the search was not taken: {code}")
        error = error_for(response.status, response.headers, host=host, now=now)
        if error is not None:
            raise error
        return read_answer(read_json(response.body), lang=lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an answer brought. more: the walk goes on. stuck: a part of it cannot be had."""

    walk: Walk
    found: Articles | None = None
    more: bool = False
    stuck: bool = False
    note: str = ""

    def page(self, known: set[str], cursor: Cursor, *, left_out: bool) -> Page:
        """Its articles without those that came before; `known` learns them."""
        items: Sequence[Item] = self.found.items if self.found else ()
        new = tuple(one for one in items if one.external_id not in known)
        known.update(one.external_id for one in new)
        note = self.note or ("not all the words can be asked for" if left_out else "")
        return Page(
            items=new,
            skipped=self.found.skipped if self.found else (),
            cursor=cursor,
            listening=Listening(
                refused=bool(self.note),
                truncated=self.stuck or left_out or bool(self.note),
                note=note,
            ),
        )


def _in_turn(queries: Sequence[str], turn: JsonValue) -> list[tuple[int, str]]:
    """The searches beginning with the one whose turn it is, each with the number after it."""
    begin = turn % len(queries) if isinstance(turn, int) else 0
    numbered = [((number + 1) % len(queries), query) for number, query in enumerate(queries)]
    return [*numbered[begin:], *numbered[:begin]]


def _walk(kept: JsonValue) -> Walk:
    """A walk out of a cursor; a new one where a time in it cannot be read."""
    walk = Walk.from_json(kept)
    try:
        [_moment(at) for at in (walk.since, walk.top, walk.before) if at]
    except ValueError:
        return Walk()
    return walk


def _json_or_nothing(body: bytes) -> object:
    try:
        return read_json(body)
    except BadPayload:
        return None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _key(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "replace")).hexdigest()[:10]
