"""Searches: never narrower than what was asked for, and only those that find are counted."""

from __future__ import annotations

from collectors.api import Narrowing, Term
from collectors.desk import Desk, MemoryLedger
from collectors.threads.collector import Threads
from collectors.threads.config import ThreadsConfig
from collectors.threads.searches import SEARCHES, Search, render
from tests.collectors.meta.test_graph import NOW, answer, served


def test_a_clause_is_widened_to_one_term() -> None:
    clause = (Term("Cycladis"), Term("huile d'olive", "phrase"))
    assert render(Narrowing((clause,))) == [Search("huile d'olive")]


def test_a_hashtag_is_asked_for_as_a_word_and_as_a_topic() -> None:
    asked = render(Narrowing(((Term("#huile", "hashtag"),), (Term("@acme", "handle"),))))
    assert asked == [Search("huile"), Search("huile", "TAG"), Search("acme")]


def test_a_phrase_that_is_too_long_is_cut_behind_a_word() -> None:
    [asked] = render(Narrowing(((Term("mot " * 99, "phrase"),),)))
    assert len(asked.words) <= 200
    assert asked.words.endswith("mot")
    assert not render(Narrowing(((Term("x" * 300),), ())))


async def test_a_search_that_finds_nothing_is_given_back() -> None:
    found = {"id": "1", "text": "a", "timestamp": "2026-11-25T09:00:00+0000"}
    config = {"access_token": "t", "mentions": False, "replies": False}
    async with served(
        answer("/v1.0/me/threads", {"data": []}),
        answer("/v1.0/keyword_search", {"data": []}, query={"q": "rien"}),
        answer("/v1.0/keyword_search", {"data": [found]}, query={"q": "tout"}),
    ) as (server, http):
        one = Threads(ThreadsConfig.model_validate({**config, "base_url": server.base}))
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        child = http.budget(9, desk=Desk(ledger=ledger))
        words = Narrowing(((Term("rien"),), (Term("tout"),)))
        pages = [page async for page in one.poll(words, {}, child)]
    assert [item.external_id for page in pages for item in page.items] == ["1"]
    assert ledger.spent[SEARCHES] == 1
