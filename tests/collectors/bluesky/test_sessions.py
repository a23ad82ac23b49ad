"""Sessions are kept, renewed and counted; a cursor that is refused is not asked for again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from collectors.api import Cursor, Narrowing, Page, Term, Wanted
from collectors.bluesky.collector import Bluesky, BlueskyConfig
from collectors.bluesky.xrpc import LOGINS, expiry
from collectors.desk import Desk, MemoryLedger, MemoryTokens, Token
from collectors.errors import NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
LOGIN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
WORDS = Narrowing(((Term("acme"),),))


def jwt(expires: datetime) -> str:
    body = base64.urlsafe_b64encode(json.dumps({"exp": expires.timestamp()}).encode()).decode()
    return f"e30.{body.rstrip('=')}.sig"


def session(expires: datetime, name: str = "") -> str:
    return json.dumps({"accessJwt": jwt(expires), "refreshJwt": f"refresh{name}", "did": "did:x"})


def view(number: int, at: datetime = NOW - timedelta(hours=1)) -> dict[str, Any]:
    return {
        "uri": f"at://did:plc:a/app.bsky.feed.post/{number}",
        "author": {"did": "did:plc:a", "handle": "a.test"},
        "record": {"text": f"acme {number}", "createdAt": at.isoformat()},
        "indexedAt": at.isoformat(),
    }


def posts(*views: dict[str, Any], cursor: str = "") -> str:
    return json.dumps({"posts": views} | ({"cursor": cursor} if cursor else {}))


class House:
    """A server, a client and a desk that outlive the polls."""

    def __init__(self, server: ReplayServer, http: Http) -> None:
        self.server = server
        self.tokens = MemoryTokens()
        self.config = BlueskyConfig(
            identifier="a.test", app_password=SecretStr("pw"), pds=server.base, appview=server.base
        )
        self.one = Bluesky(self.config)
        self.ledger = MemoryLedger(self.one.quotas(), now=lambda: NOW)
        self.http = http.budget(100, desk=Desk(tokens=self.tokens, ledger=self.ledger))

    async def poll(self, cursor: Cursor | None = None) -> list[Page]:
        return [page async for page in self.one.poll(WORDS, cursor or {}, self.http)]

    def asked(self, path: str) -> list[Mapping[str, str]]:
        return [one.query for one in self.server.asked if one.path == path]


@pytest.fixture
async def house() -> Any:
    async with (
        ReplayServer() as server,
        Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http,
    ):
        yield House(server, http)


async def test_one_login_serves_many_polls(house: House) -> None:
    house.server.exchanges = [
        Exchange(path=LOGIN, body=session(NOW + timedelta(hours=2))),
        Exchange(path=SEARCH, body=posts(view(1))),
    ]
    for _ in range(5):
        await house.poll()
    assert len(house.asked(LOGIN)) == 1
    assert house.ledger.spent[LOGINS] == 1
    assert len(house.asked(SEARCH)) == 5
    assert (
        house.server.asked[-1].headers["authorization"] == f"Bearer {jwt(NOW + timedelta(hours=2))}"
    )


async def test_a_session_near_its_end_is_renewed_without_a_login(house: House) -> None:
    await house.tokens.put(
        "session", Token(value="old", refresh="r", expires_at=NOW + timedelta(seconds=30))
    )
    house.server.exchanges = [
        Exchange(path=REFRESH, body=session(NOW + timedelta(hours=2), "2")),
        Exchange(path=SEARCH, body=posts(view(1))),
    ]
    await house.poll()
    renewal = house.server.asked[0]
    assert (renewal.path, renewal.headers["authorization"]) == (REFRESH, "Bearer r")
    kept = await house.tokens.get("session")
    assert kept is not None
    assert kept.refresh == "refresh2"
    assert LOGINS not in house.ledger.spent


async def test_a_session_that_is_refused_is_renewed_once_and_else_made_anew(house: House) -> None:
    await house.tokens.put("session", Token(value="old", refresh="r"))
    expired = json.dumps({"error": "ExpiredToken", "message": "Token has expired"})
    house.server.exchanges = [
        Exchange(path=SEARCH, status=400, body=expired),
        Exchange(path=REFRESH, status=401, body=json.dumps({"error": "ExpiredToken"})),
        Exchange(path=LOGIN, body=session(NOW + timedelta(hours=2))),
    ]
    with pytest.raises(NeedsAttention):
        await house.poll()
    paths = [one.path for one in house.server.asked]
    assert paths == [SEARCH, REFRESH, LOGIN, SEARCH]


async def test_a_wrong_password_is_told_and_not_tried_again_by_the_poll(house: House) -> None:
    house.server.exchanges = [
        Exchange(path=LOGIN, status=401, body=json.dumps({"error": "AuthenticationRequired"}))
    ]
    with pytest.raises(NeedsAttention, match="app password"):
        await house.poll()
    assert len(house.server.asked) == 1


async def test_no_more_logins_than_the_day_allows(house: House) -> None:
    await house.ledger.owe(LOGINS, house.config.logins_a_day)
    with pytest.raises(RateLimited) as caught:
        await house.poll()
    assert caught.value.retry_after
    assert not house.server.asked


@pytest.mark.parametrize("status", [400, 500])
async def test_a_refused_cursor_is_dropped_and_the_walk_goes_on_by_time(
    status: int, house: House
) -> None:
    walk = ["", "2026-11-25T11:00:00.000Z", "garbage", "2026-11-25T10:00:00.000Z"]
    key = await _key(house)
    house.server.asked.clear()
    house.server.exchanges[:0] = [
        Exchange(path=SEARCH, query={"cursor": "garbage"}, status=status, body="{}")
    ]
    pages = await house.poll({key: walk})
    asked = house.asked(SEARCH)
    assert [one.get("cursor") for one in asked] == ["garbage", None]
    assert asked[1]["until"] == "2026-11-25T10:00:01.000Z"
    assert [item.external_id for page in pages for item in page.items]
    assert "garbage" not in json.dumps(pages[-1].cursor)


async def test_where_the_server_is_down_it_is_asked_twice_and_no_more(house: House) -> None:
    key = await _key(house)
    house.server.asked.clear()
    house.server.exchanges[:0] = [Exchange(path=SEARCH, status=500, body="{}")]
    with pytest.raises(Transient):
        await house.poll({key: ["", "2026-11-25T11:00:00.000Z", "c", "2026-11-25T10:00:00.000Z"]})
    assert len(house.asked(SEARCH)) == 2


async def _key(house: House) -> str:
    house.server.exchanges = [
        Exchange(path=LOGIN, body=session(NOW + timedelta(hours=2))),
        Exchange(path=SEARCH, body=posts(view(1))),
    ]
    return next(iter((await house.poll())[-1].cursor))


async def test_one_account_that_is_gone_does_not_hide_the_others(house: House) -> None:
    feed = "/xrpc/app.bsky.feed.getAuthorFeed"
    house.server.exchanges = [
        Exchange(path=feed, query={"actor": "gone.test"}, status=400, body="{}"),
        Exchange(path=feed, body=json.dumps({"feed": [{"post": view(1)}]})),
    ]
    one = Bluesky(BlueskyConfig(handles=("gone.test", "a.test"), appview=house.server.base))
    poll = one.poll(Narrowing(), {}, house.http)
    assert len((await anext(poll)).items) == 1
    with pytest.raises(NeedsAttention):
        await anext(poll)


async def test_without_account_handles_or_stream_a_person_is_asked(house: House) -> None:
    with pytest.raises(NeedsAttention, match="app password"):
        async for _ in Bluesky(BlueskyConfig()).poll(WORDS, {}, house.http):
            pass
    with pytest.raises(ValidationError, match="app_password"):
        BlueskyConfig(identifier="a.test")


async def test_proposals_are_the_stream_and_the_handles_of_its_form(house: House) -> None:
    wanted = Wanted(name="Acme", handles=("@Acme.example", "@acme", "acme.example"))
    found = await Bluesky.propose(wanted, house.http)
    assert [dict(one.config) for one in found] == [{"live": True}, {"handles": ["acme.example"]}]
    assert not house.server.asked


def test_the_end_of_a_session_is_read_from_its_token_or_unknown() -> None:
    assert expiry(jwt(NOW)) == NOW
    for text in ("", "a.b.c", "..", "e30.e30.x", f"x.{'A' * 1_001}.y", "e30.eyJleHAiOjFlOTk5fQ.x"):
        assert expiry(text) is None


async def test_history_of_one_account_does_not_wait_for_another_that_is_gone(house: House) -> None:
    feed = "/xrpc/app.bsky.feed.getAuthorFeed"
    house.server.exchanges = [
        Exchange(path=feed, query={"actor": "gone.test"}, status=400, body="{}"),
        Exchange(path=feed, query={"actor": "empty.test"}, body='{"feed": []}'),
        Exchange(path=feed, body=json.dumps({"feed": [{"post": view(1)}]})),
    ]
    gone = BlueskyConfig(handles=("gone.test", "a.test"), appview=house.server.base)
    walk = Bluesky(gone).backfill(Narrowing(), NOW - timedelta(days=9), {}, house.http)
    assert len((await anext(walk)).items) == 1
    with pytest.raises(NeedsAttention):
        await anext(walk)
    there = Bluesky(gone.model_copy(update={"handles": ("empty.test", "a.test")}))
    cursor: Cursor = {}
    calls = 0
    while True:
        found = there.backfill(Narrowing(), NOW - timedelta(days=9), cursor, house.http)
        pages = [page async for page in found]
        if not pages:
            break
        cursor, calls = pages[-1].cursor, calls + 1
    assert calls == 1
    assert set(cursor.values()) == {""}
