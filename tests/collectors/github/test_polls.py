"""Against a small GitHub on loopback: nothing is lost, and every wait is obeyed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import (
    Cursor,
    History,
    Listening,
    Metered,
    Narrowing,
    Profiles,
    Refreshes,
    Term,
)
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.github.collector import GitHub
from collectors.github.config import GitHubConfig, graphql_of
from collectors.github.records import read_records
from collectors.github.searches import MOST, left_out, searches
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LUMO = Narrowing(((Term("lumo"),),))
TOKEN = SecretStr("t0ken")


class Site(ReplayServer):
    """Issues and discussions by number and time; 100 an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[int, datetime] = {}
        self.talks: dict[int, datetime] = {}
        self.special: Callable[[Asked], Exchange | None] = lambda asked: None
        self.incomplete = False

    async def __aenter__(self) -> Site:
        await super().__aenter__()
        return self

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.special(asked) or self._own(asked)
        return super()._answer(asked)

    def _own(self, asked: Asked) -> Exchange:
        if asked.path == "/graphql":
            return self._graph(json.loads(asked.body)["variables"])
        query = asked.query["q"]
        found = [] if "is:pull-request" in query else _within(self.times, query)
        items = [_issue(n, self.times[n]) for n in found[: int(asked.query["per_page"])]]
        body = {"total_count": len(found), "incomplete_results": self.incomplete, "items": items}
        return Exchange(path="", body=json.dumps(body))

    def _graph(self, variables: dict[str, Any]) -> Exchange:
        found = _within(self.talks, variables["q"])[::-1]  # in no useful order
        at = int(variables["after"] or 0)
        page = found[at : at + variables["first"]]
        more = at + len(page) < len(found)
        info = {"hasNextPage": more, "endCursor": str(at + len(page))}
        nodes = [_talk(n, self.talks[n]) for n in page]
        search = {"discussionCount": len(found), "pageInfo": info, "nodes": nodes}
        return Exchange(path="", body=json.dumps({"data": {"search": search}}))


def _within(times: dict[int, datetime], query: str) -> list[int]:
    created = next(word for word in query.split() if word.startswith("created:"))
    low, _, high = created.removeprefix("created:").removeprefix(">=").partition("..")
    bounds = datetime.fromisoformat(low), datetime.fromisoformat(high) if high else NOW
    found = [n for n, at in times.items() if bounds[0] <= at <= bounds[1]]
    return sorted(found, key=lambda n: times[n], reverse=True)


def _issue(number: int, at: datetime) -> dict[str, Any]:
    return {"node_id": f"I_kw{number}", "html_url": f"https://github.com/a/b/issues/{number}",
            "title": "t", "body_html": "lumo", "created_at": at.isoformat()}  # fmt: skip


def _talk(number: int, at: datetime) -> dict[str, Any]:
    return {"id": f"D_kw{number}", "url": f"https://github.com/a/b/discussions/{number}",
            "title": "t", "bodyHTML": "lumo", "createdAt": at.isoformat()}  # fmt: skip


def github(site: ReplayServer, **options: Any) -> GitHub:
    return GitHub(GitHubConfig(base_url=site.base, **options))


def door(desk: Desk | None = None, at: datetime = NOW) -> Http:
    http = Http(Policy.parse("127.0.0.1/32"), now=at.timestamp)
    return http.budget(GitHub.capabilities.max_requests, desk=desk or Desk())


async def poll(
    one: GitHub, cursor: Cursor, http: Http, narrowing: Narrowing = LUMO
) -> tuple[set[str], Cursor, list[Listening]]:
    pages = [page async for page in one.poll(narrowing, cursor, http)]
    ids = {item.external_id for page in pages for item in page.items}
    last = json.loads(json.dumps(pages[-1].cursor)) if pages else cursor
    return ids, last, [page.listening for page in pages]


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


async def test_more_than_one_search_gives_is_read_in_slices_of_time() -> None:
    async with Site() as site:
        site.times = {n: ago(n * 2) for n in range(1, 1_501)}
        ids, cursor, _ = await poll(github(site), {}, door())
        assert len(ids) == 1_500
        site.times |= {n: ago(0) for n in range(2_000, 2_003)}
        ids, _, _ = await poll(github(site), cursor, door())
    assert {"I_kw2000", "I_kw2001", "I_kw2002"} <= ids
    assert len(ids) < 100


async def test_discussions_are_read_with_a_token_in_whatever_order_they_come() -> None:
    async with Site() as site:
        site.talks = {n: ago(n * 3) for n in range(1, 251)}
        ids, _, _ = await poll(github(site), {}, door())
        assert ids == set()
        one = github(site, token=TOKEN)
        ids, cursor, _ = await poll(one, {}, door().budget(4))  # issues, requests, two pages
        assert len(ids) == 200
        site.talks[999] = ago(-5)
        later = door(at=NOW + timedelta(minutes=10))
        more, cursor, _ = await poll(one, cursor, later)
        assert ids | more == {f"D_kw{n}" for n in range(1, 251)}
        last, _, _ = await poll(one, cursor, later)
    assert "D_kw999" in last
    assert {asked.headers["authorization"] for asked in site.asked[-3:]} == {"Bearer t0ken"}


async def test_a_search_that_ran_out_of_time_is_asked_again_from_where_it_was() -> None:
    async with Site() as site:
        site.times = {1: ago(5_000)}
        _, cursor, _ = await poll(github(site), {}, door())
        site.times |= {2: ago(10)}
        site.incomplete = True
        _, again, heard = await poll(github(site), cursor, door())
        assert heard[0].truncated
        site.times |= {3: ago(4_000)}  # what GitHub had not come to
        site.incomplete = False
        ids, _, _ = await poll(github(site), again, door())
    assert ids >= {"I_kw2", "I_kw3"}


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"retry-after": "77"}, "", 77),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795608030"}, "", 30),
        ({"x-ratelimit-remaining": "0"}, "", 60),
        ({}, '{"message": "You have exceeded a secondary rate limit."}', 60),
    ],
)
async def test_a_403_of_a_limit_is_a_wait(headers: dict[str, str], body: str, wait: int) -> None:
    async with Site() as site:
        site.special = lambda asked: Exchange(path="", status=403, headers=headers, body=body)
        with pytest.raises(RateLimited) as caught:
            await poll(github(site), {}, door())
    assert caught.value.retry_after == wait


async def test_a_plain_403_and_a_refused_search_say_what_to_do() -> None:
    async with Site() as site:
        site.special = lambda asked: Exchange(path="", status=403, body="forbidden")
        with pytest.raises(NeedsAttention, match="check the key"):
            await github(site).check(door())
        site.special = lambda asked: Exchange(path="", status=422, body="{}")
        with pytest.raises(NeedsAttention, match="repositories and owners"):
            await github(site, repos=("a/b",)).check(door())


async def test_used_up_points_are_a_wait_although_the_answer_is_a_200() -> None:
    def refuse(asked: Asked) -> Exchange | None:
        body = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]}'
        return Exchange(path="", body=body) if asked.path == "/graphql" else None

    async with Site() as site:
        site.special = refuse
        with pytest.raises(RateLimited):
            await poll(github(site, token=TOKEN), {}, door())


async def test_a_poll_stops_before_the_quota_and_goes_on_with_the_next_search() -> None:
    many = Narrowing(tuple((Term(f"word{n}" * 20),) for n in range(12)))
    async with Site() as site:
        one = github(site)
        cursor: Cursor = {}
        for minute in range(3):
            at = NOW + timedelta(minutes=minute)
            ledger = MemoryLedger(one.quotas(), now=lambda at=at: at)  # type: ignore[misc]
            _, cursor, heard = await poll(one, cursor, door(Desk(ledger=ledger), at), many)
            assert len(site.asked) == 10 * (minute + 1)
            assert "read at the next polls" in heard[-1].note
        queries = {asked.query["q"].split(" is:public")[0] for asked in site.asked}
    assert len(queries) == 6  # each for issues and for pull requests


async def test_the_check_looks_at_every_kind_that_will_be_read() -> None:
    async with Site() as site:
        await github(site, token=TOKEN, repos=("a/b",)).check(door())
        assert [asked.path for asked in site.asked].count("/search/issues") == 2
        assert [asked.path for asked in site.asked].count("/graphql") == 1


async def test_known_records_are_read_again_with_a_token_only() -> None:
    async with Site() as site:
        page = await github(site).refresh(["I_kw12"], door())
        assert page.listening.asked == 0
        assert site.asked == []
        site.special = lambda asked: Exchange(path="", body='{"data": {"nodes": [null, null]}}')
        page = await github(site, token=TOKEN).refresh(["I_kw12", "I_kw13"], door())
        assert page.listening.refused
        assert not page.removed
        with pytest.raises(BadPayload):
            await github(site, token=TOKEN).refresh(["I_kw12"], door())


async def test_a_wrong_login_is_refused_before_anything_is_asked() -> None:
    async with Site() as site:
        with pytest.raises(NeedsAttention, match="login"):
            await github(site).profile("../orgs", door())
        assert site.asked == []


async def test_without_words_and_scope_a_person_must_act() -> None:
    async with Site() as site:
        with pytest.raises(NeedsAttention, match="repositories or owners"):
            await poll(github(site), {}, door(), Narrowing())


def test_clauses_share_searches_within_length_and_operators() -> None:
    config = GitHubConfig(pull_requests=False)
    clauses = tuple((Term(f"w{n}"),) for n in range(8))
    assert [one.words for one in searches(Narrowing(clauses), config)] == [
        "(w0 OR w1 OR w2 OR w3 OR w4 OR w5)",
        "(w6 OR w7)",
    ]
    both = Narrowing(((Term("a b", "phrase"), Term("c")), (Term("or"),), (Term("@zoe", "handle"),)))
    assert [one.words for one in searches(both, config)] == ['(("a b" c) OR "or" OR zoe)']
    alone = Narrowing(((Term("a"), Term("b")),))
    assert [one.words for one in searches(alone, config)] == ["a b"]
    long = Narrowing(tuple((Term("x" * 120 + str(n)),) for n in range(3)))
    assert all(len(one.words) <= 256 for one in searches(long, config))
    assert left_out(Narrowing(((Term("y" * 300),),)), config)


@pytest.mark.parametrize(
    ("base", "told", "asked"),
    [
        ("https://api.github.com", "", "https://api.github.com/graphql"),
        ("https://git.acme.example/api/v3/", "", "https://git.acme.example/api/graphql"),
        ("https://a.example", "https://b.example/g", "https://b.example/g"),
    ],
)
def test_a_token_goes_to_no_other_host_than_the_one_chosen(
    base: str, told: str, asked: str
) -> None:
    assert graphql_of(GitHubConfig(base_url=base, graphql_url=told)) == asked


def test_scopes_and_kinds_are_asked_one_by_one() -> None:
    config = GitHubConfig(repos=("a/b",), owners=("c",), token=TOKEN)
    asked = searches(Narrowing(), config)
    assert {(one.scope, one.what) for one in asked} == {
        (scope, what)
        for scope in ("repo:a/b", "user:c")
        for what in ("issue", "pull-request", "discussion")
    }
    assert "is:public" in asked[0].query(0, None)
    hidden = searches(Narrowing(), config.model_copy(update={"private": True}))
    assert "is:public" not in hidden[0].query(0, None)


def test_the_largest_cursor_stays_small() -> None:
    times, talk = ["1795607900"] * 3, ["1795607900", "1795607900", "x" * 100]
    cursor = {f"{n:010}": talk if n % 3 else times for n in range(MOST)} | {"turn": "x" * 10}
    assert len(json.dumps(cursor)) < 4_096


def test_hostile_records_do_not_stop_the_rest() -> None:
    good = {**_issue(1, NOW), "title": "x\ud800"}
    odd: list[Any] = [None, 7, [], {}, {"node_id": []}, {**good, "node_id": "a b"},
                      {**good, "title": 7}, {**good, "created_at": "2026-01-01"}]  # fmt: skip
    items, skipped = read_records([*odd, good])
    assert [item.title for item in items] == ["x\ufffd"]
    assert len(skipped) == len(odd)


def test_the_abilities_are_there() -> None:
    one = GitHub(GitHubConfig())
    assert all(isinstance(one, kind) for kind in (Refreshes, History, Profiles, Metered))
    assert one.forecast(LUMO) == {"searches": 2.0}
    assert GitHub(GitHubConfig(token=TOKEN)).forecast(LUMO) == {"searches": 2.0, "points": 1.0}
