"""Hashtags: each is counted once a week, and those that do not fit are left out and told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from collectors.api import Narrowing, Page, Term
from collectors.desk import Desk, Document, MemoryLedger, MemoryShelf
from collectors.http import Http
from collectors.instagram.collector import Instagram
from collectors.instagram.config import InstagramConfig
from collectors.instagram.hashtags import HASHTAGS, wanted
from collectors.replay import Exchange, ReplayServer
from tests.collectors.meta.test_graph import NOW, answer, served

CONFIG: dict[str, Any] = {
    "access_token": "t",
    "user_id": "17",
    "mentions": False,
    "comments": False,
}
OWN = answer("/v25.0/17/media", {"data": []})
FEED = answer("/v25.0/9/recent_media", {"data": []})
SEARCH = answer("/v25.0/ig_hashtag_search", {"data": [{"id": "9"}]})


def config(**more: Any) -> InstagramConfig:
    return InstagramConfig.model_validate(CONFIG | more)


async def polled(
    one: Instagram, http: Http, shelf: MemoryShelf, spent: int = 0
) -> tuple[list[Page], MemoryLedger]:
    ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
    await ledger.owe(HASHTAGS, spent)
    child = http.budget(50, desk=Desk(ledger=ledger, shelf=shelf))
    pages = [page async for page in one.poll(Narrowing(), {}, child)]
    for page in pages:
        shelf.store(page.keep)
    return pages, ledger


def asked(server: ReplayServer, path: str) -> int:
    return sum(one.path.endswith(path) for one in server.asked)


def test_of_a_clause_a_hashtag_comes_before_the_longest_word() -> None:
    clauses = (
        (Term("olive"), Term("#huile", "hashtag"), Term("@acme", "handle")),
        (Term("huile d'olive", "phrase"), Term("Cycladis")),
        (Term("Atelier Cycladis", "phrase"),),
        (Term("2026"),),
    )
    names = wanted(Narrowing(clauses), config(hashtags=["#Choisi"]))
    assert names == ["choisi", "huile", "cycladis", "ateliercycladis"]
    assert wanted(Narrowing(clauses), config(query_hashtags=False)) == []


async def test_a_known_hashtag_is_not_counted_again_within_its_week() -> None:
    shelf = MemoryShelf()
    async with served(OWN, FEED, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["huile"], base_url=server.base))
        _, first = await polled(one, http, shelf)
        _, second = await polled(one, http, shelf)
        assert (first.spent[HASHTAGS], second.spent[HASHTAGS]) == (1, 0)
        assert asked(server, "ig_hashtag_search") == 1


async def test_after_a_week_it_counts_again_but_is_not_searched_for_again() -> None:
    old = (NOW - timedelta(days=8)).isoformat()
    text = json.dumps({"huile": ["9", old]})
    shelf = MemoryShelf({HASHTAGS: Document(name=HASHTAGS, text=text)})
    async with served(OWN, FEED, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["huile"], base_url=server.base))
        _, ledger = await polled(one, http, shelf)
        assert ledger.spent[HASHTAGS] == 1
        assert asked(server, "ig_hashtag_search") == 0


async def test_a_hashtag_too_many_is_left_out_and_told() -> None:
    async with served(OWN, FEED, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["un", "deux"], base_url=server.base))
        pages, _ = await polled(one, http, MemoryShelf(), spent=29)
        assert asked(server, "ig_hashtag_search") == 1
    assert pages[-1].listening.truncated
    assert "30 in seven days" in pages[-1].listening.note


async def test_what_instagram_says_of_the_week_is_believed() -> None:
    full = answer(
        "/v25.0/ig_hashtag_search",
        {"error": {"code": 18, "error_subcode": 2207034}},
        status=400,
        query={"q": "un"},
    )
    async with served(OWN, FEED, full, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["un", "deux"], base_url=server.base))
        pages, _ = await polled(one, http, MemoryShelf())
        assert asked(server, "recent_media") == 1
    assert pages[-1].listening.truncated


async def test_a_long_hashtag_says_that_it_was_not_read_whole() -> None:
    media = {"id": "1", "timestamp": "2026-11-25T09:00:00+0000", "caption": "a"}
    body = {"data": [media], "paging": {"cursors": {"after": "SAME"}, "next": "https://x.example/"}}
    endless = answer("/v25.0/9/recent_media", body)
    async with served(OWN, endless, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["un"], hashtag_pages=3, base_url=server.base))
        pages, _ = await polled(one, http, MemoryShelf())
        assert asked(server, "recent_media") == 3
    assert pages[-1].listening.truncated
    assert [item.external_id for page in pages for item in page.items] == ["1"]


async def test_a_name_nobody_uses_stops_nothing() -> None:
    nobody = Exchange(
        path="/v25.0/ig_hashtag_search",
        status=400,
        query={"q": "rien"},
        body=json.dumps({"error": {"code": 24, "error_subcode": 2207024}}),
    )
    async with served(OWN, FEED, nobody, SEARCH) as (server, http):
        one = Instagram(config(hashtags=["rien", "huile"], base_url=server.base))
        await polled(one, http, MemoryShelf())
        assert asked(server, "recent_media") == 1
