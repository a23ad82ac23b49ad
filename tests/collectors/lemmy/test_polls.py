"""Against a small instance on loopback that speaks either API: nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Cursor, History, Metered, Narrowing, Refreshes, Term
from collectors.desk import Desk, MemoryLedger
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.lemmy.collector import Lemmy
from collectors.lemmy.config import LemmyConfig
from collectors.lemmy.searches import MOST, left_out, searches
from collectors.lemmy.views import read_views
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LUMO = Narrowing(((Term("lumo"),),))


class Site(ReplayServer):
    """Posts by number and time, no comments; `version`: the API that it speaks."""

    def __init__(self, version: str = "v3") -> None:
        super().__init__()
        self.version = version
        self.times: dict[int, datetime] = {}
        self.special: Callable[[Asked], Exchange | None] = lambda asked: None

    async def __aenter__(self) -> Site:
        await super().__aenter__()
        return self

    def add(self, numbers: range, *, newest: datetime, step: int = 10) -> set[int]:
        top = max(numbers)
        self.times |= {n: newest - timedelta(minutes=step * (top - n)) for n in numbers}
        return set(numbers)

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.special(asked) or self._own(asked)
        return super()._answer(asked)

    def _own(self, asked: Asked) -> Exchange:
        if not asked.path.startswith(f"/api/{self.version}/"):
            return Exchange(path="", status=404)
        what = asked.path.rsplit("/", 1)[-1]
        if what == "site":
            return _json({"site_view": {}})
        if what == "resolve_object":
            number = int(asked.query["q"].rsplit("/", 1)[-1])
            if number not in self.times:
                return _json({"error": "couldnt_find_object"}, status=400)
            return _json({"post": self._view(number)})
        listed = sorted(self.times, key=lambda n: self.times[n], reverse=True)
        return self._v3(asked, listed) if self.version == "v3" else self._v4(asked, listed)

    def _v3(self, asked: Asked, listed: list[int]) -> Exchange:
        page = int(asked.query["page"])
        shown = listed[50 * (page - 1) : 50 * page] if asked.query["type_"] == "Posts" else []
        return _json({"posts": [self._view(n) for n in shown], "comments": []})

    def _v4(self, asked: Asked, listed: list[int]) -> Exchange:
        if asked.query["type_"] != "posts":
            return _json({"search": []})
        oldest = NOW - timedelta(seconds=int(asked.query["time_range_seconds"]))
        listed = [n for n in listed if self.times[n] > oldest]
        place = asked.query.get("page_cursor", "")
        if place and int(place[1:]) not in listed:
            return _json({"error": "not_found"}, status=404)
        at = listed.index(int(place[1:])) + 1 if place else 0
        shown = listed[at : at + 50]
        more = {"next_page": f"P{shown[-1]}"} if at + 50 < len(listed) else {}
        return _json({"search": [self._view(n) for n in shown], **more})

    def _view(self, number: int) -> dict[str, Any]:
        post = {"ap_id": f"https://a.example/post/{number}", "name": "lumo",
                "published": self.times[number].isoformat()}  # fmt: skip
        return {"post": post, "creator": {"name": "zoe"}}


def _json(body: object, *, status: int = 200) -> Exchange:
    return Exchange(path="", status=status, body=json.dumps(body))


def lemmy(site: ReplayServer, **options: Any) -> Lemmy:
    return Lemmy(LemmyConfig(instance=site.base, **options))


def door(
    at: datetime = NOW, *, requests: int = Lemmy.capabilities.max_requests, desk: Desk | None = None
) -> Http:
    http = Http(Policy.parse("127.0.0.1/32"), now=at.timestamp)
    return http.budget(requests, desk=desk or Desk())


async def poll(
    one: Lemmy, cursor: Cursor, http: Http, narrowing: Narrowing = LUMO
) -> tuple[set[int], Cursor]:
    pages = [page async for page in one.poll(narrowing, cursor, http)]
    ids = {int(item.external_id.rsplit("/", 1)[-1]) for page in pages for item in page.items}
    return ids, json.loads(json.dumps(pages[-1].cursor)) if pages else cursor


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_what_came_since_the_last_poll_is_read_whole_and_a_cut_loses_nothing(
    version: str,
) -> None:
    async with Site(version) as site:
        old = site.add(range(1, 101), newest=NOW - timedelta(days=1))
        ids, cursor = await poll(lemmy(site), {}, door())
        assert ids == old
        new = site.add(range(101, 301), newest=NOW, step=3)
        ids, cursor = await poll(lemmy(site), cursor, door(requests=2))
        assert 0 < len(ids) < 200
        more, cursor = await poll(lemmy(site), cursor, door())
        assert ids | more >= new
        last, _ = await poll(lemmy(site), cursor, door())
    assert len(last) < 60  # what lies within the overlap
    assert [asked.path for asked in site.asked].count("/api/v4/site") == 1


async def test_a_first_poll_reaches_back_the_days_that_were_chosen() -> None:
    for version in ("v3", "v4"):
        async with Site(version) as site:
            site.add(range(1, 1_001), newest=NOW, step=30)
            ids, _ = await poll(lemmy(site, first_days=2), {}, door())
            assert set(range(1_000 - 95, 1_001)) <= ids
            assert len(ids) <= 150


async def test_a_place_that_was_deleted_meanwhile_does_not_end_the_walk() -> None:
    async with Site("v4") as site:
        numbers = site.add(range(1, 151), newest=NOW)
        ids, cursor = await poll(lemmy(site), {}, door(requests=2))
        gone = 150 - 49
        assert gone in ids
        del site.times[gone]
        more, _ = await poll(lemmy(site), cursor, door())
    assert ids | more == numbers


async def test_an_instance_that_moved_on_to_v4_is_followed_after_a_week() -> None:
    async with Site("v3") as site:
        site.add(range(1, 101), newest=NOW)
        one = lemmy(site, first_days=30)
        _, cursor = await poll(one, {}, door(requests=2))
        site.version = "v4"
        late = NOW + timedelta(days=8)
        ids, cursor = await poll(one, cursor, door(late))
    assert ids == set(range(1, 101))
    assert cursor["api"] == ["v4", int(late.timestamp())]


async def test_a_post_from_the_future_does_not_hide_what_is_to_come() -> None:
    async with Site() as site:
        site.add(range(1, 3), newest=NOW + timedelta(days=400))
        _, cursor = await poll(lemmy(site), {}, door())
        site.add(range(3, 5), newest=NOW + timedelta(minutes=30))
        ids, _ = await poll(lemmy(site), cursor, door(NOW + timedelta(hours=1)))
    assert ids >= {3, 4}


@pytest.mark.parametrize("status", [400, 429])
async def test_a_limit_is_a_wait_though_older_instances_call_it_a_400(status: int) -> None:
    async with Site() as site:
        site.special = lambda asked: _json({"error": "rate_limit_error"}, status=status)
        with pytest.raises(RateLimited) as caught:
            await poll(lemmy(site, api="v3"), {}, door())
        assert caught.value.retry_after == 600
        site.special = lambda asked: Exchange(
            path="", status=429, headers={"retry-after": "7"}, body='{"error": "rate_limit_error"}'
        )
        with pytest.raises(RateLimited) as caught:
            await lemmy(site).check(door())
    assert caught.value.retry_after == 7


async def test_searches_are_counted_and_go_on_in_their_turn() -> None:
    many = Narrowing(tuple((Term(f"word{n}"),) for n in range(6)))
    async with Site() as site:
        one = lemmy(site, searches=5, api="v3")
        cursor: Cursor = {}
        for window in range(3):
            at = NOW + timedelta(seconds=600 * window)
            ledger = MemoryLedger(one.quotas(), now=lambda at=at: at)  # type: ignore[misc]
            _, cursor = await poll(one, cursor, door(at, desk=Desk(ledger=ledger)), many)
        asked = {(one.query["q"], one.query["type_"]) for one in site.asked}
    assert len(asked) == 12
    assert one.forecast(many) == {"searches": 12.0}


async def test_a_web_page_in_place_of_the_new_api_means_the_old_one() -> None:
    async with Site() as site:
        page = Exchange(path="", body="<html>")
        site.special = lambda asked: page if "v4" in asked.path else None
        await lemmy(site, token=SecretStr("jwt")).check(door())
        assert site.asked[-1].path == "/api/v3/search"
        assert site.asked[-1].headers["authorization"] == "Bearer jwt"


async def test_history_goes_back_to_the_day_and_can_be_cut_anywhere() -> None:
    since = NOW - timedelta(days=5)
    for version in ("v3", "v4"):
        async with Site(version) as site:
            numbers = site.add(range(1, 301), newest=NOW, step=60)
            wanted = {n for n in numbers if site.times[n] >= since}
            got: set[int] = set()
            cursor: Cursor = {}
            for _ in range(20):
                walk = lemmy(site).backfill(LUMO, since, cursor, door(requests=2))
                pages = [page async for page in walk]
                if not pages:
                    break
                items = [item for page in pages for item in page.items]
                got |= {int(item.external_id.rsplit("/", 1)[-1]) for item in items}
                cursor = json.loads(json.dumps(pages[-1].cursor))
            assert pages == []
            # v4's range leaves out its very edge.
            assert wanted - got <= {n for n in numbers if site.times[n] == since}


async def test_an_answer_for_none_of_many_removes_none() -> None:
    async with Site() as site:
        site.add(range(1, 3), newest=NOW)
        ids = [f"https://a.example/post/{n}" for n in (1, 8)]
        page = await lemmy(site).refresh([*ids, "/post/1", "javascript:x"], door())
        assert [item.external_id for item in page.items] == ids[:1]
        assert page.removed == ids[1:]
        page = await lemmy(site).refresh([f"https://a.example/post/{n}" for n in (8, 9)], door())
        assert not page.removed
        assert page.listening.refused
        assert await lemmy(site).refresh(["garbage"], door()) is not None


async def test_what_was_read_before_a_limit_is_kept() -> None:
    async with Site() as site:
        site.add(range(1, 6), newest=NOW)
        one = lemmy(site, searches=2, api="v3")
        desk = Desk(ledger=MemoryLedger(one.quotas(), now=lambda: NOW))
        ids = [f"https://a.example/post/{n}" for n in range(1, 6)]
        page = await one.refresh(ids, door(desk=desk))
        assert [item.external_id for item in page.items] == ids[:2]
        assert not page.removed
        with pytest.raises(RateLimited):
            await one.refresh(ids, door(desk=desk))


async def test_without_words_and_communities_a_person_must_act() -> None:
    async with Site() as site:
        with pytest.raises(NeedsAttention, match="communities, or words"):
            await poll(lemmy(site), {}, door(), Narrowing())


def test_of_a_clause_the_longest_term_is_asked_for() -> None:
    config = LemmyConfig(instance="https://a.example", comments=False)
    clauses = ((Term("lumo"), Term("Lumo CLI", "phrase")), (Term("#vélo", "hashtag"),))
    assert [one.words for one in searches(Narrowing(clauses), config)] == ["Lumo CLI", "vélo"]
    many = Narrowing(tuple((Term(f"w{n}"),) for n in range(MOST + 1)))
    assert left_out(many, config)
    assert not left_out(LUMO, config)


def test_the_largest_cursor_stays_small() -> None:
    walk = ["1795607900", "1795607900", "v4:" + "x" * 60]
    cursor = {f"{n:010}": walk for n in range(MOST)} | {"turn": "x" * 10, "api": ["v4", 1795607900]}
    assert len(json.dumps(cursor)) < 4_096


def test_hostile_records_do_not_stop_the_rest() -> None:
    post = {"ap_id": "https://a.example/post/1", "name": "x\ud800", "published": NOW.isoformat()}
    odd: list[Any] = [
        None, 7, [], {}, {"post": []}, {"post": {**post, "ap_id": "post/1"}},
        {"post": {**post, "ap_id": "https://a.example/" + "x" * 600}},
        {"post": {**post, "published": 7}}, {"post": {**post, "name": 7}},
        {"comment": {**post, "content": "x"}, "post": None},
    ]  # fmt: skip
    read = read_views([*odd, {"post": post, "creator": {"name": "z", "actor_id": "http://["}}])
    assert [item.title for item in read.items] == ["x\ufffd"]
    assert len(read.skipped) == len(odd)


def test_the_abilities_are_there() -> None:
    one = Lemmy(LemmyConfig(instance="https://a.example"))
    assert all(isinstance(one, ability) for ability in (Refreshes, History, Metered))
    with pytest.raises(ValueError, match="instance"):
        LemmyConfig(instance="https://[")
