"""What a source remembers between polls, beyond its cursor: one document on the shelf. Pure.

Videos whose comments are followed, channels as resolved, and threads whose replies wait.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from collectors.desk import Document
from collectors.instants import seconds

NAME: Final = "following"
OVERLAP: Final = 3_600
"""Seconds before the newest known comment or upload that are read again: a comment may be held
back for a while and keeps its time."""
FIRST_PAGES: Final = 10
"""Pages that the first walk through a video's comments reads: 1,000 threads."""
MOST_PAGES: Final = 100
"""A walk that has come so far ends at the next page without a time."""
TOTALS: Final = 500
"""Threads of which we remember how many replies were read."""
WAITING: Final = 500
"""Threads whose replies may wait."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """A walk down a listing, newest first. Times in seconds since 1970, 0 for none.

    since: all up to here is stored. top, token, pages: of a walk under way.
    """

    since: int = 0
    top: int = 0
    token: str = ""
    pages: int = 0

    @classmethod
    def from_json(cls, value: Any) -> Descent:
        match value:
            case [int(since), int(top), str(token), int(pages)]:
                return cls(since=since, top=top, token=token, pages=pages)
            case _:
                return cls()

    def to_json(self) -> list[int | str]:
        return [self.since, self.top, self.token, self.pages]

    @property
    def floor(self) -> int:
        """What is published after this is not known yet, or was just now."""
        return self.since - OVERLAP

    def after(
        self, times: Iterable[datetime], token: str, *, first_floor: int = 0, deepest: int = 0
    ) -> Descent:
        """After a page was stored. A first walk ends at `first_floor`, or after `deepest` pages."""
        told = [seconds(time) for time in times]
        top = self.top or max(told, default=0)
        floor = self.floor if self.since else first_floor
        deep = not self.since and 0 < deepest <= self.pages + 1
        # A page may come empty, or unreadable, before others that are not.
        arrived = min(told) <= floor if told else self.pages >= MOST_PAGES
        if not token or deep or arrived:
            return Descent(since=max(top, self.since))
        return replace(self, top=top, token=token, pages=self.pages + 1)

    def again(self) -> Descent:
        """From the newest again: the place was forgotten."""
        return Descent(since=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A video. count: its comments when they were last read whole; -1: never.

    read: when that was tried last. goal: its comments when the walk under way began, which is what
    `count` becomes at its end: what came meanwhile lies above the walk.
    """

    at: int
    count: int = -1
    read: int = 0
    goal: int = -1
    walk: Descent = field(default_factory=Descent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A channel as resolved, and how far its uploads and comments are read."""

    id: str
    uploads: str
    videos: Descent = field(default_factory=Descent)
    threads: Descent = field(default_factory=Descent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A thread with replies that did not come along."""

    thread: str
    video: str = ""
    channel: str = ""
    token: str = ""


@dataclass(slots=True)
class Following:
    """All of it; changed in place by a poll, and put on the shelf with the page that it fits."""

    videos: dict[str, Followed] = field(default_factory=dict)
    channels: dict[str, Known] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    def follow(
        self, published: Iterable[tuple[str, datetime]], *, now: datetime, days: int
    ) -> None:
        """Begin to follow videos that are young enough."""
        oldest = seconds(now - timedelta(days=days))
        for video, at in published:
            if seconds(at) >= oldest:
                self.videos.setdefault(video, Followed(at=seconds(at)))

    def trim(self, *, now: datetime, days: int, most: int) -> int:
        """Forget what is too old; how many young ones had to go, the oldest first."""
        oldest = seconds(now - timedelta(days=days))
        young = {video: one for video, one in self.videos.items() if one.at >= oldest}
        kept = sorted(young.items(), key=lambda pair: pair[1].at, reverse=True)[:most]
        self.videos = dict(kept)
        return len(young) - len(kept)

    def await_replies(self, thread: Waiting, total: int) -> bool:
        """Note a thread whose replies are to be read. False where too many wait already."""
        if self.totals.get(thread.thread) == total:
            return True
        if len(self.waiting) >= WAITING:
            return False
        # One that waits in the middle of its replies begins again: new ones come at the top.
        self.waiting = [one for one in self.waiting if one.thread != thread.thread] + [thread]
        self.totals.pop(thread.thread, None)  # to the end: the first ones are forgotten first
        self.totals[thread.thread] = total
        for old in list(self.totals)[:-TOTALS]:
            del self.totals[old]
        return True

    def to_document(self) -> Document:
        kept = {
            "videos": {
                v: [one.at, one.count, one.read, one.goal, one.walk.to_json()]
                for v, one in self.videos.items()
            },
            "channels": {
                name: [one.id, one.uploads, one.videos.to_json(), one.threads.to_json()]
                for name, one in self.channels.items()
            },
            "waiting": [[w.thread, w.video, w.channel, w.token] for w in self.waiting],
            "totals": self.totals,
        }
        text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
        return Document(name=NAME, text=text, kind="state")


def read_document(document: Document | None) -> Following:
    """As it was kept; what is unreadable is begun anew."""
    try:
        kept = json.loads(document.text) if document else {}
    except ValueError:
        kept = {}
    if not isinstance(kept, dict):
        return Following()
    totals = _dict(kept.get("totals")).items()
    return Following(
        videos=_only(_followed, _dict(kept.get("videos"))),
        channels=_only(_known, _dict(kept.get("channels"))),
        waiting=[one for record in _list(kept.get("waiting")) if (one := _waiting(record))],
        totals={str(name): total for name, total in totals if isinstance(total, int)},
    )


def _followed(record: Any) -> Followed | None:
    match record:
        case [int(at), int(count), int(read), int(goal), walk]:
            walk = Descent.from_json(walk)
            return Followed(at=at, count=count, read=read, goal=goal, walk=walk)
        case _:
            return None


def _known(record: Any) -> Known | None:
    match record:
        case [str(identity), str(uploads), videos, threads]:
            return Known(
                id=identity,
                uploads=uploads,
                videos=Descent.from_json(videos),
                threads=Descent.from_json(threads),
            )
        case _:
            return None


def _waiting(record: Any) -> Waiting | None:
    match record:
        case [str(thread), str(video), str(channel), str(token)]:
            return Waiting(thread=thread, video=video, channel=channel, token=token)
        case _:
            return None


def _only(read: Any, records: dict[str, Any]) -> dict[str, Any]:
    made = {str(name): read(record) for name, record in records.items()}
    return {name: one for name, one in made.items() if one is not None}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
