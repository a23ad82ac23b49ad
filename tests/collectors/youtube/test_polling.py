"""Polls against a replayed API, with quotas and a shelf that live from poll to poll."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.api import Cursor, Item, Narrowing, Page, Term, Wanted
from collectors.desk import Desk, Document, MemoryLedger, MemoryShelf
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.youtube.collector import YouTube
from collectors.youtube.config import YouTubeConfig

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOVA = Narrowing(((Term("nova"),),))
VIDEO = "nnnnnnnnnn1"


@dataclass
class World:
    """The API, a clock, and what the service keeps."""

    answers: list[Exchange]
    options: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    cursor: Cursor = field(default_factory=dict)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    asked: list[str] = field(default_factory=list)
    ledger: MemoryLedger | None = None

    async def poll(self, narrowing: Narrowing = NOVA) -> list[Page]:
        async with (
            ReplayServer(self.answers) as server,
            Http(Policy.parse("127.0.0.1/32"), now=lambda: self.now.timestamp()) as http,
        ):
            config = YouTubeConfig.model_validate(
                {"api_key": "k", "base_url": server.base, **self.options}
            )
            one = YouTube(config)
            self.ledger = self.ledger or MemoryLedger(one.quotas(), now=lambda: self.now)
            budget = http.budget(80, desk=Desk(ledger=self.ledger, shelf=self.shelf))
            pages = []
            try:
                async for page in one.poll(narrowing, self.cursor, budget):
                    pages.append(page)
                    self.shelf.store(page.keep)
                    self.cursor = json.loads(json.dumps(page.cursor))
            finally:
                self.asked = [one.path.strip("/") for one in server.asked]
        return pages


def told(kind: str, items: Sequence[dict[str, Any]], **more: str) -> str:
    return json.dumps({"kind": f"youtube#{kind}ListResponse", "items": items, **more})


def refusal(reason: str) -> str:
    return json.dumps({"error": {"errors": [{"reason": reason}]}})


def answer(path: str, body: str, status: int = 200, **query: str | None) -> Exchange:
    return Exchange(path=f"/{path}", query=query, status=status, body=body)


def video(identity: str = VIDEO, comments: int = 1) -> dict[str, Any]:
    return {
        "id": identity,
        "snippet": {
            "title": "Nova",
            "channelTitle": "Zoé",
            "channelId": "UCz",
            "publishedAt": "2026-11-24T10:00:00Z",
        },
        "statistics": {"commentCount": str(comments)},
    }


def hit(identity: str = VIDEO) -> dict[str, Any]:
    return video(identity) | {"id": {"kind": "youtube#video", "videoId": identity}}


def comment(identity: str, at: str, **more: Any) -> dict[str, Any]:
    said = {"textDisplay": identity, "authorDisplayName": "@a", "publishedAt": at, "likeCount": 0}
    return {"id": identity, "snippet": said | more}


def thread(identity: str, at: str, total: int = 0) -> dict[str, Any]:
    top = comment(identity, at, videoId=VIDEO)
    snippet = {"videoId": VIDEO, "topLevelComment": top, "totalReplyCount": total}
    return {"id": identity, "snippet": snippet}


def world(count: int = 1, threads: Sequence[dict[str, Any]] = (), **options: Any) -> World:
    return World(
        [
            answer("search", told("search", [hit()])),
            answer("videos", told("video", [video(comments=count)])),
            answer("commentThreads", told("commentThread", threads), order="time"),
        ],
        options,
    )


def items(pages: Sequence[Page]) -> list[Item]:
    return [item for page in pages for item in page.items]


async def test_searches_rest_between_polls_and_comments_are_counted_for_a_unit() -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z")])
    first = await one.poll()
    assert [item.external_id for item in items(first)] == [VIDEO, "UgA"]
    assert one.asked == ["search", "videos", "commentThreads"]
    one.now += timedelta(minutes=15)
    assert await one.poll() == []
    assert one.asked == ["videos"]
    one.now += timedelta(minutes=15)
    await one.poll()
    assert one.asked == ["search", "videos"]
    assert one.ledger
    assert one.ledger.spent == {"searches": 2, "units": 4}


async def test_comments_are_read_again_where_their_number_changed() -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z")])
    await one.poll()
    one.answers[1] = answer("videos", told("video", [video(comments=2)]))
    later = [thread("UgB", "2026-11-25T12:05:00Z"), thread("UgA", "2026-11-24T11:00:00Z")]
    one.answers[2] = answer("commentThreads", told("commentThread", later))
    one.now += timedelta(minutes=15)
    assert {item.external_id for item in items(await one.poll())} == {"UgB", "UgA"}


async def test_replies_that_did_not_come_along_are_read_once() -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z", total=1)])
    replies = [comment("UgA.r", "2026-11-24T12:00:00Z", parentId="UgA")]
    one.answers.append(answer("comments", told("comment", replies), parentId="UgA"))
    found = items(await one.poll())
    reply = next(item for item in found if item.external_id == "UgA.r")
    assert reply.in_reply_to == "UgA"
    assert reply.url == f"https://www.youtube.com/watch?v={VIDEO}&lc=UgA.r"
    one.answers[1] = answer("videos", told("video", [video(comments=3)]))
    one.now += timedelta(minutes=15)
    await one.poll()
    assert one.asked == ["videos", "commentThreads"]


async def test_without_searches_left_comments_go_on_and_it_is_told() -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z")], searches_a_day=1)
    await one.poll()
    one.now += timedelta(hours=1)
    one.answers[1] = answer("videos", told("video", [video(comments=2)]))
    pages = await one.poll()
    assert "no search is left for today" in [page.listening.note for page in pages]
    assert [item.external_id for item in items(pages)] == ["UgA"]
    assert "search" not in one.asked


async def test_google_saying_that_the_day_is_over_stops_searches_and_nothing_else() -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z")])
    await one.poll()
    body = refusal("quotaExceeded")
    one.answers[0] = answer("search", body, 403)
    one.now += timedelta(hours=1)
    pages = await one.poll()
    assert pages[0].listening.refused == 1
    assert one.asked == ["search", "videos"]
    one.now += timedelta(hours=1)
    await one.poll()
    assert one.asked == ["videos"]  # the ledger knows, so the search is not even tried


async def test_where_there_is_nothing_else_to_ask_the_wait_is_the_answer() -> None:
    body = refusal("quotaExceeded")
    one = World([answer("search", body, 403)])
    with pytest.raises(RateLimited) as caught:
        await one.poll()
    assert caught.value.retry_after == 20 * 3_600  # midnight in California


async def test_a_hit_is_kept_where_no_unit_is_left_for_its_figures() -> None:
    one = world(units_a_day=1, comments=False)
    await one.poll()
    one.answers[0] = answer("search", told("search", [hit("nnnnnnnnnn2")]))
    one.now += timedelta(hours=1)
    assert [item.external_id for item in items(await one.poll())] == ["nnnnnnnnnn2"]


async def test_a_forgotten_page_begins_the_comments_again() -> None:
    one = world(count=300)
    one.answers[2:] = [
        answer("commentThreads", refusal("invalidPageToken"), 400, pageToken="T"),
        answer(
            "commentThreads",
            told("commentThread", [thread("UgA", "2026-11-24T11:00:00Z")], nextPageToken="T"),
        ),
    ]
    pages = await one.poll()
    assert pages[-1].listening.note.endswith("its comments are read again")
    one.now += timedelta(minutes=15)
    one.answers[2:] = [
        answer("commentThreads", told("commentThread", [thread("UgB", "2026-11-24T11:00:00Z")]))
    ]
    assert [item.external_id for item in items(await one.poll())] == ["UgB"]


async def test_a_source_that_asks_for_nothing_says_what_to_do() -> None:
    with pytest.raises(NeedsAttention, match="channels"):
        await World([], {"search": False}).poll()
    with pytest.raises(NeedsAttention, match="channels"):
        await World([]).poll(Narrowing())


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{", '{"videos": 3, "channels": [], "waiting": {}, "totals": "x"}',
     '{"videos": {"a": [1]}, "channels": {"b": ["c"]}, "waiting": [[1]], "totals": {"t": "x"}}'],
)  # fmt: skip
async def test_an_unreadable_shelf_and_cursor_begin_anew(kept: str) -> None:
    one = world(threads=[thread("UgA", "2026-11-24T11:00:00Z")])
    one.shelf.store([Document(name="following", text=kept)])
    one.cursor = {"searches": {"x": [1], "y": "z"}}
    assert [item.external_id for item in items(await one.poll())] == [VIDEO, "UgA"]


async def test_history_leaves_the_polls_their_searches() -> None:
    async with ReplayServer([answer("search", told("search", []))]) as server:
        one = YouTube(YouTubeConfig.model_validate({"api_key": "k", "base_url": server.base}))
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
            budget = http.budget(80, desk=Desk(ledger=ledger))
            since = NOW - timedelta(days=90)
            pages = [page async for page in one.backfill(NOVA, since, {}, budget)]
            assert len(pages) == 3  # slices of 30 days
            await ledger.owe("searches", 60)
            with pytest.raises(RateLimited) as caught:
                await anext(one.backfill(NOVA, since, {}, budget))
            assert caught.value.retry_after == 3_600
            assert await ledger.left("searches") == 37


async def test_a_hidden_number_of_subscribers_is_not_told() -> None:
    figures = {"subscriberCount": "12", "hiddenSubscriberCount": True, "videoCount": "3"}
    found = {"id": "UCz", "snippet": {"title": "Zoé", "customUrl": "@zoe"}, "statistics": figures}
    async with (
        ReplayServer([answer("channels", told("channel", [found]), forHandle="@zoe")]) as server,
        Http(Policy.parse("127.0.0.1/32")) as http,
    ):
        one = YouTube(YouTubeConfig.model_validate({"api_key": "k", "base_url": server.base}))
        snapshot = await one.profile("zoe", http)
        assert (snapshot.handle, snapshot.followers, snapshot.posts) == ("@zoe", None, 3)
        server.exchanges = [answer("channels", told("channel", []))]
        with pytest.raises(NeedsAttention, match="no channel"):
            await one.profile("nobody", http)


async def test_a_comment_that_youtube_refuses_takes_no_others_with_it() -> None:
    top = [thread(name, "2026-11-24T11:00:00Z") for name in ("UgA", "UgB", "UgC")]
    async with (
        ReplayServer(
            [
                answer("commentThreads", refusal("forbidden"), 403, id="UgA,UgB,UgC"),
                answer("commentThreads", told("commentThread", top[:1]), id="UgA"),
                answer("commentThreads", refusal("commentThreadNotFound"), 404, id="UgB,UgC"),
                answer("commentThreads", refusal("commentThreadNotFound"), 404, id="UgB"),
                answer("commentThreads", told("commentThread", top[2:]), id="UgC"),
            ]
        ) as server,
        Http(Policy.parse("127.0.0.1/32")) as http,
    ):
        one = YouTube(YouTubeConfig.model_validate({"api_key": "k", "base_url": server.base}))
        page = await one.refresh(["UgA", "UgB", "UgC"], http)
    assert [item.external_id for item in page.items] == ["UgA", "UgC"]
    assert page.removed == ("UgB",)


async def test_the_key_is_sent_as_a_header_only() -> None:
    async with (
        ReplayServer(world().answers) as server,
        Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http,
    ):
        source = YouTube(YouTubeConfig.model_validate({"api_key": "s3", "base_url": server.base}))
        assert [page async for page in source.poll(NOVA, {}, http.budget(80))]
    assert server.asked
    assert all(asked.headers["x-goog-api-key"] == "s3" for asked in server.asked)
    assert not any("s3" in asked.query.values() for asked in server.asked)


async def test_a_forecast_names_what_a_poll_spends() -> None:
    one = YouTube(YouTubeConfig.model_validate({"api_key": "k", "channels": ["@a", "@b"]}))
    assert one.forecast(NOVA) == {"searches": 0.5, "units": 0.5 + 4 + 4}
    assert one.forecast(Narrowing())["searches"] == 0


async def test_a_brand_with_a_handle_is_proposed_its_channel() -> None:
    async with Http(Policy.parse("")) as http:
        made = await YouTube.propose(
            Wanted(name="Lune", handles=("@lune", "lune", "lune.bsky.social")), http
        )
        assert [one.config for one in made] == [{"channels": ["@lune"]}]
        accepted = YouTube(YouTubeConfig.model_validate(made[0].config))
        with pytest.raises(NeedsAttention, match="needs a key"):
            await accepted.check(http)
        assert await YouTube.propose(Wanted(name="Lune"), http) == ()


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="no such time zone"):
        YouTubeConfig.model_validate({"api_key": "k", "quota_zone": "Mars/Base"})
