"""Comments: a unit tells how many 50 videos have, and only where that changed they are read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from collectors.api import Page
from collectors.instants import seconds
from collectors.youtube.calls import BATCH, THREADS, Absent, StalePage
from collectors.youtube.following import FIRST_PAGES, Descent, Waiting
from collectors.youtube.reading import (
    count_comments,
    items_of,
    list_replies,
    list_threads,
    read_threads,
)
from collectors.youtube.records import Place, Thread, comment, read_all
from collectors.youtube.run import Run

TARGETS: Final = 20
"""Videos whose comments one poll reads; the rest waits for the next."""
PAGES: Final = 3
"""Pages of threads that one poll reads of a video or a channel."""
REPLIES: Final = 10
"""Requests for replies in one poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whose comments are read: a video's, or those of a channel and all its videos."""

    name: str
    channel: str = ""
    """The channel's id; "" for a video."""

    @property
    def where(self) -> dict[str, str]:
        if self.channel:
            return {"allThreadsRelatedToChannelId": self.channel}
        return {"videoId": self.name}

    def walk(self, run: Run) -> Descent:
        following = run.following
        if self.channel:
            return following.channels[self.name].threads
        return following.videos[self.name].walk

    def walked(self, run: Run, walk: Descent, *, ended: bool) -> None:
        """Note where the walk stands; at its end, how many comments there were at its start."""
        if self.channel:
            known = run.following.channels[self.name]
            run.set_channel(self.name, replace(known, threads=walk))
            return
        one = run.following.videos[self.name]
        goal = one.goal if one.walk.token else run.counts.get(self.name, one.count)
        read = seconds(run.api.now)
        count = goal if ended else one.count
        run.following.videos[self.name] = replace(one, walk=walk, count=count, goal=goal, read=read)


async def comment_pages(run: Run) -> AsyncGenerator[Page, None]:
    """Comments of the channels, of the videos that have other ones than before, and replies."""
    days, most = run.config.comment_days, run.config.max_videos
    run.following.trim(now=run.api.now, days=days, most=most)
    async with aclosing(_counted(run)) as counted:
        async for page in counted:
            yield page
    channels = [Target(name=name, channel=one.id) for name, one in run.following.channels.items()]
    for target in [*channels, *map(_video, changed(run)[:TARGETS])]:
        async with aclosing(_descend(run, target)) as pages:
            async for page in pages:
                yield page
    for _ in range(REPLIES):
        if not run.following.waiting or not run.api.room(1):
            return
        yield await _replies(run, run.following.waiting[0])


def _video(identity: str) -> Target:
    return Target(name=identity)


async def _counted(run: Run) -> AsyncGenerator[Page, None]:
    """How many comments each followed video has now: a unit for 50 of them."""
    unknown = [one for one in run.following.videos if one not in run.counts]
    for start in range(0, len(unknown), BATCH):
        if not run.api.room(1):
            return
        batch = unknown[start : start + BATCH]
        counts = await count_comments(run.api, batch)
        run.counts |= counts
        gone = [one for one in batch if one not in counts]
        for one in gone:
            del run.following.videos[one]
        if gone:
            yield run.page(removed=gone)


def changed(run: Run) -> list[str]:
    """Videos with comments to read: those under way first, then those that waited longest."""
    videos = run.following.videos
    wanted = []
    for video, one in videos.items():
        count = run.counts.get(video, one.count)
        # -1: it takes no comments. 0 and never read: there is nothing to read.
        if one.walk.token or (count not in (one.count, -1) and (count or one.count > 0)):
            wanted.append(video)
    return sorted(wanted, key=lambda v: (not videos[v].walk.token, videos[v].read, -videos[v].at))


async def _descend(run: Run, target: Target) -> AsyncGenerator[Page, None]:
    """Down from the newest comment to what is known, or as far as this poll goes."""
    for _ in range(PAGES):
        if not run.api.room(1):
            return
        yield await _threads(run, target)
        if not target.walk(run).token:
            return


async def _threads(run: Run, target: Target) -> Page:
    walk = target.walk(run)
    try:
        answer = await list_threads(run.api, target.where, walk.token)
    except Absent as error:  # comments are switched off, or the video went meanwhile
        target.walked(run, walk.again(), ended=True)
        return run.page(note=f"{target.name}: {error}")
    except StalePage:
        target.walked(run, walk.again(), ended=False)
        return run.page(note=f"{target.name}: its comments are read again")
    threads = read_threads(answer)
    times = [one.comment.published_at for one in threads.found if one.comment.published_at]
    first = seconds(run.api.now) - run.config.first_days * 86_400 if target.channel else 0
    deepest = 0 if target.channel else FIRST_PAGES
    after = walk.after(times, answer.next, first_floor=first, deepest=deepest)
    cut = walk.pages + 1 == deepest and not walk.since and bool(answer.next)
    fits = _await_replies(run, threads.found, target)
    target.walked(run, after, ended=not after.token)
    note = f"{target.name}: only the newest {deepest * THREADS} threads are read" if cut else ""
    return run.page(items_of(threads), threads.skipped, truncated=cut or not fits, note=note)


def _await_replies(run: Run, threads: Sequence[Thread], target: Target) -> bool:
    """Queue the threads with more replies than came along. False where the queue is full."""
    more = [one for one in threads if one.total > len(one.replies)]
    waits = [
        run.following.await_replies(
            Waiting(thread=one.id, video=one.comment.in_reply_to or "", channel=target.channel),
            one.total,
        )
        for one in more
    ]
    return all(waits)


async def _replies(run: Run, one: Waiting) -> Page:
    """A page of the replies to a comment: one unit."""
    waiting = run.following.waiting
    try:
        answer = await list_replies(run.api, one.thread, one.token)
    except Absent:
        waiting.pop(0)
        return run.page()
    except StalePage:
        waiting[0] = replace(one, token="")
        return run.page(note="the replies to a comment are read again")
    place = Place(video=one.video, channel=one.channel)
    read = read_all(answer.records, lambda record: comment(record, place))
    if answer.next:
        waiting[0] = replace(one, token=answer.next)
    else:
        waiting.pop(0)
    return run.page(read.found, read.skipped)
