"""The Graph API's client: tokens stay where they belong, limits and errors say what to do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.desk import Token
from collectors.errors import CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.meta.errors import Forbidden, Missing, Spent, Unaccepted, usage_of
from collectors.meta.graph import Graph, Renewal, further_of
from collectors.replay import Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@asynccontextmanager
async def served(*exchanges: Exchange) -> AsyncIterator[tuple[ReplayServer, Http]]:
    async def at_once(seconds: float) -> None:
        pass

    async with (
        ReplayServer(list(exchanges)) as server,
        Http(Policy.parse("127.0.0.1/32"), sleep=at_once, now=NOW.timestamp) as http,
    ):
        yield server, http


def graph(server: ReplayServer, **more: Any) -> Graph:
    return Graph("Acme", server.base, "v25.0", SecretStr("tok-1"), **more)


def answer(path: str, body: Any, **more: Any) -> Exchange:
    return Exchange(path=path, body=json.dumps(body), **more)


async def test_the_token_goes_in_the_header_and_the_app_proves_itself() -> None:
    async with served(answer("/v25.0/1", {"id": "1"})) as (server, http):
        await graph(server, app_secret=SecretStr("app")).get("/1", {"fields": "id"}, http)
    asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer tok-1"
    assert "tok-1" not in str(asked.query)
    # hmac-sha256 of the token with the app's secret, in hexadecimal
    assert len(asked.query["appsecret_proof"]) == 64


@pytest.mark.parametrize(
    ("code", "sub", "error", "told"),
    [
        (190, 463, NeedsAttention, "make a new one"),
        (4, None, RateLimited, "wait"),
        (17, None, RateLimited, "wait"),
        (32, None, RateLimited, "wait"),
        (613, None, RateLimited, "wait"),
        (80002, None, RateLimited, "wait"),
        (18, 2207034, Spent, "hashtags"),
        (10, None, Forbidden, "pages_read"),
        (200, None, Forbidden, "pages_read"),
        (100, 33, Missing, "not there"),
        (100, None, Unaccepted, "settings"),
        (1, None, Transient, "passing"),
        (2, None, Transient, "passing"),
    ],
)
async def test_a_code_says_what_must_be_done(
    code: int, sub: int | None, error: type[CollectorError], told: str
) -> None:
    body = {"error": {"message": "secret text", "code": code, "error_subcode": sub}}
    async with served(answer("/v25.0/1", body, status=400)) as (server, http):
        with pytest.raises(error, match=told) as caught:
            await graph(server).get("/1", {}, http, needs="pages_read")
    assert "secret text" not in str(caught.value)


async def test_an_error_within_a_success_is_an_error() -> None:
    async with served(answer("/v25.0/1", {"error": {"code": 190}})) as (server, http):
        with pytest.raises(NeedsAttention):
            await graph(server).get("/1", {}, http)


async def test_an_unknown_code_is_judged_by_its_status() -> None:
    async with served(answer("/v25.0/1", {"error": {"code": 12345}}, status=503)) as (server, http):
        with pytest.raises(Transient):
            await graph(server).get("/1", {}, http)


async def test_a_refusal_waits_as_long_as_the_header_says() -> None:
    usage = json.dumps({"1": [{"call_count": 100, "estimated_time_to_regain_access": 7}]})
    body = {"error": {"code": 4}}
    exchange = answer("/v25.0/1", body, status=400, headers={"x-business-use-case-usage": usage})
    async with served(exchange) as (server, http):
        with pytest.raises(RateLimited) as caught:
            await graph(server).get("/1", {}, http)
    assert caught.value.retry_after == 420


async def test_a_nearly_full_limit_keeps_the_answer_and_stops_the_next_call() -> None:
    usage = json.dumps({"call_count": 96, "total_time": 1, "total_cputime": 1})
    async with served(answer("/v25.0/1", {"id": "1"}, headers={"x-app-usage": usage})) as (
        server,
        http,
    ):
        one = graph(server)
        assert await one.get("/1", {}, http) == {"id": "1"}
        with pytest.raises(RateLimited) as caught:
            await one.get("/1", {}, http)
    assert caught.value.retry_after == 600
    assert len(server.asked) == 1


@pytest.mark.parametrize("header", ["", "no json", "[]", '{"1": 3, "2": ["x"], "call_count": "9"}'])
def test_an_odd_usage_header_says_nothing(header: str) -> None:
    assert usage_of({"x-app-usage": header}) == (0.0, 0.0)


def test_the_next_address_lends_its_cursor_only() -> None:
    following = "https://evil.example/x?access_token=T&after=A&limit=9"
    found = {"paging": {"cursors": {"after": "A"}, "next": following}}
    assert further_of(found, cursors=False) == "after=A"
    assert further_of({"paging": {"cursors": {"after": "A"}}}, cursors=False) == ""
    assert further_of({"paging": {"cursors": {"after": "A"}}}, cursors=True) == "after=A"
    assert further_of({"paging": {"next": "https://[::1"}}, cursors=False) == ""
    assert further_of({"paging": []}, cursors=True) == ""


RENEWAL = Renewal(path="/refresh_access_token", params={"grant_type": "th_refresh_token"})


async def test_a_token_is_renewed_before_it_ends_and_kept() -> None:
    renewed = answer("/refresh_access_token", {"access_token": "tok-2", "expires_in": 5_184_000})
    async with served(renewed, answer("/v25.0/1", {"id": "1"})) as (server, http):
        one = graph(server, renewal=RENEWAL)
        await one.get("/1", {}, http)  # a day has to pass first
        assert [a.path for a in server.asked] == ["/v25.0/1"]
        name = next(iter(http.desk.tokens._kept))  # type: ignore[attr-defined]
        await http.desk.tokens.put(name, Token(value="tok-1", expires_at=NOW + timedelta(days=9)))
        await one.get("/1", {}, http)
        kept = await http.desk.tokens.get(name)
    assert server.asked[1].query["access_token"] == "tok-1"
    assert server.asked[2].headers["authorization"] == "Bearer tok-2"
    assert kept == Token(value="tok-2", expires_at=NOW + timedelta(days=60))


async def test_a_failed_renewal_goes_on_with_the_token_there_is() -> None:
    async with served(
        Exchange(path="/refresh_access_token", status=500), answer("/v25.0/1", {"id": "1"})
    ) as (server, http):
        one = graph(server, renewal=RENEWAL)
        await one.get("/1", {}, http)
        name = next(iter(http.desk.tokens._kept))  # type: ignore[attr-defined]
        await http.desk.tokens.put(name, Token(value="tok-1", expires_at=NOW + timedelta(days=9)))
        assert await one.get("/1", {}, http) == {"id": "1"}


async def test_a_newly_entered_token_is_not_hidden_by_an_older_one() -> None:
    async with served(answer("/v25.0/1", {"id": "1"})) as (server, http):
        await graph(server, renewal=RENEWAL).get("/1", {}, http)
        other = Graph("Acme", server.base, "v25.0", SecretStr("tok-9"), renewal=RENEWAL)
        await other.get("/1", {}, http)
    assert server.asked[1].headers["authorization"] == "Bearer tok-9"
