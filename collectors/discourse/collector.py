"""Discourse: all new posts of a forum by their numbers, or its search day by day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.discourse.api import Api
from collectors.discourse.config import DiscourseConfig
from collectors.discourse.posts import Forum, Posts, hit_of, id_of, is_wanted, read_posts
from collectors.discourse.readings import (
    LAST_PAGE,
    SEARCHES,
    Reading,
    Slice,
    down_the_days,
    down_the_list,
    left_out,
    readings,
)
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.turns import Step, back_in_turn, floor_of, in_turn
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 120
HITS: Final = 50
"""Hits on one page of a search, each of which may be asked for whole."""
OVERLAP: Final = 20
"""Numbers of posts below the newest known one that are read again: two may be written at once."""
BATCH: Final = 20
"""Posts that are read again at once: a request each, two for the first one of a topic."""


class Discourse:
    """Reads all new posts of one forum, or searches it day by day.

    Cursor: a Walk a reading (numbers of posts, or days of a search), and the turn.
    """

    kind: ClassVar[str] = "discourse"
    platform: ClassVar[str | None] = "discourse"
    Config: ClassVar[type[CollectorConfig]] = DiscourseConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=365 * 10),
        min_interval=timedelta(minutes=5),
        quota="each forum's own; 200 requests a minute and address, 60 with a key, by default",
        max_requests=MAX_REQUESTS,
        refresh_batch=BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, DiscourseConfig)
        self._config = config
        self._forum = Forum.at(config.forum)
        self._api = Api(config, self._forum)
        self._categories = frozenset(config.categories)

    async def check(self, http: Http) -> None:
        """Read the newest posts, or search for a common word."""
        if self._config.search:
            await self._api.search("help order:latest", 1, http)
        else:
            await self._api.latest("", http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages from the newest post down to what is known."""
        asked = readings(narrowing, search=self._config.search)[:SEARCHES]
        first = int((http.now - timedelta(days=self._config.first_days)).timestamp())

        async def ask(reading: Reading, walk: Walk) -> Step:
            if not reading.words:
                return await self._listed(walk, first, http)
            overlap = self._config.overlap_minutes * 60
            floor = floor_of(walk, overlap=overlap, first=first)
            return await self._searched(reading, walk, floor, http)

        pages = in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                cursor = page.cursor
                yield page
        if left_out(narrowing, search=self._config.search):
            note = f"more or longer words than {SEARCHES} searches can ask for"
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=cursor, listening=listening)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """The past by the search where there are words: to list it all would take long."""
        floor = int(since.timestamp())

        async def ask(reading: Reading, walk: Walk) -> Step:
            if not reading.words:
                return await self._listed(walk, floor, http)
            return await self._searched(reading, walk, floor, http)

        asked = readings(narrowing, search=True)[:SEARCHES]
        pages = back_in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                kept = [one for one in page.items if one.published_at and one.published_at >= since]
                yield replace(page, items=kept)

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts as they are now, one by one; those of other forums are left alone."""
        numbers = [n for one in dict.fromkeys(ids) if (n := self._forum.number_of(one))][:BATCH]
        records, gone, refused = list[Any](), list[str](), 0
        for number in numbers:
            try:
                record = await self._titled(await self._api.post(number, http), http)
            except NeedsAttention:  # moved to where we may not look: not the same as gone
                refused += 1
                continue
            except RateLimited:
                if not records and not gone:
                    raise
                refused += 1
                break  # what was read is kept; the others have their turn again
            if record is None:
                gone.append(f"{number}@{self._forum.name}")
            else:
                records.append(record)
        read = read_posts(records, self._forum, frozenset())
        asked = len(records) + len(gone) + refused
        if len(gone) == asked > 1:
            # All at once is rather a forum that moved.
            note = f"the forum knows none of {asked} posts"
            return Page(listening=Listening(asked=asked, refused=1, note=note))
        return Page(
            items=read.items,
            removed=[*read.removed, *gone],
            skipped=read.skipped,
            listening=Listening(asked=asked, refused=refused),
        )

    async def _titled(self, post: Any, http: Http) -> Any:
        """A post by itself tells no title: the first one of a topic gets its topic's."""
        is_first = isinstance(post, dict) and post.get("post_number") == 1
        number = post.get("topic_id") if is_first else None
        if not isinstance(number, int) or "topic_title" in post:
            return post
        topic = await self._api.topic(number, http)
        return hit_of(post, {number: topic}) if isinstance(topic, dict) else None

    async def _may_ask(self, http: Http) -> bool:
        """A page of a search may take a request a hit besides its own."""
        return http.left is None or http.left > (HITS if self._config.whole else 0)

    async def _listed(self, walk: Walk, first: int, http: Http) -> Step:
        records = await self._api.latest(walk.before, http)
        posts = read_posts(records, self._forum, self._categories)
        if records and not posts.ids:
            raise BadPayload("Discourse: no post of the answer has a readable id")
        below, more = down_the_list(walk, posts.ids, posts.times, overlap=OVERLAP, first=first)
        return Step(page=_page(posts, Listening()), walk=below, more=more)

    async def _searched(self, reading: Reading, walk: Walk, floor: int, http: Http) -> Step:
        day = Slice.of(walk, http.now)
        top = int(walk.top) if walk.top.isdecimal() else int(http.now.timestamp())
        hits = await self._api.search(day.query(reading.words), day.page, http)
        # A day holds what earlier polls have read, whole: the hit's short text must not replace it.
        new = [hit for hit in hits.records if self._is_new(hit, floor)]
        records, asked, spent = await self._whole(new, http)
        posts = read_posts(records, self._forum, self._categories)
        capped = hits.more and day.page == LAST_PAGE
        note = f"the forum's search ends after {LAST_PAGE} pages of {day.day}" if capped else ""
        below, more = down_the_days(walk, day, more=hits.more, floor=floor, top=top)
        listening = Listening(asked=1 + asked, truncated=capped, note=note)
        return Step(page=_page(posts, listening), walk=below, more=more, spent=spent)

    def _is_new(self, hit: Any, floor: int) -> bool:
        """Whether a hit may be worth a request. One that cannot be read is told of later."""
        if not isinstance(hit, dict) or not is_wanted(hit, self._categories):
            return not isinstance(hit, dict)
        try:
            return datetime.fromisoformat(hit["created_at"]).timestamp() >= floor
        except (KeyError, TypeError, ValueError, OverflowError):
            return True

    async def _whole(self, hits: Sequence[Any], http: Http) -> tuple[Sequence[Any], int, bool]:
        """The hits' posts as far as the forum lets us ask, the number of requests, and whether it
        said to stop; then, and where a post cannot be had, the hit itself stands."""
        if not self._config.whole:
            return hits, 0, False
        records, asked = list[Any](), 0
        for at, hit in enumerate(hits):
            try:
                number = id_of(hit)
            except (KeyError, TypeError):
                records.append(hit)  # read_posts reports it
                continue
            try:
                asked += 1
                post = await self._api.post(number, http)
            except RateLimited:
                return [*records, *hits[at:]], asked, True
            except NeedsAttention:
                post = hit
            if isinstance(post, dict):
                # The post tells its topic's slug, not the title; the hit has both.
                records.append({**hit, **post})
        return records, asked, False


def _page(posts: Posts, listening: Listening) -> Page:
    return Page(
        items=posts.items, removed=posts.removed, skipped=posts.skipped, listening=listening
    )
