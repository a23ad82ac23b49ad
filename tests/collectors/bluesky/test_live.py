"""Listening to Jetstream: what is kept, where it goes on, what a failing host changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Author, Cursor, Item, Narrowing, Page, Term
from collectors.bluesky import live
from collectors.bluesky.collector import Bluesky, BlueskyConfig
from collectors.bluesky.ears import Ears
from collectors.bluesky.jetstream import Heard
from collectors.errors import CollectorError, Transient
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
US = int(START.timestamp() * 1_000_000)
PROFILES = "/xrpc/app.bsky.actor.getProfiles"
_FIELDS = (
    "text", "createdAt", "langs", "reply", "parent", "uri", "embed", "images", "alt", "image",
    "ref", "$link", "facets", "features", "external", "record", "media", "tags", "did", "time_us",
    "kind", "commit", "collection", "rkey", "identity", "items",
)  # fmt: skip
LUMEN = Narrowing(((Term("café lumen", "phrase"),), (Term("carte"), Term("Lumen"))))


def commit(number: int, operation: str = "create", *, did: str = "did:plc:a", **record: Any) -> Any:
    kept = {"text": f"Cafe LUMEN {number}", "createdAt": START.isoformat(), **record}
    made = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": f"r{number}"}
    if operation != "delete":
        made["record"] = kept  # type: ignore[assignment]
    return {"did": did, "time_us": US + number * 1_000_000, "kind": "commit", "commit": made}


def uri(number: int) -> str:
    return f"at://did:plc:a/app.bsky.feed.post/r{number}"


class Ear:
    """A server with one stream and a collector that listens to it."""

    def __init__(self, server: ReplayServer, http: Http) -> None:
        self.server = server
        self.http = http
        self.hosts: tuple[str, ...] = (server.base.replace("http", "ws", 1),)
        self.error: CollectorError | None = None

    def sends(self, *frames: Any) -> None:
        self.server.exchanges.append(Exchange(path="/subscribe", frames=frames))

    async def listen(
        self, narrowing: Narrowing = LUMEN, cursor: Cursor | None = None, **options: Any
    ) -> list[Page]:
        config = BlueskyConfig(live=True, jetstream=self.hosts, appview=self.server.base, **options)
        pages: list[Page] = []
        try:
            async with aclosing(
                Bluesky(config).listen(narrowing, cursor or {}, self.http)
            ) as heard:
                async for page in heard:
                    pages.append(page)  # noqa: PERF401 (an error may follow)
        except CollectorError as error:
            self.error = error
        return pages


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    async with ReplayServer() as server, Http(Policy.parse("127.0.0.1/32")) as http:
        yield Ear(server, http.budget(100))


async def test_what_a_query_may_want_is_kept_and_the_rest_is_counted(ear: Ear) -> None:
    other = commit(2, text="nothing of it")
    far = commit(3, text="la Carte de chez lumen_bar")
    ear.sends(commit(1), other, far, {"did": "did:plc:b", "time_us": US, "kind": "account"})
    (page,) = await ear.listen()
    assert [item.external_id for item in page.items] == [uri(1), uri(3)]
    assert page.listening.note == "3 posts heard since the stream was opened, 2 kept"
    assert page.cursor == {"live": [US + 3_000_000, 0]}
    assert page.items[0].published_at == START
    assert page.items[0].url == "https://bsky.app/profile/did:plc:a/post/r1"
    asked = ear.server.asked[0].query
    assert asked["wantedCollections"] == "app.bsky.feed.post"
    assert "cursor" not in asked


async def test_no_narrowing_keeps_everything(ear: Ear) -> None:
    ear.sends(commit(1, text=""), commit(2, text="anything"))
    (page,) = await ear.listen(Narrowing())
    assert len(page.items) == 2


async def test_the_posts_of_followed_accounts_are_kept_whatever_they_say(ear: Ear) -> None:
    ear.server.exchanges.append(
        Exchange(
            path=PROFILES, body=json.dumps({"profiles": [{"did": "did:plc:f", "handle": "f.x"}]})
        )
    )
    ear.sends(commit(1, text="hello", did="did:plc:f"), commit(2, text="hello"))
    (page,) = await ear.listen(handles=("f.x",))
    assert [item.author and item.author.name for item in page.items] == ["f.x"]


async def test_edits_and_deletions_are_told_and_the_last_state_of_a_post_wins(ear: Ear) -> None:
    edited = commit(1, "update", text="Café Lumen, corrigé")
    ear.sends(commit(1), edited, commit(2), commit(2, "delete"), commit(9, "delete"))
    (page,) = await ear.listen()
    assert [(item.external_id, item.text) for item in page.items] == [
        (uri(1), "Café Lumen, corrigé")
    ]
    assert page.items[0].edited_at is not None
    assert list(page.removed) == [uri(2), uri(9)]


async def test_bad_messages_are_noted_and_the_stream_goes_on(ear: Ear) -> None:
    bad = [
        "not json", "[]", "7", {"kind": "commit"}, commit(5, text=7),
        {**commit(4), "did": []},
        {**commit(6), "time_us": True}, {**commit(7), "commit": "x"}, {**commit(8), "did": 3},
    ]  # fmt: skip
    ear.sends(*bad, commit(1))
    (page,) = await ear.listen()
    assert [item.external_id for item in page.items] == [uri(1)]
    assert 0 < len(page.skipped) <= 5


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=6)
        ),
        max_leaves=25,
    )
)
def test_no_event_of_any_shape_stops_the_stream(value: object) -> None:
    taken = Heard()
    for narrowing in (Narrowing(), LUMEN):
        ears = Ears.of(narrowing, ("did:plc:f",))
        commit_of = {"collection": "app.bsky.feed.post", "operation": "create", "rkey": "r"}
        for event in (
            value,
            {"time_us": US, "did": value, "commit": {**commit_of, "record": {"text": "lumen"}}},
            {"time_us": US, "did": "d", "commit": {**commit_of, "record": value}},
        ):
            taken.take(json.dumps(event), ears)


async def test_names_are_asked_for_once_and_without_them_the_post_still_comes(ear: Ear) -> None:
    known = {"profiles": [{"did": "did:plc:a", "handle": "a.test", "followersCount": 5}]}
    ear.server.exchanges.append(Exchange(path=PROFILES, body=json.dumps(known)))
    ear.sends(commit(1), commit(2), commit(3, did="did:plc:b"))
    (page,) = await ear.listen()
    authors = [item.author for item in page.items]
    assert authors[0] == Author(name="a.test", id="did:plc:a", followers=5)
    assert authors[2] == Author(name="did:plc:b", id="did:plc:b")
    assert [one.path for one in ear.server.asked].count(PROFILES) == 1
    ear.server.exchanges[0] = Exchange(path=PROFILES, status=500)
    (page,) = await ear.listen()
    assert len(page.items) == 3


async def test_it_goes_on_a_few_seconds_before_the_cursor(ear: Ear) -> None:
    ear.sends(commit(1))
    (page,) = await ear.listen(cursor={"live": [US, 0]})
    assert ear.server.asked[0].query["cursor"] == str(US - 5_000_000)
    assert not page.listening.missed


async def test_a_host_that_no_longer_has_what_was_missed_is_a_gap(ear: Ear) -> None:
    ear.sends(commit(1))
    (page,) = await ear.listen(cursor={"live": [US - 3_600_000_000, 0]})
    assert page.listening.missed


async def test_a_failing_host_is_left_for_the_next_one(ear: Ear) -> None:
    ear.sends(commit(1))
    ear.hosts = ("ws://127.0.0.1:1", *ear.hosts)
    pages = await ear.listen()
    assert pages[0].cursor == {"live": [US + 1_000_000, 1]}


async def test_where_all_hosts_fail_the_error_is_told(ear: Ear) -> None:
    ear.hosts = ("ws://127.0.0.1:1", "ws://127.0.0.1:2")
    assert await ear.listen() == []
    assert isinstance(ear.error, Transient)


async def test_a_server_that_closes_at_once_is_not_asked_for_ever(ear: Ear) -> None:
    ear.sends()
    assert await ear.listen() == []
    assert isinstance(ear.error, Transient)
    assert len(ear.server.asked) == 1


async def test_the_cursor_moves_although_nothing_is_kept(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MARK", 0.0)
    monkeypatch.setattr(live, "NEWS", 0.0)
    ear.sends(commit(1, text="x"), commit(2, "delete"))
    pages = await ear.listen()
    assert not [item for page in pages for item in page.items]
    assert pages[-1].cursor == {"live": [US + 2_000_000, 0]}


async def test_check_opens_the_stream_and_closes_it(ear: Ear) -> None:
    ear.sends()
    await Bluesky(BlueskyConfig(live=True, jetstream=ear.hosts)).check(ear.http)
    assert len(ear.server.asked) == 1


def heard(text: str, *links: str) -> Item:
    return Item(external_id="x", url="", text=text, published_at=None, links=links)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Term("café"), "CAFÉS"), (Term("cafe\u0301"), "un café"), (Term("l'oréal"), "LʼOREAL"),
        (Term("œuvre"), "oeuvre"), (Term("straße"), "STRASSE"), (Term("ﬁn"), "FIN"),
        (Term("#CafeLumen", "hashtag"), "#cafelumen"), (Term("☕"), "un ☕️"),
        (Term("@acme.example", "handle"), "acme example"), (Term("acme"), "ac\u200bme"),
        (Term("coca-cola", "phrase"), "coca cola"),
        (Term("東京"), "東京都"), (Term("acme"), "ＡＣＭＥ"), (Term("decathlon"), "Decathlon™"),
        (Term('"'), "x"),
    ],
)  # fmt: skip
def test_the_ears_hear_every_spelling_that_a_match_may_find(term: Term, text: str) -> None:
    if term.text == '"':
        assert not Ears.of(Narrowing(((term,),))).want(heard(text))
        return
    assert Ears.of(Narrowing(((term,),))).want(heard(text))


def test_links_count_and_all_terms_of_a_clause_are_needed() -> None:
    ears = Ears.of(Narrowing(((Term("acme"), Term("prix")),)))
    assert ears.want(heard("le prix", "https://acme.example/"))
    assert not ears.want(heard("le prix"))


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_term_is_heard_wherever_it_stands(before: str, term: str, after: str) -> None:
    ears = Ears.of(Narrowing(((Term(term),),)))
    for spelled in (term, term.upper(), term.lower()):
        if spelled.lower() == term.lower():
            assert ears.want(heard(f"{before} {spelled} {after}"))
