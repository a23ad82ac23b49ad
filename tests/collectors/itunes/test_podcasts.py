"""Feeds take turns, a broken one rests, and a cut in the middle of a feed loses none of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from collectors.api import Narrowing, Page, Term
from collectors.desk import Desk, Document, MemoryShelf
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.itunes.collector import PAGE, Itunes
from collectors.itunes.config import ItunesConfig
from collectors.itunes.podcasts import GIVE_UP, NAME, Followed, Podcast
from collectors.itunes.searches import words_of
from collectors.replay import Asked, Exchange, ReplayServer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Directory(ReplayServer):
    """Finds the feeds it is given; each has as many episodes as it is told."""

    def __init__(self, feeds: dict[str, int]) -> None:
        super().__init__()
        self.feeds = feeds

    def _answer(self, asked: Asked) -> bytes:
        if asked.path == "/search":
            found = [{"feedUrl": f"{self.base}/{name}"} for name in self.feeds]
            self.instead = Exchange(path="", body=json.dumps({"results": found}))
        else:
            entries = "".join(episode(n) for n in range(self.feeds[asked.path[1:]]))
            body = f"<rss version='2.0'><channel><title>P</title>{entries}</channel></rss>"
            self.instead = Exchange(path="", body=body)
        return super()._answer(asked)


def episode(number: int) -> str:
    at = NOON - timedelta(hours=number)
    when = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    guid = f"guid-of-episode-{number}"
    return f"<item><guid>{guid}</guid><title>t</title><pubDate>{when}</pubDate></item>"


def itunes(server: ReplayServer, **options: object) -> Itunes:
    config = {"base_url": server.base, "terms": ["nova"], "episodes": False, **options}
    return Itunes(ItunesConfig.model_validate(config))


async def polled(one: Itunes, shelf: MemoryShelf, *, pages: int = 100) -> list[Page]:
    """The pages of a poll that is closed after so many, stored as the service does it."""
    got: list[Page] = []
    async with Http(Policy.parse("127.0.0.1/32"), now=NOON.timestamp) as http:
        async for page in one.poll(Narrowing(), {}, http.budget(200, desk=Desk(shelf=shelf))):
            got.append(page)
            shelf.store(page.keep)
            if len(got) == pages:
                break
    return got


def ids(pages: Sequence[Page]) -> set[str]:
    return {item.external_id for page in pages for item in page.items}


async def test_a_cut_in_the_middle_of_a_feed_loses_none_of_it() -> None:
    async with Directory({"a.xml": PAGE + 30}) as server:
        shelf = MemoryShelf()
        first = await polled(itunes(server), shelf, pages=1)
        rest = await polled(itunes(server), shelf)
    assert len(first[0].items) == PAGE
    assert len(ids([*first, *rest])) == PAGE + 30


async def test_feeds_take_turns_when_a_poll_reads_fewer_than_there_are() -> None:
    async with Directory({f"{n}.xml": 1 for n in range(5)}) as server:
        shelf = MemoryShelf()
        for _ in range(3):
            await polled(itunes(server, feeds=2), shelf)
        read = [asked.path for asked in server.asked if asked.path != "/search"]
    assert len(set(read)) == 5


async def test_a_feed_that_is_not_there_never_stops_the_source() -> None:
    async with ReplayServer([Exchange(path="/search", body='{"results": []}')]) as server:
        dead = Podcast(found=NOON)
        shelf = MemoryShelf({NAME: Followed({f"{server.base}/x": dead}, {}).document()})
        for _ in range(GIVE_UP + 2):
            pages = await polled(itunes(server), shelf)
        kept = Followed.of(await shelf.latest(NAME))
        asked = [one.path for one in server.asked].count("/x")
    assert kept.feeds[f"{server.base}/x"].failed == asked == GIVE_UP
    assert pages[-1].listening.refused == 0


async def test_a_refusal_of_apple_is_waited_for() -> None:
    async with ReplayServer([Exchange(path="/search", status=403)]) as server:
        with pytest.raises(RateLimited) as caught:
            await polled(itunes(server), MemoryShelf())
    assert caught.value.retry_after == 60


async def test_without_words_there_is_nothing_to_search_for() -> None:
    async with ReplayServer() as server:
        with pytest.raises(NeedsAttention, match="needs words"):
            await polled(itunes(server, terms=[]), MemoryShelf())


def test_a_clause_is_asked_for_by_its_longest_term() -> None:
    narrowing = Narrowing(
        ((Term("nova"), Term("grande panne", "phrase")), (Term("#Nova", "hashtag"),))
    )
    assert words_of(narrowing, ()) == ["grande panne", "Nova"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"feeds": []}', '{"feeds": {"u": 3}}',
    '{"feeds": {"u": {"found": 1}}, "searched": {"k": 5}}'])  # fmt: skip
def test_a_list_that_cannot_be_read_is_begun_anew(text: str) -> None:
    assert not Followed.of(Document(name=NAME, text=text)).feeds


def test_what_is_kept_comes_back_as_it_was() -> None:
    one = Podcast(found=NOON, asked=NOON, seen=NOON, validators={"etag": '"é"'}, failed=2)
    kept = Followed({"https://a.example/f": one}, {"podcast:nova": NOON})
    assert Followed.of(kept.document()) == kept
