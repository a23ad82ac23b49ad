"""Walking back through YouTube: searches in slices of time, uploads and comments of channels."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from collectors.api import Cursor, Item, Listening, Narrowing, Page, Skipped
from collectors.errors import RateLimited
from collectors.instants import instant, seconds
from collectors.youtube import rules
from collectors.youtube.calls import (
    BATCH,
    SEARCHES,
    Absent,
    Answer,
    Api,
    StalePage,
    quotas_of,
)
from collectors.youtube.reading import (
    find_channel,
    items_of,
    list_threads,
    read_hits,
    read_threads,
    read_videos,
    search,
)
from collectors.youtube.records import read_all, upload

if TYPE_CHECKING:
    from collectors.youtube.config import YouTubeConfig

SLICE: Final = timedelta(days=30)
"""One search covers so much: over longer stretches YouTube leaves results out."""
_AGAIN: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the walk stands: the task, how far it came, and videos whose comments wait.

    before: seconds since 1970, of a search. token: a page, of a list.
    """

    task: int = 0
    before: int = 0
    token: str = ""
    videos: tuple[str, ...] = ()

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> Place:
        match cursor.get("at"):
            case [int(task), int(before), str(token), list(videos)]:
                wanted = tuple(one for one in videos if isinstance(one, str))
                return cls(task=max(task, 0), before=before, token=token, videos=wanted)
            case _:
                return cls()

    def to_cursor(self) -> dict[str, JsonValue]:
        return {"at": [self.task, self.before, self.token, list(self.videos)]}

    def next_task(self) -> Place:
        return Place(task=self.task + 1, videos=self.videos)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to walk down: a search, or the uploads or comments of a channel."""

    kind: str
    what: str


class Walk:
    """One call of `backfill`: goes on from `place` as far as this call's requests reach."""

    def __init__(self, config: YouTubeConfig, api: Api, since: datetime, cursor: Cursor) -> None:
        self._config = config
        self._api = api
        self._since = since
        self._place = Place.from_cursor(cursor)
        self._told = 0

    async def pages(self, narrowing: Narrowing) -> AsyncGenerator[Page, None]:
        """Pages until all tasks are done or no request is left."""
        tasks = tasks_of(self._config, narrowing)
        while self._api.room(3):
            if self._place.videos:
                yield await self._comments(self._place.videos[0])
            elif self._place.task < len(tasks):
                yield await self._step(tasks[self._place.task], narrowing)
            else:
                return

    async def _step(self, task: Task, narrowing: Narrowing) -> Page:
        if task.kind == "search":
            return await self._search(task.what, narrowing)
        try:
            channel = await find_channel(self._api, task.what)
            if channel is None:
                self._place = self._place.next_task()
                return self._page(note=f"{task.what}: there is no such channel")
            if task.kind == "uploads":
                return await self._uploads(channel.uploads)
            return await self._threads({"allThreadsRelatedToChannelId": channel.id})
        except Absent:
            self._place = self._place.next_task()
        except StalePage:
            self._place = replace(self._place, token="")
        return self._page()

    async def _search(self, query: str, narrowing: Narrowing) -> Page:
        """One search: down from the oldest hit so far, not further than a slice."""
        await self._leave_some_for_polls()
        top = instant(self._place.before) if self._place.before else self._api.now
        floor = max(self._since, top - SLICE)
        answer = await search(self._api, self._config, query, narrowing, after=floor, before=top)
        hits = read_hits(answer)
        videos = await read_videos(self._api, [one.external_id for one in hits.found])
        times = [one.published_at for one in hits.found if one.published_at]
        below = floor
        if answer.next and times:
            below = max(min(min(times) + timedelta(seconds=1), top - timedelta(seconds=1)), floor)
        done = below <= self._since
        self._place = (
            self._place.next_task() if done else replace(self._place, before=seconds(below))
        )
        return self._found(videos.items, (*hits.skipped, *videos.skipped))

    async def _leave_some_for_polls(self) -> None:
        quota = quotas_of(self._config)[0]
        kept = rules.kept_for_polls(quota, self._config.own_searches, self._api.now)
        if await self._api.left(SEARCHES) <= min(kept, quota.limit - 1):
            wait = min(_AGAIN, (quota.ends(self._api.now) - self._api.now).total_seconds())
            raise RateLimited("the searches left today are kept for the polls", wait)

    async def _uploads(self, playlist: str) -> Page:
        answer = await self._api.list(
            "playlistItems",
            part="snippet,contentDetails",
            playlistId=playlist,
            maxResults=BATCH,
            pageToken=self._place.token,
        )
        read = read_all(answer.records, upload)
        wanted = [one.video for one in read.found if one.at >= self._since]
        videos = await read_videos(self._api, wanted)
        self._down(answer, oldest=min((one.at for one in read.found), default=None))
        return self._found(videos.items, (*read.skipped, *videos.skipped))

    async def _threads(self, where: Mapping[str, str]) -> Page:
        answer = await list_threads(self._api, where, self._place.token)
        read = read_threads(answer)
        times = [one.comment.published_at for one in read.found if one.comment.published_at]
        self._down(answer, oldest=min(times, default=None))
        return self._page(self._young(items_of(read)), read.skipped)

    def _down(self, answer: Answer, *, oldest: datetime | None) -> None:
        """After a page of a list: on to the next one, or to the next task."""
        if answer.next and oldest is not None and oldest >= self._since:
            self._place = replace(self._place, token=answer.next)
        else:
            self._place = self._place.next_task()

    async def _comments(self, video: str) -> Page:
        """The newest hundred threads of a video that was found: one unit."""
        self._place = replace(self._place, videos=self._place.videos[1:])
        try:
            answer = await list_threads(self._api, {"videoId": video})
        except Absent:
            return self._page()
        read = read_threads(answer)
        return self._page(self._young(items_of(read)), read.skipped, truncated=bool(answer.next))

    def _young(self, items: list[Item]) -> list[Item]:
        return [one for one in items if one.published_at and one.published_at >= self._since]

    def _found(self, items: Mapping[str, Item], skipped: tuple[Skipped, ...]) -> Page:
        if self._config.comments:
            talked = [one for one, item in items.items() if item.metrics.get("comments")]
            self._place = replace(self._place, videos=tuple(talked))
        return self._page(list(items.values()), skipped)

    def _page(
        self,
        items: list[Item] | None = None,
        skipped: tuple[Skipped, ...] = (),
        *,
        note: str = "",
        truncated: bool = False,
    ) -> Page:
        asked, self._told = self._api.asked - self._told, self._api.asked
        unique = {item.external_id: item for item in items or []}
        return Page(
            items=tuple(unique.values()),
            skipped=skipped,
            cursor=self._place.to_cursor(),
            listening=Listening(asked=asked, note=note, truncated=truncated),
        )


def tasks_of(config: YouTubeConfig, narrowing: Narrowing) -> list[Task]:
    """What there is to walk down, in order. Pure."""
    queries = rules.render(narrowing) if config.search else []
    tasks = [Task("search", query) for query in queries]
    tasks += [Task("uploads", name) for name in dict.fromkeys(config.channels)]
    if config.comments:
        tasks += [Task("threads", name) for name in dict.fromkeys(config.channels)]
    return tasks
