"""A hub tells of news: the source becomes due, and nothing else can be made to happen."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from app.clock import ManualClock
from app.ingest.service import poll_source
from app.models import PushSubscription, Source
from app.sources import websub
from app.sources.service import add_source, note_hubs, subscribe_due
from app.sources.websub import SAFETY, lease_of, may_be_called, signed_rightly
from app.watchlists.service import NewWatchlist, create_watchlist
from collectors.replay import Exchange, ReplayServer
from tests.conftest import NOW
from tests.support.web import House, open_house

FEED = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>
<atom:link rel="hub" href="{base}/hub"/><atom:link rel="self" href="https://topic.example/f"/>
<item><title>x</title><guid isPermaLink="false">1</guid></item></channel></rss>"""


@pytest.fixture
async def hub() -> AsyncIterator[ReplayServer]:
    """A feed and the hub it names."""
    exchanges = [
        Exchange(path="/feed", body=FEED, headers={"etag": '"1"'}),
        Exchange(path="/hub", status=202),
    ]
    async with ReplayServer(exchanges) as server:
        yield server


@pytest.fixture
async def house(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, clock, allow_private="127.0.0.1/32") as made:
        made.services.settings.__dict__["base_url"] = "https://vigie.example.org"
        yield made


async def subscribed(house: House, hub: ReplayServer) -> tuple[Source, str, str, str]:
    """A source polled once, its hub asked: the source, the callback's path, secret and topic."""
    made = await create_watchlist(house.services, NewWatchlist(name="w", zone="Europe/Paris"))
    source = await add_source(
        house.services, kind="rss", name="f", config={"url": f"{hub.base}/feed"},
        watchlist_id=made.id,
    )  # fmt: skip
    await poll_source(house.services, source.id)
    assert await note_hubs(house.services) == 1
    assert await subscribe_due(house.services) == 1
    form = {key: values[0] for key, values in parse_qs(hub.asked[-1].body.decode()).items()}
    assert form["hub.mode"] == "subscribe"
    assert form["hub.callback"].startswith(f"https://vigie.example.org/websub/{source.id}/")
    return source, urlsplit(form["hub.callback"]).path, form["hub.secret"], form["hub.topic"]


async def row_of(house: House) -> PushSubscription:
    async with house.services.db.read() as session:
        return (await session.scalars(select(PushSubscription))).one()


async def due_at(house: House, source: Source) -> Any:
    async with house.services.db.read() as session:
        return await session.scalar(select(Source.next_poll_at).where(Source.id == source.id))


def asked(topic: str, **more: str) -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "ch4ll<b>",
            "hub.lease_seconds": "864000", **more}  # fmt: skip


def signed(body: bytes, secret: str, method: str = "sha256") -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, method).hexdigest()
    return {"x-hub-signature": f"{method}={digest}"}


async def test_a_hub_that_a_feed_names_is_asked_verifies_and_its_push_makes_the_source_due(
    house: House, hub: ReplayServer
) -> None:
    source, callback, secret, topic = await subscribed(house, hub)
    assert topic == "https://topic.example/f"
    assert secret not in repr((await row_of(house)).secret)
    async with house.caller() as caller:
        answer = await caller.get(callback, params=asked(topic))
        assert (answer.status_code, answer.text) == (200, "ch4ll<b>")
        assert answer.headers["content-type"].startswith("text/plain")
        row = await row_of(house)
        assert (row.state, row.lease_until) == ("active", NOW + timedelta(days=10))
        house.clock.at += timedelta(minutes=5)
        await poll_source(house.services, source.id)
        assert await due_at(house, source) >= house.clock.at + SAFETY
        house.clock.at += timedelta(minutes=5)
        answer = await caller.post(callback, content=b"<rss/>", headers=signed(b"<rss/>", secret))
        assert answer.status_code == 202
        assert await due_at(house, source) == house.clock.at
        await poll_source(house.services, source.id)
        again = await caller.post(callback, content=b"x", headers=signed(b"x", secret, "sha512"))
        assert again.status_code == 202
        assert await due_at(house, source) == house.clock.at + timedelta(minutes=1)


async def test_a_push_that_is_not_signed_rightly_changes_nothing(
    house: House, hub: ReplayServer
) -> None:
    source, callback, secret, _ = await subscribed(house, hub)
    before = await due_at(house, source)
    async with house.caller() as caller:
        for headers in ({}, signed(b"other", secret), signed(b"x", "wrong"),
                        {"x-hub-signature": "md5=0"}):  # fmt: skip
            answer = await caller.post(callback, content=b"x", headers=headers)
            assert answer.status_code == 202
    assert await due_at(house, source) == before
    assert (await row_of(house)).pushed_at is None


async def test_what_we_did_not_ask_for_is_not_found_and_guessing_is_slowed_down(
    house: House, hub: ReplayServer
) -> None:
    source, callback, _, topic = await subscribed(house, hub)
    async with house.caller() as caller:
        for path, params in (
            (callback, asked("https://other.example/f")),
            (callback, asked(topic) | {"hub.mode": "unsubscribe"}),
            (callback + "x", asked(topic)),
            (f"/websub/{source.id + 1}/token", asked(topic)),
            ("/websub/1/é", asked(topic)),
        ):
            assert (await caller.get(path, params=params)).status_code == 404, path
        assert (await caller.get(callback, params=asked(topic))).status_code == 429
    assert (await row_of(house)).state == "asked"


async def test_a_body_of_more_than_a_mebibyte_is_refused(house: House, hub: ReplayServer) -> None:
    _, callback, secret, _ = await subscribed(house, hub)
    body = b"x" * (2**20 + 1)
    async with house.caller() as caller:
        answer = await caller.post(callback, content=body, headers=signed(body, secret))
        assert answer.status_code == 413


async def test_a_push_does_not_press_a_source_that_backs_off_or_waits(
    house: House, hub: ReplayServer
) -> None:
    source, callback, secret, _ = await subscribed(house, hub)
    async with house.services.db.write() as session:
        await session.execute(update(Source).values(state="failing"))
    before = await due_at(house, source)
    async with house.caller() as caller:
        await caller.post(callback, content=b"x", headers=signed(b"x", secret))
    assert await due_at(house, source) == before


async def test_a_hub_that_fails_is_asked_later_and_one_that_never_verifies_again(
    house: House, hub: ReplayServer
) -> None:
    await subscribed(house, hub)
    assert await subscribe_due(house.services) == 0
    house.clock.at += websub.VERIFY_WITHIN
    hub.exchanges[1] = Exchange(path="/hub", status=500)
    assert await subscribe_due(house.services) == 1
    row = await row_of(house)
    assert (row.failures, row.next_at) == (1, house.clock.at + websub.RETRY)
    assert row.last_error.endswith("500")


async def test_a_lease_is_renewed_before_it_ends_and_a_denial_is_taken(
    house: House, hub: ReplayServer
) -> None:
    _, callback, _, topic = await subscribed(house, hub)
    async with house.caller() as caller:
        await caller.get(callback, params=asked(topic, **{"hub.lease_seconds": "86400"}))
        house.clock.at += timedelta(days=0.8)
        assert await subscribe_due(house.services) == 1
        assert (await row_of(house)).state == "active"
        await caller.get(callback, params={"hub.mode": "denied", "hub.topic": topic})
    row = await row_of(house)
    assert (row.state, row.next_at) == ("denied", house.clock.at + websub.AGAIN_AFTER_NO)


async def test_a_feed_that_names_its_hub_no_more_loses_the_subscription(
    house: House, hub: ReplayServer
) -> None:
    source, *_ = await subscribed(house, hub)
    async with house.services.db.write() as session:
        await session.execute(update(Source).where(Source.id == source.id).values(cursor={}))
    assert await note_hubs(house.services) == 0
    async with house.services.db.read() as session:
        assert (await session.scalars(select(PushSubscription))).all() == []


async def test_a_service_that_no_hub_can_reach_asks_none(house: House, hub: ReplayServer) -> None:
    await subscribed(house, hub)
    house.services.settings.__dict__["base_url"] = "http://localhost:8000"
    house.clock.at += timedelta(days=30)
    assert await subscribe_due(house.services) == 0
    assert await note_hubs(house.services) == 0


@pytest.mark.parametrize(
    ("url", "reachable"),
    [("https://vigie.example.org", True), ("http://vigie.example.org", False),
     ("https://localhost", False), ("http://127.0.0.1:8000", True), ("https://10.0.0.1", False),
     ("https://8.8.8.8", True), ("", False)],
)  # fmt: skip
def test_hubs_reach_us_over_https_by_a_public_name_or_where_the_operator_allowed(
    url: str, reachable: bool
) -> None:
    assert may_be_called(url, [ip_network("127.0.0.1/32")]) is reachable


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures_are_checked_by_the_method_they_name(method: str) -> None:
    header = signed(b"body", "secret", method)["x-hub-signature"]
    assert signed_rightly(header, b"body", "secret")
    assert signed_rightly(header.upper(), b"body", "secret")
    assert not signed_rightly(header, b"body2", "secret")
    assert not signed_rightly(header[:-1], b"body", "secret")
    assert hashlib.new(method).name == method


@pytest.mark.parametrize(
    ("stated", "lease"),
    [("", 864_000), ("60", 300), ("86400", 86_400), ("999999999", 7_776_000), ("-5", 864_000),
     ("٣", 864_000)],
)  # fmt: skip
def test_a_lease_is_kept_between_bounds(stated: str, lease: int) -> None:
    assert lease_of(stated).total_seconds() == lease
