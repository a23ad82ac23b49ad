"""Odd input is answered as input that cannot be used, never as a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest

from app.config import Settings
from tests.support.web import House

RULE = {"name": "r", "kind": "mention"}
MASTODON = {"kind": "mastodon", "name": "m", "config": {"instance": "http://[", "hashtags": ["a"]}}


async def test_an_origin_that_cannot_be_read_is_another_sites(house: House) -> None:
    async with house.caller({"Origin": "http://[x"}) as nobody:
        assert (await nobody.post("/setup/abc")).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rules", {**RULE, "channel_ids": ["²"]}),
        ("rules", {**RULE, "channel_ids": ["9" * 25]}),
        ("rules", {**RULE, "filter": {"brands": ["²"]}}),
        ("rules", {**RULE, "filter": {"sources": ["9" * 25]}}),
        ("sources", MASTODON),
        ("sources/check", {key: MASTODON[key] for key in ("kind", "config")}),
    ],
)
async def test_an_odd_body_is_a_422(house: House, path: str, body: dict[str, Any]) -> None:
    async with house.as_key("admin") as admin:
        await admin.post("/api/v1/watchlists", json={"name": "w"})
        assert (await admin.post(f"/api/v1/{path}", json=body)).status_code == 422


@pytest.mark.parametrize(
    "question",
    [
        "trends/volume?end=0001-01-01T00:00:00Z",
        "trends/share-of-voice?end=9999-12-31T23:59:59Z",
        "trends/breakdown?start=0001-01-01T00:00:00%2B14:00",
        "items?until=9999-12-31T23:59:59Z",
        "mentions?since=0001-01-01T00:00:00%2B14:00",
        "digests/preview?day=0001-01-01",
    ],
)
async def test_the_ends_of_the_calendar_are_a_422(house: House, question: str) -> None:
    async with house.as_key("admin") as admin:
        await admin.post("/api/v1/watchlists", json={"name": "w"})
        assert (await admin.get(f"/api/v1/{question}")).status_code == 422


def test_a_link_to_an_ipv6_address_can_be_opened() -> None:
    assert Settings(host="::1", port=9000).public_url == "http://[::1]:9000"


@pytest.mark.parametrize("host", ["x/static/", "x/setup/a?", "x/unsubscribe/#"])
async def test_a_host_that_looks_like_a_public_path_opens_nothing(house: House, host: str) -> None:
    async with house.caller({"Host": host}) as nobody:
        assert (await nobody.get("/api/v1/watchlists")).status_code == 401


async def test_an_etag_in_other_digits_is_not_ours(house: House) -> None:
    async with house.as_key("admin") as admin:
        made = (await admin.post("/api/v1/watchlists", json={"name": "w"})).json()
        answer = await admin.patch(
            f"/api/v1/watchlists/{made['id']}",
            json={"name": "x"},
            headers={b"If-Match": b'"v\xb2"'},
        )
    assert answer.status_code == 412
