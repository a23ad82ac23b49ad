"""Who asks is told, known days are not asked for again, and a busy Wikipedia is left in peace."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from collectors.api import Cursor, Narrowing, Page
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.wikipedia.articles import Article
from collectors.wikipedia.collector import Wikipedia, WikipediaConfig
from collectors.wikipedia.views import Days, items_of, read_days, thousands

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def wikipedia(server: ReplayServer, **options: object) -> Wikipedia:
    config = {
        "articles": ["fr:nova"],
        "contact": "veille@example.org",
        "views_url": f"{server.base}/views",
        "wiki_url": f"{server.base}/{{language}}",
    }
    return Wikipedia(WikipediaConfig.model_validate(config | options))


async def poll(one: Wikipedia, cursor: Cursor) -> list[Page]:
    async with Http(Policy.parse("127.0.0.1/32"), now=NOON.timestamp) as http:
        return [page async for page in one.poll(Narrowing(), cursor, http)]


def views(*days: tuple[str, int]) -> Exchange:
    items = [{"timestamp": f"{day}00", "views": count} for day, count in days]
    return Exchange(path="", body=json.dumps({"items": items}))


async def test_every_request_says_who_asks() -> None:
    async with ReplayServer() as server:
        server.instead = views(("20261124", 5))
        await poll(wikipedia(server), {})
    assert all("veille@example.org" in asked.headers["user-agent"] for asked in server.asked)
    assert server.asked


async def test_days_that_are_known_are_not_asked_for_again() -> None:
    async with ReplayServer() as server:
        server.instead = views(("20261124", 5))
        pages = await poll(wikipedia(server), {})
        server.asked.clear()
        assert await poll(wikipedia(server), pages[-1].cursor) == []
    assert not server.asked


async def test_a_day_that_is_not_there_yet_is_asked_for_until_it_is() -> None:
    async with ReplayServer() as server:
        server.instead = views(("20261123", 5))
        pages = await poll(wikipedia(server), {})
        server.instead = views(("20261123", 5), ("20261124", 9))
        again = await poll(wikipedia(server), pages[-1].cursor)
    assert [item.metrics["views"] for page in again for item in page.items] == [9]


async def test_the_day_under_way_is_never_told() -> None:
    async with ReplayServer() as server:
        server.instead = views(("20261124", 5), ("20261125", 2))
        pages = await poll(wikipedia(server), {})
    assert [item.metrics["views"] for page in pages for item in page.items] == [5]


async def test_a_lagging_database_is_waited_for() -> None:
    async with ReplayServer() as server:
        body = json.dumps({"error": {"code": "maxlag", "info": "6 seconds lagged"}})
        server.instead = Exchange(path="", body=body, headers={"retry-after": "7"})
        with pytest.raises(RateLimited) as caught:
            await poll(wikipedia(server, views=False, edits=True), {})
    assert caught.value.retry_after == 7


async def test_an_article_that_is_not_there_asks_for_a_person() -> None:
    async with ReplayServer() as server:
        page = {"title": "Nova", "missing": True}
        server.instead = Exchange(path="", body=json.dumps({"query": {"pages": [page]}}))
        async with Http(Policy.parse("127.0.0.1/32")) as http:
            with pytest.raises(NeedsAttention, match="no article fr:nova"):
                await wikipedia(server).check(http)


async def test_a_wiki_that_is_not_there_is_no_article_without_changes() -> None:
    async with ReplayServer() as server:
        with pytest.raises(NeedsAttention, match="404"):
            await poll(wikipedia(server, views=False, edits=True), {})


async def test_an_article_nobody_looks_at_is_told_and_stops_no_other() -> None:
    known = "/views/fr.wikipedia/all-access/user/Known/daily/2026092900/2026112400"
    async with ReplayServer([Exchange(path=known, body=views(("20261124", 5)).body)]) as server:
        one = wikipedia(server, articles=["fr:Nova", "fr:Known"])
        pages = await poll(one, {})
    assert "fr:Nova" in pages[0].listening.note
    assert [item.metrics["views"] for item in pages[1].items] == [5]


@pytest.mark.parametrize("name", ["Nova", "fr:", "fr: ", "FR:Nova", "fr:a|b", "fr:a\nb"])
def test_a_name_that_is_no_article_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        WikipediaConfig.model_validate({"articles": [name], "contact": "veille@example.org"})


@pytest.mark.parametrize("contact", ["", "me\r\nx: y", "zoé@example.org"])
def test_a_contact_that_cannot_stand_in_a_header_is_refused(contact: str) -> None:
    with pytest.raises(ValidationError):
        WikipediaConfig.model_validate({"articles": ["fr:Nova"], "contact": contact})


def test_the_address_of_an_article_is_what_wikipedia_makes_of_its_name() -> None:
    article = Article.named("fr:iPhone / 3_G ?")
    assert article.url == "https://fr.wikipedia.org/wiki/IPhone_%2F_3_G_%3F"


def test_an_average_needs_days_enough() -> None:
    days = Days({date(2026, 11, day): 10 * day for day in range(1, 9)})
    assert days.average(date(2026, 11, 7), 28) is None
    assert days.average(date(2026, 11, 8), 7) == 40


def test_the_first_of_a_month_is_written_as_french_does() -> None:
    item = items_of(
        Article("fr", "Nova"), Days({date(2026, 8, 1): 1_234_567}),
        first=date(2026, 8, 1), last=date(2026, 8, 1), before=28, language="fr",
    )[0]  # fmt: skip
    assert item.title == "« Nova » : 1\u202f234\u202f567 vues sur Wikipédia le 1er août 2026"
    assert thousands(1_234, "en") == "1,234"


@pytest.mark.parametrize("record", [None, [], {}, {"timestamp": "2026112", "views": 1},
    {"timestamp": "20261124", "views": True}, {"timestamp": 20261124, "views": 1},
    {"timestamp": "²0261124", "views": 1}, {"timestamp": "20261399", "views": 1}])  # fmt: skip
def test_a_day_that_cannot_be_read_is_skipped(record: object) -> None:
    days = read_days([record, {"timestamp": "2026112400", "views": 3}])
    assert list(days.views.values()) == [3]
    assert len(days.skipped) == 1
