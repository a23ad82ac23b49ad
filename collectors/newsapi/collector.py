"""News by NewsAPI.org: articles of some 150,000 outlets, for who has a key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention
from collectors.http.outcomes import error_for
from collectors.jsontext import read_json
from collectors.newsapi.articles import Articles, code_of, read_answer
from collectors.newsapi.config import MAX_REQUESTS, NewsApiConfig
from collectors.newsapi.queries import Asked, render
from collectors.turns import Step, back_in_turn, by_time, floor_of, in_turn, short_key
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

REQUESTS: Final = "requests"
LANGUAGES: Final = frozenset(
    ["ar", "de", "en", "es", "fr", "he", "it", "nl", "no", "pt", "ru", "sv", "ud", "zh"]
)
_DOCS: Final = "newsapi.org/docs/endpoints/everything and newsapi.org/pricing"


@dataclass(frozen=True, slots=True)
class Search:
    """One search, known in the cursor by its words."""

    query: str

    @property
    def key(self) -> str:
        return short_key(self.query)


class NewsApi:
    """Searches articles of many outlets, for who has a key.

    Each search is walked down by time, as the free plan knows no second page.
    Cursor: a Walk a search in seconds since 1970, and the turn.
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
        now = _seconds(http.now)
        await self._ask(self._config.query or "news", now - 3 * 86_400, now, None, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page an answer, newest first within a search; the searches take turns."""
        asked, lang = self._asked(narrowing), self._language(narrowing)
        first = _seconds(http.now - timedelta(days=self._config.first_days))
        overlap = self._config.overlap_hours * 3_600

        async def ask(search: Search, walk: Walk) -> Step:
            # Never further back than the first poll, which the plan allows.
            floor = max(floor_of(walk, overlap=overlap, first=first), first)
            step = await self._step(search, walk, floor, lang, http)
            if step.page.listening.refused and not walk.before.isdecimal():
                note = step.page.listening.note
                raise NeedsAttention(f"NewsAPI: {note}: choose fewer `first_days`")
            return _with_note(step, asked.left_out)

        searches = [Search(query) for query in asked.queries]
        pages = in_turn(searches, cursor, ask, self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was since `since`, search by search, as far as the plan reaches."""
        lang, floor = self._language(narrowing), _seconds(since)

        async def ask(search: Search, walk: Walk) -> Step:
            return await self._step(search, walk, floor, lang, http)

        searches = [Search(query) for query in self._asked(narrowing).queries]
        pages = back_in_turn(searches, cursor, ask, self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                yield page

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

    def _may_ask(self, http: Http) -> Callable[[], Awaitable[bool]]:
        """Whether a poll may go on: its own limit, its budget and the day's requests."""
        last = http.asked + self._config.requests

        async def may_ask() -> bool:
            left = await http.desk.ledger.left(REQUESTS)
            return http.asked < last and http.left != 0 and left > 0

        return may_ask

    async def _step(
        self, search: Search, walk: Walk, floor: int, lang: str | None, http: Http
    ) -> Step:
        """One answer, and where it leaves the walk."""
        until = int(walk.before) if walk.before.isdecimal() else _seconds(http.now)
        found = await self._ask(search.query, floor, until, lang, http)
        if isinstance(found, str):
            heard = Listening(refused=1, truncated=True, note=found)
            return Step(page=Page(listening=heard), walk=walk.ended(), more=False)
        step = by_time(
            walk,
            # What an outlet took back bears the time 0.
            [_seconds(at) for at in found.times if _seconds(at) >= floor],
            records=found.standing,
            more=found.count >= self._config.page_size,
            floor=floor,
        )
        return replace(step, page=replace(step.page, items=found.items, skipped=found.skipped))

    async def _ask(
        self, query: str, since: int, until: int, lang: str | None, http: Http
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


def _with_note(step: Step, left_out: bool) -> Step:
    """What could not be asked for is told with every answer."""
    heard = step.page.listening
    if not left_out:
        return step
    told = "; ".join(filter(None, (heard.note, "not all the words can be asked for")))
    heard = replace(heard, truncated=True, note=told)
    return replace(step, page=replace(step.page, listening=heard))


def _json_or_nothing(body: bytes) -> object:
    try:
        return read_json(body)
    except BadPayload:
        return None


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
