"""X by its recent search: paid by the post, so never more is asked for than the cap pays for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import JsonValue

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    Volume,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.walk import Walk
from collectors.x.api import PAGE, XApi
from collectors.x.config import AUTHORS, COUNTS, LEAST, POSTS, XConfig, posts_for_one, quotas_of
from collectors.x.posts import Answer, id_at, moment_of
from collectors.x.searches import SEARCHES, left_out, render, search_key

if TYPE_CHECKING:
    from collectors.http import Http

WINDOW: Final = timedelta(days=7)
"""How far back the recent search goes."""
PAGES: Final = 20
"""Pages of one search in a poll; the rest is read at the next one."""
MAX_REQUESTS: Final = 60
_EDGE: Final = timedelta(hours=1)
"""A known post this close to the window's end is not asked from: X refuses an id beyond it."""


class X:
    """Follows each search up from its newest known post. Cursor: a Walk a search, by ids and
    X's next_token, which never ends."""

    kind: ClassVar[str] = "x"
    platform: ClassVar[str | None] = "x"
    Config: ClassVar[type[CollectorConfig]] = XConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=WINDOW,
        min_interval=timedelta(minutes=15),
        quota="450 requests in 15 minutes per app; 2 million posts a month (docs.x.com)",
        cost="$0.005 a post read, $0.010 an author, $0.005 a count; a monthly cap of your own",
        max_requests=MAX_REQUESTS,
        refresh_batch=PAGE,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, XConfig)
        self._config = config
        self._api = XApi(config)

    async def check(self, http: Http) -> None:
        """Ask for one count: the cheapest call that shows that token and credits are right."""
        await self._api.count("from:XDevelopers", http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages search by search; a post found by several comes once."""
        searches = self._searches(narrowing)
        walks = {key: Walk.from_json(cursor.get(key)) for key in map(search_key, searches)}
        known: set[str] = set()
        for words in searches:
            key, spent = search_key(words), False
            async with aclosing(self._follow(words, walks[key], http)) as followed:
                async for page, walk, spent in followed:  # noqa: B007 - the last one is looked at
                    walks[key] = walk
                    new = tuple(item for item in page.items if item.external_id not in known)
                    known.update(item.external_id for item in new)
                    yield replace(page, items=new, cursor=_cursor(walks))
            if spent:
                return
        if left_out(narrowing, self._config):
            note = f"more or longer words than {SEARCHES} searches can ask for"
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=_cursor(walks), listening=listening)

    async def count(self, narrowing: Narrowing, http: Http) -> Volume:
        """Posts of the last seven days; a post that two searches find counts twice."""
        totals = [await self._api.count(words, http) for words in self._searches(narrowing)]
        return Volume(items=sum(totals), days=float(WINDOW.days))

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Known posts as they are now, where the person pays for that."""
        wanted = [one for one in dict.fromkeys(ids) if one.isascii() and one.isdigit()][:PAGE]
        if not self._config.refresh or not wanted:
            return Page(listening=Listening(asked=0))
        answer = (await self._api.lookup(wanted, http)).answer
        return Page(items=answer.items, removed=answer.removed, skipped=answer.skipped)

    def quotas(self) -> Sequence[Quota]:
        return quotas_of(self._config)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """The smallest page of each search; X asks money only for what it finds, which `count`
        tells."""
        asked = len(render(narrowing, self._config)[:SEARCHES])
        posts = float(asked * LEAST * posts_for_one(self._config))
        counted = {COUNTS: float(asked)} if self._config.count_first else {}
        return {POSTS: posts} | ({AUTHORS: posts} if self._config.authors else {}) | counted

    def _searches(self, narrowing: Narrowing) -> list[str]:
        searches = render(narrowing, self._config)[:SEARCHES]
        if not searches:
            raise NeedsAttention("X is searched for words: the queries of this source have none")
        return searches

    async def _follow(
        self, words: str, walk: Walk, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk, bool], None]:
        """From the newest down to what is known; at first down to as many as were chosen.

        Page by page: what it holds, how far it came, and whether X says to stop.
        """
        start = begin(walk, now=http.now, overlap=self._config.overlap_seconds)
        walk, notes, missed = start.walk, list(start.notes), start.missed
        first = not walk.since
        if first and not walk.before and await self._may_count(http):
            total = await self._api.count(words, http)
            notes.append(f"X holds {total} posts of the last {WINDOW.days} days")
            if total == 0:
                yield Page(listening=_heard(notes, missed=missed)), walk.ended(), False
                return
        wanted = self._config.first_posts if first else PAGE * PAGES
        for number in range(PAGES):
            affordable = await self._api.affordable(http)
            if http.left == 0 or (number and affordable < LEAST):
                return
            size = min(affordable, max(wanted, LEAST))
            paid = await self._api.search(words, size, _params(walk), http)
            wanted -= paid.answer.found
            cut = first and wanted <= 0 and bool(paid.answer.further)
            if cut:
                notes.append(f"the newest {self._config.first_posts} of them are read")
            more = bool(paid.answer.further) and not cut
            walk = walk.down_to(paid.answer.further, top=walk.top) if more else walk.ended()
            yield _page(paid.answer, _heard(notes, missed=missed, cut=cut)), walk, paid.spent
            notes, missed = [], False
            if not more or paid.spent:
                return

    async def _may_count(self, http: Http) -> bool:
        return self._config.count_first and await http.desk.ledger.left(COUNTS) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a poll begins."""

    walk: Walk
    missed: bool = False
    notes: tuple[str, ...] = ()


def begin(walk: Walk, *, now: datetime, overlap: int) -> Start:
    """The start of a poll. Pure.

    What was there when the walk began is known at its end, but for the last seconds (`overlap`),
    which the search may not have shown yet. A quiet search so moves on as well as a busy one.
    What is known may lie beyond the window: then all of the window is new, and what was written
    between was missed.
    """
    top = id_at(now - timedelta(seconds=overlap))
    if walk.since.isdigit() and moment_of(walk.since) < now - WINDOW + _EDGE:
        note = f"nothing was read for {WINDOW.days} days, which is as far as X's search goes"
        return Start(walk=Walk(top=top), missed=True, notes=(note,))
    return Start(walk=walk if walk.before else Walk(since=walk.since, top=top))


def _params(walk: Walk) -> dict[str, str]:
    """The same since_id has to come with a next_token as came with the first page."""
    since = {"since_id": walk.since} if walk.since else {}
    return since | ({"next_token": walk.before} if walk.before else {})


def _page(answer: Answer, listening: Listening) -> Page:
    return Page(
        items=answer.items, removed=answer.removed, skipped=answer.skipped, listening=listening
    )


def _heard(notes: Sequence[str], *, missed: bool, cut: bool = False) -> Listening:
    return Listening(missed=missed, truncated=cut, note="; ".join(notes))


def _cursor(walks: Mapping[str, Walk]) -> dict[str, JsonValue]:
    return {key: walk.to_json() for key, walk in walks.items() if walk != Walk()}
