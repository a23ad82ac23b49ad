"""Stack Exchange: searches of its sites for words and tags, walked down in slices of time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Final

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Skipped,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention, RateLimited
from collectors.stackexchange.api import PAGE, Answer, Api
from collectors.stackexchange.config import REQUESTS, StackExchangeConfig, quota_of
from collectors.stackexchange.posts import Name, created, name_of, read_records
from collectors.stackexchange.searches import SEARCHES, Search, left_out, searches
from collectors.turns import Step, back_in_turn, by_time, floor_of, in_turn
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
_STEP: Final = 3
"""Requests of one step of a walk: a search, its questions, its answers."""
_WAIT: Final = "wait"
"""In the cursor: the second since 1970 before which nothing may be asked."""


class StackExchange:
    """Searches questions and answers of the sites, and reads tags whole.

    Cursor: a Walk a search, the turn, and how long the API asked us to wait.
    """

    kind: ClassVar[str] = "stackexchange"
    platform: ClassVar[str | None] = "stackexchange"
    Config: ClassVar[type[CollectorConfig]] = StackExchangeConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=365 * 15),
        min_interval=timedelta(minutes=15),
        quota="300 requests a day without a key, 10,000 with one (api.stackexchange.com/docs)",
        max_requests=MAX_REQUESTS,
        refresh_batch=PAGE,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, StackExchangeConfig)
        self._config = config
        self._api = Api(config)
        self._each = _STEP if config.whole else 1

    async def check(self, http: Http) -> None:
        """Ask each site for one post."""
        for site in self._config.sites:
            search = Search(site, words="a")
            await self._api.ask("/search/excerpts", {**search.params, "pagesize": "1"}, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages search by search, each from its newest down to what is known."""
        waits = _Waits.from_cursor(cursor)
        waits.obey(http.now)
        asked = self._searches(narrowing)
        first = int((http.now - timedelta(days=self._config.first_days)).timestamp())

        async def ask(search: Search, walk: Walk) -> Step:
            overlap = self._config.overlap_minutes * 60
            floor = floor_of(walk, overlap=overlap, first=first)
            return await self._step(search, walk, floor, waits, http)

        pages = in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                cursor = waits.into(page.cursor)
                yield replace(page, cursor=cursor)
        if left_out(narrowing, self._config):
            note = f"more or longer words than {SEARCHES} searches can ask for"
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=cursor, listening=listening)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each search down to `since`."""
        waits = _Waits.from_cursor(cursor)
        waits.obey(http.now)

        async def ask(search: Search, walk: Walk) -> Step:
            return await self._step(search, walk, int(since.timestamp()), waits, http)

        pages = back_in_turn(self._searches(narrowing), cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                yield replace(page, cursor=waits.into(page.cursor))

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Questions and answers as they are now; the API leaves out those that are gone."""
        names = [name for one in dict.fromkeys(ids) if (name := Name.read(one))][:PAGE]
        items, skipped, spoken, quiet = list[Item](), list[Skipped](), set[str](), list[Name]()
        for site, group in groupby(sorted(names, key=lambda one: one.site), lambda one: one.site):
            wanted = list(group)
            for answer in await self._api.posts(wanted, http):
                read, bad = read_records(answer.items, site)
                items += read
                skipped += bad
            spoken |= {one.external_id for one in items}
            quiet += [one for one in wanted if str(one) not in spoken]
        if skipped or (quiet and not items and len(names) > 1):
            # All at once, or records that cannot be told apart: rather the API's trouble.
            note = f"Stack Exchange did not answer for {len(quiet)} of {len(names)} posts"
            return Page(items=items, skipped=skipped, listening=Listening(refused=1, note=note))
        return Page(items=items, removed=[str(one) for one in quiet])

    def quotas(self) -> Sequence[Quota]:
        return (quota_of(self._config),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """At most, where each search finds questions and answers."""
        return {REQUESTS: float(len(searches(narrowing, self._config)[:SEARCHES]) * self._each)}

    def _searches(self, narrowing: Narrowing) -> list[Search]:
        asked = searches(narrowing, self._config)
        if not asked:
            raise NeedsAttention("give the source tags, or words to search for")
        return asked[:SEARCHES]

    async def _may_ask(self, http: Http) -> bool:
        room = http.left is None or http.left >= self._each
        return room and await http.desk.ledger.left(REQUESTS) >= self._each

    async def _step(
        self, search: Search, walk: Walk, floor: int, waits: _Waits, http: Http
    ) -> Step:
        bounds = {"fromdate": str(floor)} | ({"todate": walk.before} if walk.before else {})
        answer = await self._api.ask("/search/excerpts", search.params | bounds, http)
        times = [at for one in answer.items if (at := created(one)) is not None]
        step = by_time(walk, times, records=len(answer.items), more=answer.more, floor=floor)
        found, skipped = read_records(answer.items, search.site)
        whole = await self._whole(answer, search.site, http) if self._config.whole else ()
        full, bad = read_records((one for a in whole for one in a.items), search.site)
        better = {item.external_id: item for item in full}
        told = (answer, *whole)
        waits.add(max(one.backoff for one in told), http.now)
        items = [better.get(item.external_id, item) for item in found]
        listening = replace(step.page.listening, asked=len(told))
        page = Page(items=items, skipped=[*skipped, *bad], listening=listening)
        return replace(step, page=page, spent=any(one.backoff or one.spent for one in told))

    async def _whole(self, answer: Answer, site: str, http: Http) -> tuple[Answer, ...]:
        """The posts of a search's excerpts; what is gone meanwhile stays an excerpt."""
        names = []
        for record in answer.items:
            try:
                names.append(name_of(record, site))
            except (KeyError, TypeError, AttributeError):
                continue  # read_records reports it
        return await self._api.posts(list(dict.fromkeys(names)), http) if names else ()


@dataclass(slots=True)
class _Waits:
    """Until when the API asked us not to come back. It says so per method; we hold all still."""

    until: int = field(default=0)

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> _Waits:
        until = cursor.get(_WAIT)
        return cls(until if isinstance(until, int) else 0)

    def obey(self, now: datetime) -> None:
        """Raises RateLimited while the wait lasts."""
        left = self.until - now.timestamp()
        if left > 0:
            raise RateLimited("Stack Exchange asked to wait (backoff)", min(left, 86_400.0))

    def add(self, seconds: int, now: datetime) -> None:
        if seconds:
            self.until = max(self.until, int(now.timestamp()) + seconds)

    def into(self, cursor: Cursor) -> Cursor:
        return {**cursor, _WAIT: self.until} if self.until else cursor
