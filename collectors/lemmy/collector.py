"""Lemmy: searches of one instance, by whichever API it speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import JsonValue

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.lemmy.api import Api, CursorLost, Version
from collectors.lemmy.config import SEARCHES, LemmyConfig, quota_of
from collectors.lemmy.searches import MOST, Search, left_out, searches
from collectors.lemmy.views import is_identity, read_views
from collectors.turns import Step, back_in_turn, floor_of, in_turn
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 50
BATCH: Final = 20
"""Posts that are read again at once: a request each."""
_API: Final = "api"
_TRUSTED: Final = timedelta(days=7)
"""For so long a version that was found is believed; then the instance may have moved on."""


class Lemmy:
    """Searches the posts and comments that one instance knows.

    Cursor: a Walk a search, the turn, and the API with the second at which it was found. A walk's
    `before` is the API's version and its own place: "v3:2" a page, "v4:…" a cursor.
    """

    kind: ClassVar[str] = "lemmy"
    platform: ClassVar[str | None] = "lemmy"
    Config: ClassVar[type[CollectorConfig]] = LemmyConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True,
        history=timedelta(days=365 * 5),
        min_interval=timedelta(minutes=10),
        quota="each instance's own; 60 searches in 10 minutes and address by default",
        max_requests=MAX_REQUESTS,
        refresh_batch=BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, LemmyConfig)
        self._config = config
        self._api = Api(config)

    async def check(self, http: Http) -> None:
        """Find the API, and search the first community, or for a common word."""
        version = await self._api.version(http)
        asked = searches(Narrowing(), self._config) or [Search("posts", words="news")]
        await self._api.search(version, asked[0], "", 86_400, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages search by search, each from its newest down to what is known."""
        asked = self._searches(narrowing)
        spoken = await self._spoken(cursor, http)
        first = int((http.now - timedelta(days=self._config.first_days)).timestamp())
        overlap = self._config.overlap_minutes * 60

        async def ask(search: Search, walk: Walk) -> Step:
            floor = floor_of(walk, overlap=overlap, first=first)
            return await self._step(spoken.version, search, walk, floor, http)

        pages = in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                cursor = spoken.into(page.cursor)
                yield replace(page, cursor=cursor)
        if left_out(narrowing, self._config):
            note = f"more or longer words than {MOST} searches can ask for"
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=cursor, listening=listening)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each search down to `since`."""
        asked = self._searches(narrowing)
        spoken = await self._spoken(cursor, http)

        async def ask(search: Search, walk: Walk) -> Step:
            return await self._step(spoken.version, search, walk, int(since.timestamp()), http)

        pages = back_in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                kept = [one for one in page.items if one.published_at and one.published_at >= since]
                yield replace(page, items=kept, cursor=spoken.into(page.cursor))

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts as this instance has them now, each found by its address."""
        addresses = [one for one in dict.fromkeys(ids) if is_identity(one)][:BATCH]
        if not addresses:
            return Page(listening=Listening(asked=0))
        version = await self._api.version(http)
        views, gone = list[Any](), list[str]()
        for address in addresses:
            try:
                view = await self._api.object(version, address, http)
            except RateLimited:
                if not views and not gone:
                    raise
                break  # what was read is kept; the others have their turn again
            if view is None:
                gone.append(address)
            else:
                views.append(view)
        asked = len(views) + len(gone)
        if len(gone) == asked > 1:
            # All at once is rather an instance that lost its data, or its API.
            note = f"the instance knows none of {asked} posts"
            return Page(listening=Listening(asked=asked, refused=1, note=note))
        read, stopped = read_views(views), int(asked < len(addresses))
        return Page(
            items=read.items,
            removed=[*read.removed, *gone],
            skipped=read.skipped,
            listening=Listening(asked=asked, refused=stopped),
        )

    def quotas(self) -> Sequence[Quota]:
        return (quota_of(self._config),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """One request a search; more only where one finds more than 50 records."""
        return {SEARCHES: float(len(searches(narrowing, self._config)[:MOST]))}

    def _searches(self, narrowing: Narrowing) -> list[Search]:
        asked = searches(narrowing, self._config)
        if not asked:
            raise NeedsAttention("give the source communities, or words to search for")
        return asked[:MOST]

    async def _may_ask(self, http: Http) -> bool:
        return http.left != 0 and await http.desk.ledger.left(SEARCHES) > 0

    async def _spoken(self, cursor: Cursor, http: Http) -> _Spoken:
        known = _Spoken.from_cursor(cursor)
        now = http.now.timestamp()
        lately = known is not None and now - known.at < _TRUSTED.total_seconds()
        if known is not None and lately and self._config.api == "auto":
            return known
        return _Spoken(await self._api.version(http), int(now))

    async def _step(
        self, version: Version, search: Search, walk: Walk, floor: int, http: Http
    ) -> Step:
        spoke, _, place = walk.before.partition(":")
        place = place if spoke == version else ""
        seconds = int(http.now.timestamp()) - floor
        try:
            found = await self._api.search(version, search, place, seconds, http)
        except CursorLost:
            # From the newest again: what comes twice is one.
            walk, place = Walk(since=walk.since), ""
            found = await self._api.search(version, search, place, seconds, http)
        views = read_views(found.views)
        if found.views and not views.times:
            raise BadPayload("Lemmy: no record of the answer has a readable time")
        # An instance with a wrong clock must not make us take for known what is to come.
        times = [min(at, int(http.now.timestamp())) for at in views.times]
        further = f"{version}:{found.further}" if found.further else ""
        after, more = _after(walk, further, times, floor)
        page = Page(items=views.items, removed=views.removed, skipped=views.skipped)
        return Step(page=page, walk=after, more=more)


def _after(walk: Walk, further: str, times: Sequence[int], floor: int) -> tuple[Walk, bool]:
    """Where an answer leaves the walk, and whether it goes on."""
    top = str(max(times)) if times else ""
    deep = bool(times) and min(times) <= floor
    if deep or not further:
        return walk.ended(top=top), False
    return walk.down_to(further, top=top), True


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The API that an instance was found to speak, and when."""

    version: Version
    at: int

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> _Spoken | None:
        match cursor.get(_API):
            case ["v3", int(at)]:
                return cls("v3", at)
            case ["v4", int(at)]:
                return cls("v4", at)
            case _:
                return None

    def into(self, cursor: Cursor) -> Cursor:
        told: list[JsonValue] = [self.version, self.at]
        return {**cursor, _API: told}
