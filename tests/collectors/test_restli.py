"""LinkedIn's API: headers, encoding, renewal, and errors that say what to do."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from collectors.errors import CollectorError, NeedsAttention, RateLimited, Transient
from collectors.replay import Exchange
from collectors.restli import Absent, Denied, Login, Rest, encoded, list_of
from tests.collectors.meta.test_graph import answer, served


def test_only_values_are_escaped() -> None:
    assert list_of(["urn:li:share:1", "a,b"]) == "List(urn%3Ali%3Ashare%3A1,a%2Cb)"
    assert encoded("é (1)") == "%C3%A9%20%281%29"


async def test_the_headers_are_as_documented() -> None:
    async with served(answer("/rest/x", {"elements": []})) as (server, http):
        one = Rest(server.base, "202609", SecretStr("tok"))
        assert await one.elements("/x", {"ids": list_of(["a:b"])}, http, needs="r_x") == []
    [asked] = server.asked
    assert asked.query == {"ids": "List(a:b)"}
    assert asked.headers["linkedin-version"] == "202609"
    assert asked.headers["x-restli-protocol-version"] == "2.0.0"
    assert asked.headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (401, NeedsAttention, "enter a new one"),
        (403, Denied, "r_organization_social"),
        (404, Absent, "nothing"),
        (426, NeedsAttention, "version"),
        (429, RateLimited, "wait"),
        (500, Transient, "500"),
    ],
)
async def test_a_status_says_what_must_be_done(
    status: int, error: type[CollectorError], told: str
) -> None:
    async with served(Exchange(path="/rest/x", status=status, body='{"message": "m"}')) as (
        server,
        http,
    ):
        one = Rest(server.base, "202609", SecretStr("tok"))
        with pytest.raises(error, match=told) as caught:
            await one.get("/x", {}, http, needs="r_organization_social")
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 43_200  # noon to midnight, when the day's count ends


async def test_a_refresh_token_gives_access_once_for_many_calls() -> None:
    given = {"access_token": "new", "expires_in": 5_184_000, "refresh_token": "next"}
    async with served(
        Exchange(path="/oauth/v2/accessToken", body=json.dumps(given)), answer("/rest/x", {})
    ) as (server, http):
        login = Login(
            client_id="c",
            client_secret=SecretStr("s"),
            refresh_token=SecretStr("r"),
            url=server.base,
        )
        for _ in range(2):
            one = Rest(server.base, "202609", SecretStr("old"), login=login)
            await one.get("/x", {}, http, needs="")
    assert [a.path for a in server.asked] == ["/oauth/v2/accessToken", "/rest/x", "/rest/x"]
    assert b"refresh_token=r" in server.asked[0].body
    assert server.asked[2].headers["authorization"] == "Bearer new"
