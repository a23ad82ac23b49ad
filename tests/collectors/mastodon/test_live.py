"""Hashtag streams: what they bring, beside what is polled when they are opened."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Cursor, Narrowing, Page, Proposal, Term, Wanted
from collectors.desk import Document, MemoryShelf
from collectors.errors import CollectorError, NeedsAttention, Transient
from collectors.http import Http, Policy
from collectors.mastodon import collector as module
from collectors.mastodon.collector import CONNECTIONS, Mastodon, MastodonConfig
from collectors.mastodon.known import MOST, KnownIds
from collectors.mastodon.live import streaming_address
from collectors.replay import Exchange, ReplayServer

STREAM = "/api/v1/streaming/hashtag"


def status(number: int, text: str = "hello") -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"https://far.example/{number}",
        "created_at": "2026-11-25T10:00:00.000Z",
        "content": f"<p>{text}</p>",
        "account": {"acct": "zoe@far.example"},
    }


class Ear:
    """An instance, and a source that listens to it."""

    def __init__(self, server: ReplayServer, http: Http) -> None:
        self.server, self.http = server, http
        self.error: CollectorError | None = None

    def has(self, tag: str, *statuses: Any) -> None:
        path = f"/api/v1/timelines/tag/{tag}"
        self.server.exchanges.append(Exchange(path=path, body=json.dumps(statuses)))

    def sends(self, tag: str, *events: Any) -> None:
        self.server.exchanges.append(Exchange(path=STREAM, query={"tag": tag}, events=events))

    async def listen(self, *tags: str, cursor: Cursor | None = None) -> list[Page]:
        config = MastodonConfig(
            instance=self.server.base, live=True, hashtags=tags, token=SecretStr("t0ken")
        )
        pages: list[Page] = []
        shelf = self.http.desk.shelf
        assert isinstance(shelf, MemoryShelf)
        try:
            heard: Any = Mastodon(config).listen(Narrowing(), cursor or {}, self.http)
            async with aclosing(heard):
                async for page in heard:
                    pages.append(page)
                    shelf.store(page.keep)
        except CollectorError as error:
            self.error = error
        return pages


@pytest.fixture
async def ear(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ear]:
    monkeypatch.setattr(module, "NEWS", 0.2)
    async with ReplayServer() as server, Http(Policy.parse("127.0.0.1/32")) as http:
        server.exchanges.append(Exchange(path="/api/v2/instance", body="{}"))
        yield Ear(server, http.budget(100))


def ids(pages: list[Page]) -> list[str]:
    return [item.external_id.rsplit("/", 1)[1] for page in pages for item in page.items]


def update(number: int, text: str = "hello", name: str = "update") -> dict[str, Any]:
    return {"event": name, "data": status(number, text)}


async def test_new_posts_come_and_the_cursor_rises_with_them(ear: Ear) -> None:
    ear.has("acme")
    ear.sends("acme", ":thump", update(5), update(7), {"event": "filters_changed", "data": ""})
    pages = await ear.listen("acme")
    assert ids(pages) == ["5", "7"]
    (walk,) = pages[-1].cursor.values()
    assert walk == ["7", "", ""]
    assert isinstance(ear.error, Transient)
    asked = [one for one in ear.server.asked if one.path == STREAM]
    assert asked[0].headers["authorization"] == "Bearer t0ken"


async def test_what_was_missed_before_the_stream_was_open_is_polled(ear: Ear) -> None:
    ear.has("acme", status(3), status(2))
    ear.sends("acme", update(5))
    cursor = {module.Stream("acme", is_tag=True).key: ["1", "", ""]}
    pages = await ear.listen("acme", cursor=cursor)
    assert sorted(ids(pages)) == ["2", "3", "5"]
    polled = next(one for one in ear.server.asked if "timelines" in one.path)
    assert polled.query["min_id"] == "1"


async def test_edits_and_deletions_come_by_the_identity_of_the_post(ear: Ear) -> None:
    ear.has("acme", status(3))
    events = [update(5), update(5, "edited", "status.update"), {"event": "delete", "data": "3"}]
    ear.sends("acme", *events, {"event": "delete", "data": "999"})
    pages = await ear.listen("acme")
    texts = {item.external_id: item.text for page in pages for item in page.items}
    assert texts["https://far.example/5"] == "edited"
    assert [uri for page in pages for uri in page.removed] == ["https://far.example/3"]


async def test_a_deletion_of_a_post_of_an_earlier_session_is_known_by_its_id(ear: Ear) -> None:
    shelf = ear.http.desk.shelf
    assert isinstance(shelf, MemoryShelf)
    kept = json.dumps({"42": "https://far.example/42"})
    shelf.store([Document(name="ids", text=kept, kind="state")])
    ear.has("acme")
    ear.sends("acme", {"event": "delete", "data": "42"})
    pages = await ear.listen("acme")
    assert [uri for page in pages for uri in page.removed] == ["https://far.example/42"]


async def test_bad_events_are_noted_and_the_rest_survives(ear: Ear) -> None:
    ear.has("acme")
    bad = [{"event": "update", "data": "no json"}, {"event": "update", "data": "[1]"}]
    ear.sends("acme", *bad, update(5))
    pages = await ear.listen("acme")
    assert ids(pages) == ["5"]
    assert sum(len(page.skipped) for page in pages) == 2


async def test_a_few_tags_are_listened_to_and_the_others_polled(ear: Ear) -> None:
    tags = [f"tag{n}" for n in range(CONNECTIONS + 2)]
    for number, tag in enumerate(tags):
        ear.has(tag, status(number + 1))
        ear.sends(tag)
    pages = await ear.listen(*tags)
    assert sorted(ids(pages)) == ["1", "2", "3", "4", "5", "6"]
    assert len([one for one in ear.server.asked if one.path == STREAM]) == CONNECTIONS


async def test_a_refused_stream_is_told(ear: Ear) -> None:
    ear.has("acme")
    ear.server.exchanges.append(Exchange(path=STREAM, status=401))
    await ear.listen("acme")
    assert isinstance(ear.error, NeedsAttention)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [("ws://stream.example", "http://stream.example"), ("wss://s.example/x", "https://s.example"),
     ("ftp://x", None), ("//", None), (7, None)],
)  # fmt: skip
async def test_the_instance_says_where_it_streams(
    told: object, wanted: str | None, ear: Ear
) -> None:
    body = {"configuration": {"urls": {"streaming": told}}}
    ear.server.exchanges[0] = Exchange(path="/api/v2/instance", body=json.dumps(body))
    found = await streaming_address(ear.server.base, ear.http)
    assert found == (wanted or ear.server.base)


def test_of_the_ids_the_newest_are_kept_and_own_addresses_tell_theirs() -> None:
    known = KnownIds("own.example")
    known.learn([status(n) for n in range(MOST + 5)])
    assert known.is_new
    assert known.uri_of("4") is None
    assert known.uri_of("5") == "https://far.example/5"
    assert len(json.loads(known.document().text)) == MOST
    own = ["https://own.example/users/zoe/statuses/77", "78@own.example", "https://far.example/6"]
    assert known.ids_of([*own, "https://far.example/none", "79@far.example"]) == dict(
        zip(own, ["77", "78", "6"], strict=True)
    )


async def test_a_brands_tags_are_proposed(ear: Ear) -> None:
    wanted = Wanted(name="Café Lumen", aliases=("Lumen", "lumen"))
    assert await Mastodon.propose(wanted, ear.http) == [
        Proposal(
            name="Mastodon: #cafélumen",
            config={"instance": module.LARGEST, "hashtags": ["cafélumen", "lumen"]},
            why="publications avec son mot-dièse",
        )
    ]
    assert await Mastodon.propose(Wanted(name="!"), ear.http) == ()


async def test_no_tag_is_nothing_to_listen_to(ear: Ear) -> None:
    config = MastodonConfig(instance=ear.server.base, live=True, search=True)
    words = Narrowing(((Term("a"), Term("b")),))
    with pytest.raises(NeedsAttention, match="live"):
        async for _ in Mastodon(config).listen(words, {}, ear.http):
            pass
