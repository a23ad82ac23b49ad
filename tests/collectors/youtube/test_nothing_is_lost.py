"""A YouTube that lives: comments, replies and videos come in while polls are cut short."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Term
from collectors.desk import Desk, MemoryLedger, MemoryShelf
from collectors.http import Http, Policy
from collectors.replay import Asked, ReplayServer
from collectors.youtube.collector import YouTube
from collectors.youtube.config import YouTubeConfig

START = datetime(2026, 11, 25, 8, tzinfo=UTC)
CHANNEL = "UCnova00000000000000000"
SEARCH = timedelta(hours=1)
"""After which a video is found by a search: the index lags."""


class LivingYouTube(ReplayServer):
    """Answers from what was published until `now`. Pages of 3, to be many."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.videos: dict[str, datetime] = {}
        self.threads: dict[str, tuple[str, datetime]] = {}
        self.replies: dict[str, tuple[str, datetime]] = {}

    def publish(self, chance: random.Random) -> None:
        """A quarter of an hour's worth."""
        if chance.random() < 0.4:
            self.videos[f"v{len(self.videos):010d}"] = self.now
        for _ in range(chance.randrange(6)):
            if self.videos:
                video = chance.choice(list(self.videos))
                self.threads[f"Ug{len(self.threads)}"] = (video, self.now)
        for _ in range(chance.randrange(4)):
            if self.threads:
                # Below the newest threads of a video: those further down are not read again.
                video, _ = chance.choice(list(self.threads.values()))
                tops = [one for one, (where, _) in self.threads.items() if where == video]
                parent = chance.choice(tops[-2:])
                self.replies[f"{parent}.r{len(self.replies)}"] = (parent, self.now)

    def _answer(self, asked: Asked) -> bytes:
        resource = asked.path.rsplit("/", 1)[-1]
        items = getattr(self, f"_{resource}")(asked.query)
        start = int(asked.query.get("pageToken", "0"))
        size = len(items) if resource == "videos" else 3
        body: dict[str, Any] = {"kind": "youtube#x", "items": items[start : start + size]}
        if start + size < len(items):
            body["nextPageToken"] = str(start + size)
        raw = json.dumps(body).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
            len(raw),
            raw,
        )

    def _search(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        after = datetime.fromisoformat(query["publishedAfter"])
        before = datetime.fromisoformat(query.get("publishedBefore", "2100-01-01T00:00:00Z"))
        found = [
            {"id": {"videoId": one}, "snippet": _snippet(at)}
            for one, at in self.videos.items()
            if after <= at < before and at <= self.now - SEARCH
        ]
        return _newest_first(found)

    def _videos(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        wanted = query["id"].split(",")
        return [
            {
                "id": one,
                "snippet": _snippet(self.videos[one]),
                "statistics": {"commentCount": str(len(self._said_below(one)))},
            }
            for one in wanted
        ]

    def _said_below(self, video: str) -> list[str]:
        tops = [one for one, (where, _) in self.threads.items() if where == video]
        return tops + [one for one, (parent, _) in self.replies.items() if parent in tops]

    def _commentThreads(self, query: Mapping[str, str]) -> list[dict[str, Any]]:  # noqa: N802
        found = []
        for one, (video, at) in self.threads.items():
            if video == query["videoId"]:
                top = {"id": one, "snippet": {**_comment(at), "videoId": video}}
                total = sum(parent == one for parent, _ in self.replies.values())
                said = {"videoId": video, "topLevelComment": top, "totalReplyCount": total}
                some = self._comments({"parentId": one})[-1:]
                found.append({"id": one, "snippet": said, "replies": {"comments": some}})
        return sorted(found, key=lambda t: _time(t["snippet"]["topLevelComment"]), reverse=True)

    def _comments(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        found = [
            {"id": one, "snippet": {**_comment(at), "parentId": parent}}
            for one, (parent, at) in self.replies.items()
            if parent == query["parentId"]
        ]
        return _newest_first(found)


def _snippet(at: datetime) -> dict[str, str]:
    return {
        "title": "Nova",
        "channelTitle": "Zoé",
        "channelId": CHANNEL,
        "publishedAt": at.isoformat(),
    }


def _comment(at: datetime) -> dict[str, Any]:
    return {"textDisplay": "oui", "authorDisplayName": "@a", "publishedAt": at.isoformat()}


def _time(record: Mapping[str, Any]) -> str:
    return str(record["snippet"]["publishedAt"])


def _newest_first(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=_time, reverse=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_video_comment_and_reply_arrives_although_polls_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    shelf, cursor, got = MemoryShelf(), {}, set[str]()
    async with (
        LivingYouTube() as server,
        Http(Policy.parse("127.0.0.1/32"), now=lambda: server.now.timestamp()) as http,
    ):
        options = {"api_key": "k", "base_url": server.base, "own_searches": 96}
        one = YouTube(YouTubeConfig.model_validate(options))
        ledger = MemoryLedger(one.quotas(), now=lambda: server.now)
        for quarter in range(42):
            # At last nothing new comes, and all that waited is read.
            if quarter < 26:
                server.publish(chance)
            cut = chance.randrange(1, 6) if quarter < 26 else 1_000
            budget = http.budget(80, desk=Desk(ledger=ledger, shelf=shelf))
            cursor = await _poll(one, cursor, budget, shelf, got, cut=cut)
            server.now += timedelta(minutes=15)
        assert got == {*server.videos, *server.threads, *server.replies}
        assert ledger.spent["searches"] <= 100


async def _poll(
    one: YouTube, cursor: Cursor, http: Http, shelf: MemoryShelf, got: set[str], *, cut: int
) -> Cursor:
    """A poll of which only the first `cut` pages are stored."""
    poll = one.poll(Narrowing(((Term("nova"),),)), cursor, http)
    async with aclosing(poll):  # type: ignore[type-var]  # polls are async generators
        stored = 0
        async for page in poll:
            got |= {item.external_id for item in page.items}
            shelf.store(page.keep)
            cursor = json.loads(json.dumps(page.cursor))
            stored += 1
            if stored == cut:
                break
    return cursor
