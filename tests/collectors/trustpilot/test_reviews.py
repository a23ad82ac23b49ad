"""Reviews are read or skipped one by one, and the key goes where it belongs only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from collectors.api import Narrowing
from collectors.errors import BadPayload, NeedsAttention
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.trustpilot.collector import Trustpilot, TrustpilotConfig
from collectors.trustpilot.reviews import read_reviews

GOOD = {"id": "64aa", "stars": 4, "createdAt": "2026-11-24T09:30:00Z"}
UNIT = "5f0c1d2e3b4a59687766aabb"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
FIELDS = ["id", "stars", "title", "text", "language", "createdAt", "updatedAt", "consumer"]
FIELDS += ["companyReply", "numberOfLikes", "reportData"]


def collector(server: ReplayServer, company: str) -> Trustpilot:
    key = SecretStr("k3y")
    config = TrustpilotConfig(companies=(company,), api_key=key, base_url=server.base)
    return Trustpilot(config)


@settings(deadline=None, max_examples=80)
@given(st.lists(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=4))
def test_no_review_stops_an_answer(odd: list[Any]) -> None:
    told = [*(GOOD | one | {"id": "b"} if isinstance(one, dict) else one for one in odd), GOOD]
    found = read_reviews({"reviews": told}, "https://www.trustpilot.com")
    assert "64aa" in {one.external_id for one in found.items}
    assert found.found == len(told)
    for one in found.items:
        (one.title + one.text + (one.author.name if one.author else "")).encode()


@pytest.mark.parametrize("answer", [None, [], {}, {"reviews": {}}, "text", 4])
def test_an_answer_without_a_list_is_refused(answer: Any) -> None:
    with pytest.raises(BadPayload):
        read_reviews(answer, "https://www.trustpilot.com")


def test_the_key_travels_in_a_header_and_in_no_address() -> None:
    async def run() -> None:
        server = ReplayServer(
            [Exchange(path=f"/v1/business-units/{UNIT}/reviews", body='{"reviews": []}')]
        )
        async with server, Http(Policy.parse("127.0.0.1/32")) as http:
            one = collector(server, UNIT)
            assert [page async for page in one.poll(Narrowing(), {}, http)]
            (asked,) = server.asked
            assert asked.headers["apikey"] == "k3y"
            assert "k3y" not in str(asked.query)

    asyncio.run(run())


def test_a_company_that_trustpilot_does_not_know_is_named() -> None:
    async def run() -> None:
        async with ReplayServer() as server, Http(Policy.parse("127.0.0.1/32")) as http:
            with pytest.raises(NeedsAttention, match=r"nobody\.example"):
                await collector(server, "nobody.example").check(http)

    asyncio.run(run())


def test_a_known_company_is_not_looked_up_again() -> None:
    async def run() -> list[str]:
        server = ReplayServer([
            Exchange(path="/v1/business-units/find", body=f'{{"id": "{UNIT}"}}'),
            Exchange(path=f"/v1/business-units/{UNIT}/reviews", body='{"reviews": []}'),
        ])  # fmt: skip
        async with server, Http(Policy.parse("127.0.0.1/32")) as http:
            one = collector(server, "velo.example")
            pages = [page async for page in one.poll(Narrowing(), {}, http)]
            server.asked.clear()
            assert [page async for page in one.poll(Narrowing(), pages[-1].cursor, http)]
            return [asked.path.rpartition("/")[2] for asked in server.asked]

    assert asyncio.run(run()) == ["reviews"]
