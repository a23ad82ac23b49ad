"""Points are counted as Product Hunt counts them; a lost place begins anew; nobody is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Page
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.producthunt.collector import POINTS, ProductHunt, ProductHuntConfig
from collectors.producthunt.posts import again, is_id, read_node, read_posts
from collectors.replay import Asked, Exchange, ReplayServer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
POST = {
    "id": "1", "name": "Nova", "url": "https://www.producthunt.com/products/nova",
    "createdAt": "2026-11-25T08:00:00Z",
}  # fmt: skip


def product_hunt(server: ReplayServer, **options: object) -> ProductHunt:
    config = {"base_url": server.base, "token": "t", **options}
    return ProductHunt(ProductHuntConfig.model_validate(config))


def ledger_of(one: ProductHunt) -> MemoryLedger:
    return MemoryLedger(one.quotas(), now=lambda: NOON)


async def polled(one: ProductHunt, ledger: MemoryLedger, cursor: Cursor) -> list[Page]:
    async with Http(Policy.parse("127.0.0.1/32"), now=NOON.timestamp) as http:
        child = http.budget(30, desk=Desk(ledger=ledger))
        return [page async for page in one.poll(Narrowing(), cursor, child)]


def answer(*nodes: Any, after: str = "", left: str = "6000") -> Exchange:
    info = {"hasNextPage": bool(after), "endCursor": after}
    posts = {"pageInfo": info, "edges": [{"node": node} for node in nodes]}
    headers = {"x-rate-limit-remaining": left} if left else {}
    return Exchange(path="/", body=json.dumps({"data": {"posts": posts}}), headers=headers)


@pytest.mark.parametrize(("left", "kept"), [("6000", 6_000), ("120", 120), ("", 5_750),
    ("a lot", 5_750), ("99999", 6_250)])  # fmt: skip
async def test_what_is_left_is_what_product_hunt_says(left: str, kept: int) -> None:
    async with ReplayServer([answer(POST, left=left)]) as server:
        one = product_hunt(server)
        ledger = ledger_of(one)
        await polled(one, ledger, {})
    assert await ledger.left(POINTS) == kept


async def test_a_poll_whose_points_do_not_suffice_waits_and_goes_on_there() -> None:
    async with ReplayServer([answer(POST, after="Mg", left="120")]) as server:
        one = product_hunt(server)
        pages = []
        async with Http(Policy.parse("127.0.0.1/32"), now=NOON.timestamp) as http:
            child = http.budget(30, desk=Desk(ledger=ledger_of(one)))
            with pytest.raises(RateLimited) as caught:
                async for page in one.poll(Narrowing(), {}, child):
                    pages.append(page)  # noqa: PERF401 - what came before the error is looked at
    assert 0 < (caught.value.retry_after or 0) < 900
    assert pages[0].cursor == {"walk": ["", "2026-11-25T12:00:00Z", "Mg"]}
    assert len(server.asked) == 1


async def test_a_place_that_is_not_known_any_more_begins_the_walk_again() -> None:
    wrong = Exchange(path="/", told='"after":"old"', body='{"errors": [{"message": "invalid"}]}')
    async with ReplayServer([wrong, answer(POST)]) as server:
        one = product_hunt(server)
        walk = ["2026-11-20T00:00:00Z", "2026-11-25T11:00:00Z", "old"]
        pages = await polled(one, ledger_of(one), {"walk": walk})
    assert [item.external_id for page in pages for item in page.items] == ["post/1"]
    assert pages[-1].cursor == {"walk": ["2026-11-25T11:00:00Z", "", ""]}


async def test_a_complaint_is_told_in_its_own_words() -> None:
    said = Exchange(path="/", body='{"data": null, "errors": [{"message": "Too\\ncomplex"}]}')
    async with ReplayServer([said]) as server:
        one = product_hunt(server)
        with pytest.raises(BadPayload, match="Product Hunt: Too complex"):
            await polled(one, ledger_of(one), {})


async def test_a_token_that_is_not_taken_asks_for_a_person() -> None:
    said = Exchange(path="/", body='{"data": null, "errors": [{"error": "invalid_oauth_token"}]}')
    async with ReplayServer([said]) as server:
        one = product_hunt(server)
        with pytest.raises(NeedsAttention, match="make a new one"):
            await polled(one, ledger_of(one), {})


class Silent(ReplayServer):
    """Knows nothing of what it is asked for, and complains about it where it is told to."""

    complains = False

    def _answer(self, asked: Asked) -> bytes:
        errors = [{"message": "x"}] if self.complains else []
        body = {"data": {"n0": None}, **({"errors": errors} if errors else {})}
        self.instead = Exchange(path="", body=json.dumps(body))
        return super()._answer(asked)


@pytest.mark.parametrize(("complains", "removed"), [(False, ["post/7"]), (True, [])])
async def test_only_a_null_without_a_complaint_means_gone(
    complains: bool, removed: list[str]
) -> None:
    async with Silent() as server:
        server.complains = complains
        async with Http(Policy.parse("127.0.0.1/32")) as http:
            page = await product_hunt(server).refresh(["post/7"], http)
    assert page.removed == removed


@pytest.mark.parametrize("identity", ["7", "user/7", "post/", "post/7) { id }", "post/²", "post/-7",
    "post/" + "7" * 30])  # fmt: skip
def test_what_is_no_id_never_stands_in_a_question(identity: str) -> None:
    assert not is_id(identity)


def test_every_known_thing_is_a_field_of_its_own() -> None:
    asked = again(["post/7", "comment/8"])
    assert 'n0: post(id: "7")' in asked
    assert 'n1: comment(id: "8")' in asked


def test_a_person_who_is_redacted_is_nobody() -> None:
    hidden = {"name": "[REDACTED]", "username": "[REDACTED]"}
    half = {"name": "Ann", "username": "[REDACTED]"}
    nobody = read_node({**POST, "user": hidden}, "post")
    somebody = read_node({**POST, "user": half}, "post")
    assert nobody.author is None  # type: ignore[union-attr]  # an Item
    assert somebody.author.id is None  # type: ignore[union-attr]  # an Item


@pytest.mark.parametrize("found", [None, [], "x", {"data": {}}, {"data": {"posts": None}},
    {"data": {"posts": {"edges": 3}}}])  # fmt: skip
def test_an_answer_without_posts_is_no_answer(found: object) -> None:
    with pytest.raises(BadPayload):
        read_posts(found)
