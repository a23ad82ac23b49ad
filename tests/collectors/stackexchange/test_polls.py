"""What the API says beside its items is obeyed, and nothing is lost by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Cursor, History, Metered, Narrowing, Refreshes, Term
from collectors.desk import Desk, MemoryLedger
from collectors.errors import NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer
from collectors.stackexchange.collector import StackExchange
from collectors.stackexchange.config import StackExchangeConfig
from collectors.stackexchange.posts import host_of, item_of, read_records
from collectors.stackexchange.searches import SEARCHES, left_out, searches

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
LUMO = Narrowing(((Term("lumo"),),))


class Site(ReplayServer):
    """Questions by id and time; `said`: what each answer says besides."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[int, int] = {}
        self.said: dict[str, Any] = {}

    async def __aenter__(self) -> Site:
        await super().__aenter__()
        return self

    def _answer(self, asked: Asked) -> bytes:
        if not asked.path.startswith("/search"):
            ids = asked.path.rsplit("/", 1)[-1].split(";")
            return self._told([self._question(int(one)) for one in ids], more=False)
        low, high = int(asked.query.get("fromdate", 0)), int(asked.query.get("todate", AT))
        found = sorted(
            (i for i, at in self.times.items() if low <= at <= high),
            key=lambda i: -self.times[i],
        )
        size = int(asked.query["pagesize"])
        return self._told([self._question(one) for one in found[:size]], more=len(found) > size)

    def _question(self, number: int) -> dict[str, Any]:
        return {"question_id": number, "creation_date": self.times[number], "title": "t",
                "body": "lumo"}  # fmt: skip

    def _told(self, items: list[dict[str, Any]], *, more: bool) -> bytes:
        body = json.dumps({"items": items, "has_more": more, **self.said})
        self.instead = Exchange(path="", body=body)
        return super()._answer(Asked(method="", path="", query={}, headers={}))


def collector(site: ReplayServer, **options: Any) -> StackExchange:
    return StackExchange(StackExchangeConfig(base_url=site.base, **options))


def door(desk: Desk | None = None, at: datetime = NOW) -> Http:
    http = Http(Policy.parse("127.0.0.1/32"), now=at.timestamp)
    return http.budget(StackExchange.capabilities.max_requests, desk=desk or Desk())


async def poll(
    one: StackExchange, cursor: Cursor, http: Http, narrowing: Narrowing = LUMO
) -> tuple[list[str], Cursor]:
    pages = [page async for page in one.poll(narrowing, cursor, http)]
    ids = [item.external_id for page in pages for item in page.items]
    return ids, json.loads(json.dumps(pages[-1].cursor)) if pages else cursor


async def test_what_came_since_the_last_poll_is_read_whole() -> None:
    async with Site() as site:
        site.times = {n + 1: AT - 90_000 - n * 60 for n in range(150)}
        ids, cursor = await poll(collector(site), {}, door())
        assert len(ids) == 150
        site.times |= {n + 1_000: AT - n * 60 for n in range(350)}
        ids, _ = await poll(collector(site), cursor, door())
    assert set(ids) >= {f"stackoverflow/q{n + 1_000}" for n in range(350)}


async def test_a_backoff_ends_the_poll_and_holds_for_the_next_one() -> None:
    async with Site() as site:
        site.times = {n + 1: AT - n * 60 for n in range(250)}
        site.said = {"backoff": 40}
        ids, cursor = await poll(collector(site), {}, door())
        assert len(ids) == 100
        asked = len(site.asked)
        with pytest.raises(RateLimited) as caught:
            await poll(collector(site), cursor, door(at=NOW + timedelta(seconds=10)))
        assert caught.value.retry_after == 30
        assert len(site.asked) == asked
        site.said = {}
        more, _ = await poll(collector(site), cursor, door(at=NOW + timedelta(seconds=41)))
    assert len({*ids, *more}) == 250


@pytest.mark.parametrize(
    ("message", "wait"),
    [("too many requests, more available in 4321 seconds", 4_321), ("Violation of backoff", 60)],
)
async def test_a_throttle_that_comes_as_a_400_is_a_wait(message: str, wait: int) -> None:
    async with ReplayServer() as site:
        body = {"error_id": 502, "error_name": "throttle_violation", "error_message": message}
        site.instead = Exchange(path="", status=400, body=json.dumps(body))
        with pytest.raises(RateLimited) as caught:
            await poll(collector(site), {}, door())
    assert caught.value.retry_after == wait


async def test_other_refusals_say_what_to_do() -> None:
    async with ReplayServer() as site:
        body = {"error_id": 400, "error_name": "bad_parameter", "error_message": "s3cret"}
        site.instead = Exchange(path="", status=400, body=json.dumps(body))
        with pytest.raises(NeedsAttention, match="bad_parameter: check the sites and the key"):
            await collector(site).check(door())
        site.instead = Exchange(path="", status=400, body=json.dumps({"error_id": 503}))
        with pytest.raises(Transient):
            await collector(site).check(door())


async def test_what_the_api_says_is_left_is_counted_although_others_spent_it() -> None:
    async with Site() as site:
        one = collector(site, whole=False)
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        site.said = {"quota_remaining": 7}
        await poll(one, {}, door(Desk(ledger=ledger)))
        assert await ledger.left("requests") == 7
        site.said = {"quota_remaining": 0}
        await poll(one, {}, door(Desk(ledger=ledger)))
        with pytest.raises(RateLimited) as caught:
            await poll(one, {}, door(Desk(ledger=ledger)))
    assert caught.value.retry_after == 12 * 3_600  # midnight UTC


async def test_a_key_is_sent_and_opens_more() -> None:
    async with Site() as site:
        one = collector(site, key=SecretStr("k3y"))
        await one.check(door())
        assert site.asked[0].query["key"] == "k3y"
    assert one.quotas()[0].limit == 10_000
    assert StackExchange(StackExchangeConfig()).quotas()[0].limit == 300
    assert StackExchange(StackExchangeConfig(requests_per_day=50)).quotas()[0].limit == 50


async def test_an_answer_for_none_of_many_removes_none() -> None:
    async with ReplayServer() as site:
        site.instead = Exchange(path="", body='{"items": []}')
        page = await collector(site).refresh(["unix/q1", "unix/q2", "../q3"], door())
        assert not page.removed
        assert page.listening.refused
        page = await collector(site).refresh(["unix/q1"], door())
    assert page.removed == ["unix/q1"]


async def test_without_words_and_tags_a_person_must_act() -> None:
    async with Site() as site:
        with pytest.raises(NeedsAttention, match="tags, or words"):
            await poll(collector(site), {}, door(), Narrowing())


def test_clauses_become_searches_never_narrower() -> None:
    config = StackExchangeConfig(sites=("unix",), query_length=40)
    clauses = (
        (Term("a b", "phrase"), Term("#tag", "hashtag"), Term('say "x"', "phrase")),
        (Term("@zoe", "handle"),),
        (Term("w" * 60),),
    )
    narrowing = Narrowing(clauses)
    assert [one.words for one in searches(narrowing, config)] == ['"a b" tag "say x"', "zoe"]
    assert left_out(narrowing, config)
    assert not left_out(LUMO, config)
    many = Narrowing(tuple((Term(f"w{n}"),) for n in range(SEARCHES + 1)))
    assert left_out(many, config)


def test_the_largest_cursor_stays_small() -> None:
    walk = ["1795607900", "1795607900", "1795607900"]
    cursor = {f"{n:010}": walk for n in range(SEARCHES)} | {"turn": "x" * 10, "wait": 1795607900}
    assert len(json.dumps(cursor)) < 4_096


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("stackoverflow", "stackoverflow.com"),
        ("pt.stackoverflow", "pt.stackoverflow.com"),
        ("meta.superuser", "meta.superuser.com"),
        ("mathoverflow.net", "mathoverflow.net"),
        ("unix", "unix.stackexchange.com"),
        ("meta", "meta.stackexchange.com"),
    ],
)
def test_a_site_is_found_where_people_read_it(site: str, host: str) -> None:
    assert host_of(site) == host


def test_hostile_records_do_not_stop_the_rest() -> None:
    good = {"question_id": 1, "creation_date": AT, "title": "a &amp; b\ud800", "body": "<p>x"}
    odd: list[Any] = [
        None, 7, [], {}, {"question_id": True}, {"answer_id": [], "creation_date": AT},
        {"question_id": 2, "creation_date": 1e400, "title": ""},
        {"question_id": 3, "creation_date": 10**30, "title": ""},
        {"question_id": 4, "creation_date": AT, "title": {}},
        {"question_id": 5, "creation_date": AT, "title": "t", "body": 7},
    ]  # fmt: skip
    items, skipped = read_records([*odd, good], "unix")
    assert [item.title for item in items] == ["a & b\ufffd"]
    assert len(skipped) == len(odd)
    item = item_of({**good, "owner": {"display_name": 7}, "score": "many", "link": 5}, "unix")
    assert (item.author, item.metrics) == (None, {})


def test_the_abilities_are_there() -> None:
    one = StackExchange(StackExchangeConfig(tags=("lumo",)))
    assert all(isinstance(one, ability) for ability in (Refreshes, History, Metered))
    assert one.forecast(LUMO) == {"requests": 6.0}
