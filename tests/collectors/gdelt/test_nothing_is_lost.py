"""A GDELT that lives: few articles an answer, one request a poll, an index that lags."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from collectors.api import Cursor, Narrowing, Page, Term
from collectors.desk import Desk, MemoryLedger
from collectors.gdelt.collector import Gdelt, GdeltConfig
from collectors.http import Http, Policy
from collectors.replay import Asked, ReplayServer

START = datetime(2026, 11, 25, 8, tzinfo=UTC)
CAP = 4
WORDS = ("nova parfum", "lune parfum")


@dataclass(frozen=True)
class Article:
    url: str
    seen: datetime
    found: datetime
    """From when on a search finds it."""
    words: str


class LivingGdelt(ReplayServer):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.articles: list[Article] = []

    def publish(self, count: int, chance: random.Random) -> None:
        """A quarter's articles, each found within an hour and a half."""
        for _ in range(count):
            lag = timedelta(minutes=chance.randrange(90))
            url = f"https://n{len(self.articles)}.example/a"
            words = chance.choice(WORDS)
            self.articles.append(Article(url, self.now, self.now + lag, words))

    def _answer(self, asked: Asked) -> bytes:
        query = asked.query
        start, end = _time(query["startdatetime"]), _time(query["enddatetime"])
        assert end - start >= timedelta(hours=1), "Timespan is too short."
        found = [
            one
            for one in self.articles
            if one.words == query["query"] and start <= one.seen <= end and one.found <= self.now
        ]
        found.sort(key=lambda one: one.seen, reverse=True)
        told = [
            {"url": one.url, "title": "Nova", "seendate": one.seen.strftime("%Y%m%dT%H%M%SZ")}
            for one in found[: int(query["maxrecords"])]
        ]
        raw = json.dumps({"articles": told}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(raw)}\r\nconnection: close\r\n\r\n"
        return head.encode() + raw


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


async def listen(server: LivingGdelt, chance: random.Random, *, most: int) -> list[Page]:
    """Polls every five minutes for half a day, articles coming in during its first half."""
    pages: list[Page] = []
    cursor: Cursor = {}
    narrowing = Narrowing(tuple(tuple(map(Term, words.split())) for words in WORDS))
    async with Http(Policy.parse("127.0.0.1/32"), now=lambda: server.now.timestamp()) as http:
        one = Gdelt(GdeltConfig(base_url=server.base, max_records=CAP))
        desk = Desk(ledger=MemoryLedger(one.quotas(), now=lambda: server.now))
        for number in range(12 * 12):
            if number < 12 * 6 and not number % 3:
                server.publish(chance.randrange(most + 1), chance)
            async for page in one.poll(narrowing, cursor, http.budget(12, desk=desk)):
                pages.append(page)
                cursor = json.loads(json.dumps(page.cursor))
            server.now += timedelta(minutes=5)
    return pages


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_article_arrives_with_one_request_a_poll(seed: int) -> None:
    async with LivingGdelt() as server:
        pages = await listen(server, random.Random(seed), most=3)
        got = {item.url for page in pages for item in page.items}
        assert got == {one.url for one in server.articles}
        assert not any(page.listening.truncated for page in pages)


async def test_a_quarter_with_more_than_an_answer_holds_is_told() -> None:
    async with LivingGdelt() as server:
        server.articles = [
            Article(f"https://n{n}.example/a", START, START, WORDS[0]) for n in range(CAP + 2)
        ]
        pages = await listen(server, random.Random(3), most=0)
        got = {item.url for page in pages for item in page.items}
        assert len(got) == CAP
        assert any("more articles" in page.listening.note for page in pages)
