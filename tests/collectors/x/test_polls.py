"""Against a small X on loopback that writes a bill: nothing is lost, the cap is never passed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from collectors.api import Counts, Cursor, Listening, Metered, Narrowing, Page, Refreshes, Term
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer, read_exchanges
from collectors.x.collector import X
from collectors.x.config import XConfig, quotas_of
from collectors.x.posts import id_at, moment_of, read_answer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "cases" / "x"
ACME = Narrowing(((Term("acme"),),))


class Platform(ReplayServer):
    """Finds posts by their times, newest first, as X pages them, and writes down what it costs."""

    def __init__(self, *, now: datetime = NOW) -> None:
        super().__init__()
        self.now = now
        self.ids: list[int] = []
        self.bill = Decimal(0)
        self.special: Callable[[Asked], Exchange | None] = lambda asked: None
        self.headers: dict[str, str] = {}

    def add(self, *ages: float) -> list[str]:
        """Posts written so many seconds before now."""
        new = [int(id_at(self.now - timedelta(seconds=age))) + len(self.ids) + 1 for age in ages]
        self.ids = sorted({*self.ids, *new}, reverse=True)
        return [str(one) for one in new]

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.special(asked) or self._own(asked)
        return super()._answer(asked)

    def _own(self, asked: Asked) -> Exchange:
        if asked.path.endswith("/counts/recent"):
            self.bill += Decimal("0.005")
            return self._told({"meta": {"total_tweet_count": len(self._within(asked))}})
        found = self._within(asked)
        at = int(asked.query.get("next_token", "0"))
        size = int(asked.query["max_results"])
        assert 10 <= size <= 100
        page = found[at : at + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if at + size < len(found):
            meta["next_token"] = str(at + size)
        body: dict[str, Any] = {"data": [post(one) for one in page], "meta": meta}
        self.bill += Decimal("0.005") * len(page)
        if "author_id" in asked.query.get("expansions", ""):
            body["includes"] = {"users": [{"id": str(one), "username": "a"} for one in page]}
            self.bill += Decimal("0.010") * len(page)
        return self._told(body)

    def _within(self, asked: Asked) -> list[int]:
        edge = int(id_at(self.now - timedelta(days=7)))
        since = int(asked.query.get("since_id", edge))
        assert since >= edge, "X refuses a since_id beyond its window"
        return [one for one in self.ids if one > max(since, edge)]

    def _told(self, body: dict[str, Any]) -> Exchange:
        return Exchange(path="", headers=self.headers, body=json.dumps(body))


def post(identity: int) -> dict[str, Any]:
    return {"id": str(identity), "text": "acme", "author_id": str(identity)}


def x(server: ReplayServer, **options: Any) -> X:
    return X(XConfig(bearer_token=SecretStr("s3cret"), base_url=server.base, **options))


def door(one: X, *, now: datetime = NOW, ledger: MemoryLedger | None = None) -> Http:
    http = Http(Policy.parse("127.0.0.1/32"), now=now.timestamp)
    desk = Desk(ledger=ledger or MemoryLedger(one.quotas(), now=lambda: now))
    return http.budget(X.capabilities.max_requests, desk=desk)


async def poll(one: X, cursor: Cursor, http: Http) -> tuple[list[str], Cursor, list[Listening]]:
    pages = [page async for page in one.poll(ACME, cursor, http)]
    ids = [item.external_id for page in pages for item in page.items]
    last = json.loads(json.dumps(pages[-1].cursor)) if pages else cursor
    return ids, last, [page.listening for page in pages]


async def test_each_poll_reads_what_came_since_the_last_one() -> None:
    async with Platform() as server:
        old = server.add(*range(100, 5_000, 100))
        one = x(server)
        ids, cursor, _ = await poll(one, {}, door(one))
        assert set(ids) == set(old)
        server.now += timedelta(minutes=15)
        new = server.add(*range(0, 900, 10))
        ids, _, heard = await poll(one, cursor, door(one, now=server.now))
    assert set(new) <= set(ids)
    assert len(ids) <= len(new) + 1
    assert not any(each.missed for each in heard)


async def test_a_post_that_the_search_shows_late_is_still_read() -> None:
    async with Platform() as server:
        one = x(server)
        server.add(500)
        _, cursor, _ = await poll(one, {}, door(one))
        late = server.add(40)
        server.now += timedelta(minutes=15)
        server.add(10)
        ids, _, _ = await poll(one, cursor, door(one, now=server.now))
    assert set(late) <= set(ids)


async def test_a_walk_that_was_cut_goes_on_with_its_token() -> None:
    async with Platform() as server:
        names = server.add(*range(100, 3_100, 10))
        one = x(server, first_posts=2_000, monthly_cap=100.0)
        ids, cursor, _ = await poll(one, {}, door(one).budget(2))  # the count and a page
        assert len(ids) == 100
        rest, _, _ = await poll(one, cursor, door(one))
    assert {*ids, *rest} == set(names)


async def test_a_first_poll_reads_no_more_than_was_chosen_and_says_how_much_there_is() -> None:
    async with Platform() as server:
        server.add(*range(100, 5_100, 10))
        one = x(server, first_posts=150)
        ids, cursor, heard = await poll(one, {}, door(one))
        assert len(ids) == 150
        assert heard[0].note == "X holds 500 posts of the last 7 days"
        assert heard[-1].truncated
        assert "newest 150" in heard[-1].note
        again, _, _ = await poll(one, cursor, door(one))
    assert again == []


async def test_where_there_is_nothing_only_the_count_is_paid() -> None:
    async with Platform() as server:
        one = x(server)
        _, cursor, _ = await poll(one, {}, door(one))
        assert [asked.path for asked in server.asked] == ["/2/tweets/counts/recent"]
        await poll(one, cursor, door(one))
        assert server.asked[-1].path == "/2/tweets/search/recent"
        assert server.bill == Decimal("0.005")


async def test_a_quiet_search_is_not_taken_for_a_gap() -> None:
    async with Platform() as server:
        one = x(server)
        cursor: Cursor = {}
        for _ in range(4):
            _, cursor, heard = await poll(one, cursor, door(one, now=server.now))
            server.now += timedelta(days=3)
    assert not any(each.missed for each in heard)


async def test_a_pause_longer_than_the_window_is_a_gap_and_says_so() -> None:
    async with Platform() as server:
        one = x(server)
        server.add(1_000)
        _, cursor, _ = await poll(one, {}, door(one))
        server.now += timedelta(days=9)
        new = server.add(600_000, 60_000)
        ids, _, heard = await poll(one, cursor, door(one, now=server.now))
    assert set(ids) == set(new)
    assert heard[0].missed


@settings(deadline=None, max_examples=25)
@given(
    batches=st.lists(st.integers(0, 130), min_size=1, max_size=8),
    cap=st.sampled_from([0.5, 1.0, 2.0, 6.0]),
    authors=st.booleans(),
    count_first=st.booleans(),
)
async def test_the_bill_never_passes_the_cap(
    batches: list[int], cap: float, authors: bool, count_first: bool
) -> None:
    async with Platform() as server:
        one = x(server, monthly_cap=cap, authors=authors, count_first=count_first, first_posts=50,
                counts_a_month=10)  # fmt: skip
        ledger = MemoryLedger(one.quotas(), now=lambda: server.now)
        cursor: Cursor = {}
        for count in batches:
            server.now += timedelta(minutes=15)
            server.add(*(n * 5 for n in range(count)))
            with suppress(RateLimited):
                _, cursor, _ = await poll(one, cursor, door(one, now=server.now, ledger=ledger))
            assert server.bill <= Decimal(str(cap))
        counted = sum(ledger.spent.get(each.name, 0) * each.price for each in one.quotas())
    assert counted == server.bill


async def test_a_page_is_made_smaller_to_fit_what_is_left() -> None:
    async with Platform() as server:
        server.add(*range(100, 5_100, 10))
        one = x(server, monthly_cap=0.5, count_first=False, counts_a_month=0, authors=True)
        ids, cursor, _ = await poll(one, {}, door(one))
        assert server.asked[0].query["max_results"] == "33"  # 0.50 / (0.005 + 0.010)
        assert len(ids) == 33
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        await ledger.owe("posts read", 33)
        with pytest.raises(RateLimited) as caught:
            await poll(one, cursor, door(one, ledger=ledger))
    assert caught.value.retry_after == (datetime(2026, 12, 1, tzinfo=UTC) - NOW).total_seconds()


def test_a_cap_that_pays_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="raise it"):
        XConfig(bearer_token=SecretStr("t"), monthly_cap=0.3)


@pytest.mark.parametrize("options", [{}, {"authors": False}, {"reposts": True}, {"post_price": 1}])
def test_the_quotas_together_cost_no_more_than_the_cap(options: dict[str, Any]) -> None:
    chosen = XConfig(bearer_token=SecretStr("t"), monthly_cap=50.0, **options)
    assert sum(one.limit * one.price for one in quotas_of(chosen)) <= 50


@pytest.mark.parametrize(
    ("status", "body", "error", "told"),
    [
        (402, {"title": "CreditsDepleted"}, NeedsAttention, "no credits"),
        (403, {"type": "https://api.x.com/2/problems/credits"}, NeedsAttention, "no credits"),
        (429, {"type": "https://api.x.com/2/problems/usage-capped"}, NeedsAttention, "usage cap"),
        (403, {"reason": "client-not-enrolled"}, NeedsAttention, "pay-per-use"),
        (403, {}, NeedsAttention, "access denied"),
        (401, {"title": "Unauthorized"}, NeedsAttention, "bearer token"),
        (400, {"type": "https://api.x.com/2/problems/invalid-request"}, NeedsAttention, "extra"),
        (503, {}, Transient, "503"),
        (200, [], BadPayload, "no object"),
    ],
)
async def test_an_error_says_what_to_do(
    status: int, body: Any, error: type[CollectorError], told: str
) -> None:
    async with Platform() as server:
        server.special = lambda asked: Exchange(path="", status=status, body=json.dumps(body))
        one = x(server, count_first=False)
        with pytest.raises(error, match=told):
            await poll(one, {}, door(one))


async def test_what_x_refused_to_answer_is_given_back() -> None:
    async with Platform() as server:
        one = x(server, count_first=False)
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        server.special = lambda asked: Exchange(
            path="", status=429, headers={"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}
        )
        with pytest.raises(RateLimited) as caught:
            await poll(one, {}, door(one, ledger=ledger))
    assert caught.value.retry_after == 90
    assert set(ledger.spent.values()) == {0}


async def test_a_poll_stops_where_x_says_that_no_request_is_left() -> None:
    async with Platform() as server:
        server.add(*range(100, 3_100, 10))
        server.headers = {"x-rate-limit-remaining": "0"}
        one = x(server, count_first=False, first_posts=2_000)
        ids, _, _ = await poll(one, {}, door(one))
    assert len(ids) == 100


async def test_known_posts_are_read_again_only_where_that_is_paid_for() -> None:
    async with ReplayServer(read_exchanges(CASES / "paged")) as server:
        ids = json.loads((CASES / "paged" / "refresh.json").read_text("utf-8"))
        free, paid = x(server), x(server, refresh=True, authors=False, media=False)
        assert await free.refresh(ids, door(free)) == Page(listening=Listening(asked=0))
        page = await paid.refresh([*ids, "garbage"], door(paid))
    assert [(item.external_id, item.metrics["likes"]) for item in page.items] == [(ids[0], 40)]
    assert page.removed == tuple(ids[1:])


async def test_a_count_tells_how_much_there_is_before_it_is_paid_for() -> None:
    async with Platform() as server:
        server.add(100, 200)
        one = x(server)
        volume = await one.count(ACME, door(one))
    assert (volume.items, volume.days) == (2, 7.0)


async def test_without_words_a_person_must_act() -> None:
    async with Platform() as server:
        one = x(server)
        with pytest.raises(NeedsAttention, match="words"):
            [page async for page in one.poll(Narrowing(), {}, door(one))]


def test_the_abilities_are_there() -> None:
    one = X(XConfig(bearer_token=SecretStr("t")))
    for ability in (Refreshes, Metered, Counts):
        assert isinstance(one, ability)
    assert one.forecast(ACME) == {"posts read": 10.0, "authors read": 10.0, "counts": 1.0}


def test_an_id_tells_its_time() -> None:
    assert moment_of(id_at(NOW)) == NOW


def test_hostile_short_addresses_do_not_blow_a_text_up() -> None:
    urls = [{"url": "a", "expanded_url": f"https://x.example/{'a' * 3_000}"}] * 50
    short = {"url": "https://t.co/a", "expanded_url": f"https://x.example/{'a' * 3_000}"}
    record = {
        **post(1 << 60),
        "text": "https://t.co/a" * 4_000,
        "entities": {"urls": [*urls, short]},
    }
    (item,) = read_answer({"data": [record]}).items
    assert len(item.text) < 100_000
