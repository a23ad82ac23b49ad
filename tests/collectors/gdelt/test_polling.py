from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Page, Term
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.gdelt.collector import Gdelt, GdeltConfig
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TWO = Narrowing(((Term("nova"), Term("eau")), (Term("lune"), Term("eau"))))


@dataclass
class World:
    """GDELT, a clock, and the ledger that all sources of the host share."""

    answers: list[Exchange]
    options: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    cursor: Cursor = field(default_factory=dict)
    ledger: MemoryLedger | None = None
    asked: list[str] = field(default_factory=list)

    async def poll(self, narrowing: Narrowing = TWO) -> list[Page]:
        async with (
            ReplayServer(self.answers) as server,
            Http(Policy.parse("127.0.0.1/32"), now=lambda: self.now.timestamp()) as http,
        ):
            one = Gdelt(GdeltConfig.model_validate({"base_url": server.base, **self.options}))
            self.ledger = self.ledger or MemoryLedger(one.quotas(), now=lambda: self.now)
            pages = []
            try:
                async for page in one.poll(
                    narrowing, self.cursor, http.budget(12, desk=Desk(ledger=self.ledger))
                ):
                    pages.append(page)
                    self.cursor = json.loads(json.dumps(page.cursor))
            finally:
                self.asked = [one.query["query"] for one in server.asked]
        return pages


def answer(body: object, status: int = 200, **query: str | None) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return Exchange(path="/", query=query, status=status, body=text)


async def test_one_query_a_poll_and_the_one_that_waited_longest_is_next() -> None:
    one = World([answer({})])
    for wanted in ("nova eau", "lune eau", "nova eau"):
        pages = await one.poll()
        assert one.asked == [wanted]
        assert len(pages) == 1
        one.now += timedelta(minutes=5)


async def test_a_poll_within_the_pause_asks_nothing_and_says_how_long() -> None:
    one = World([answer({})])
    await one.poll()
    one.now += timedelta(seconds=2)
    with pytest.raises(RateLimited) as caught:
        await one.poll()
    assert caught.value.retry_after == pytest.approx(4, abs=0.1)
    assert one.asked == []


async def test_a_refused_query_does_not_stop_the_others_and_is_asked_again() -> None:
    one = World([answer("Your query was too short or too long.", query="nova eau"), answer({})])
    (first,) = await one.poll()
    assert first.listening.refused == 1
    assert "too short or too long" in first.listening.note
    one.now += timedelta(minutes=5)
    await one.poll()
    one.now += timedelta(minutes=5)
    await one.poll()
    assert one.asked == ["nova eau"]


async def test_a_source_of_which_every_query_is_refused_fails() -> None:
    one = World([answer("Your query was too short or too long.")])
    await one.poll()
    one.now += timedelta(minutes=5)
    with pytest.raises(BadPayload, match="too short or too long"):
        await one.poll()


async def test_a_refusal_moves_no_window() -> None:
    one = World([answer("Your query was too short or too long."), answer({})])
    await one.poll()
    searches = one.cursor["searches"]
    assert isinstance(searches, dict)
    assert [walk[0] for walk in searches.values() if isinstance(walk, list)] == [0]


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, "busy"), (200, "Please limit requests to one every 5 seconds")],
)
async def test_too_fast_is_a_wait_whatever_the_status(status: int, body: str) -> None:
    one = World([answer(body, status)])
    with pytest.raises(RateLimited) as caught:
        await one.poll()
    assert caught.value.retry_after == 60
    assert len(one.asked) == 1


async def test_a_fault_is_not_asked_again_at_once() -> None:
    one = World([answer("", 503)])
    with pytest.raises(Exception, match="503"):
        await one.poll()
    assert len(one.asked) == 1


async def test_own_words_in_gdelts_syntax_are_asked_as_they_are() -> None:
    one = World([answer({})], {"query": 'near20:"lune baume" sourcelang:french'})
    await one.poll(Narrowing())
    assert one.asked == ['near20:"lune baume" sourcelang:french']


async def test_without_words_it_says_what_to_do() -> None:
    with pytest.raises(NeedsAttention, match="words"):
        await World([answer({})]).poll(Narrowing())


async def test_half_a_sign_in_a_word_breaks_nothing() -> None:
    one = World([answer({})])
    await one.poll(Narrowing(((Term("lune \ud83c"),),)))
    assert len(one.asked) == 1
