"""YouTube by its Data API v3: few searches, then cheap polling of uploads and comments."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import JsonValue

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Narrowing,
    Page,
    ProfileSnapshot,
    Proposal,
    Skipped,
    Wanted,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.youtube import rules
from collectors.youtube.calls import BATCH, SEARCHES, UNITS, Api, quotas_of
from collectors.youtube.config import YouTubeConfig
from collectors.youtube.following import NAME, read_document
from collectors.youtube.history import Walk
from collectors.youtube.polling import poll_pages
from collectors.youtube.reading import find_channel, list_by_id, read_videos
from collectors.youtube.records import Place, comment, is_video_id, read_all, thread
from collectors.youtube.run import Run

if TYPE_CHECKING:
    from collectors.http import Http

REQUESTS: Final = 80
"""Requests of one poll; what is left is read at the next."""
EVERY: Final = timedelta(minutes=15)
_HANDLE: Final = re.compile(r"@?[\w-]{3,30}")


class YouTube:
    """Searches YouTube, follows channels, and reads the comments below what it finds.

    Cursor: where each search stands. On the shelf: the videos and channels followed.
    """

    kind: ClassVar[str] = "youtube"
    platform: ClassVar[str | None] = "youtube"
    Config: ClassVar[type[CollectorConfig]] = YouTubeConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=90),
        min_interval=EVERY,
        quota="100 searches and 10,000 units a day per Google Cloud project "
        "(developers.google.com/youtube/v3/determine_quota_cost)",
        max_requests=REQUESTS,
        refresh_batch=BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, YouTubeConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Look the first channels up, or ask for any video: a unit each."""
        api = Api(self._config, http)
        if not self._config.channels:
            await api.list("videos", part="id", chart="mostPopular", maxResults=1)
        for name in self._config.channels[:3]:
            if await find_channel(api, name) is None:
                raise NeedsAttention(f"YouTube: there is no channel {name}: check its handle")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield uploads, then hits of the searches that are due, then comments."""
        if not self._config.channels and not (self._config.search and rules.render(narrowing)):
            raise NeedsAttention("give the source channels, or search with a query that has words")
        following = read_document(await http.desk.shelf.latest(NAME))
        kept = cursor.get("searches")
        rounds = dict(kept) if isinstance(kept, dict) else {}
        api = Api(self._config, http)
        run = Run(config=self._config, api=api, following=following, rounds=rounds)
        async with aclosing(poll_pages(run, narrowing)) as pages:
            async for page in pages:
                yield page

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield searches in slices of time, then uploads and comments of the channels."""
        walk = Walk(self._config, Api(self._config, http), since, cursor)
        async with aclosing(walk.pages(narrowing)) as pages:
            async for page in pages:
                yield page

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Videos, comments and replies as they are now: a unit each kind, for 50 of them."""
        api = Api(self._config, http)
        videos = await read_videos(api, [one for one in ids if is_video_id(one)])
        said = [one for one in ids if not is_video_id(one)]
        found, skipped = await _comments(api, said)
        unread = {one.external_id for one in skipped}
        gone = [one for one in said if one not in found and one not in unread]
        return Page(
            items=(*videos.items.values(), *found.values()),
            skipped=(*videos.skipped, *skipped),
            removed=(*videos.gone, *gone),
        )

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """A channel's subscribers, where they are shown, and videos."""
        found = await find_channel(Api(self._config, http), account)
        if found is None:
            raise NeedsAttention(f"YouTube: there is no channel {account}: check its handle")
        return found.snapshot

    def quotas(self) -> Sequence[Quota]:
        return quotas_of(self._config)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """Of one poll. Searches are spread over the day; units depend on what is found: a unit a
        channel and its comments, one for 50 followed videos, one a video with new comments."""
        polls = timedelta(days=1) / EVERY
        searching = bool(rules.render(narrowing)) and self._config.search
        searches = min(self._config.own_searches, polls) / polls if searching else 0.0
        followed = self._config.max_videos / BATCH if self._config.comments else 0.0
        channels = len(self._config.channels) * (2 if self._config.comments else 1)
        return {SEARCHES: searches, UNITS: searches + followed + channels}

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The brand's handles as channels; nothing without one. The key is the person's to give."""
        fitting = [one for one in wanted.handles if _HANDLE.fullmatch(one)]
        handles = list(dict.fromkeys(f"@{one.lstrip('@')}" for one in fitting))
        if not handles:
            return ()
        why = wanted.says(
            fr="sa chaîne et ce que YouTube en dit ; demande une clé de l’API YouTube Data",
            en="its channel, and what YouTube says of it; needs a key of the YouTube Data API",
        )
        config: dict[str, JsonValue] = {"channels": [*handles[:5]]}
        name = f"YouTube: {wanted.name}"
        return (Proposal(name=name, config=config, why=why, needs_key=True),)


async def _comments(api: Api, ids: Sequence[str]) -> tuple[dict[str, Item], tuple[Skipped, ...]]:
    """Comments by id. Replies do not say where they stand: their threads are asked for that."""
    tops = list(dict.fromkeys(one.partition(".")[0] for one in ids))
    threads = read_all(await list_by_id(api, "commentThreads", tops), thread)
    videos = {one.id: one.comment.in_reply_to or "" for one in threads.found}

    def reply(record: Mapping[str, Any]) -> Item:
        return comment(record, Place(video=videos.get(record["id"].partition(".")[0], "")))

    replies = [one for one in ids if "." in one]
    read = read_all(await list_by_id(api, "comments", replies), reply)
    said = [*(one.comment for one in threads.found), *read.found]
    found = {one.external_id: one for one in said if one.external_id in ids}
    return found, (*threads.skipped, *read.skipped)
