"""Listings are followed without loss; comments are read where their number changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.desk import Document, MemoryShelf
from collectors.instagram.media import comment_reader, read_media
from collectors.meta.listings import OWN, Edge, Own, follow, own_posts, relisted, spread, to_read
from collectors.meta.values import read_all
from collectors.replay import Exchange
from collectors.walk import Walk
from tests.collectors.meta.test_graph import NOW, answer, graph, served

FLOOR = NOW - timedelta(days=30)
EDGE = Edge(name="media", path="/1/media", read=read_media, pages=1)


def post(number: int, day: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "caption": f"post {number}",
        "permalink": f"https://www.instagram.com/p/{number}/",
        "timestamp": f"2026-11-{day:02}T08:00:00+0000",
    }


def page(*posts: Any, after: str = "", query: dict[str, str | None] | None = None) -> Exchange:
    paging = {"cursors": {"after": after}, "next": "https://x.example/?after=" + after}
    body = {"data": list(posts), "paging": paging if after else {}}
    return answer("/v25.0/1/media", body, query=query or {})


async def test_a_walk_that_was_cut_goes_on_where_it_was() -> None:
    first = page(post(3, 24), after="A", query={"after": None})
    async with served(first, page(post(2, 23), query={"after": "A"})) as (server, http):
        one = graph(server)
        [(_, walk)] = [got async for got in follow(EDGE, Walk(), FLOOR, one, http)]
        assert walk.before == "after=A"
        [(found, walk)] = [got async for got in follow(EDGE, walk, FLOOR, one, http)]
    assert [item.external_id for item in found.items] == ["2"]
    assert walk == Walk(since="2026-11-24T08:00:00+00:00")


async def test_a_cursor_that_is_refused_begins_again_at_the_top() -> None:
    refused = answer("/v25.0/1/media", {"error": {"code": 100}}, status=400, query={"after": "OLD"})
    async with served(refused, page(post(3, 24))) as (server, http):
        walk = Walk(since="2026-11-20T08:00:00+00:00", top="2026-11-24T08:00:00+00:00",
                    before="after=OLD")  # fmt: skip
        got = [one async for one in follow(EDGE, walk, FLOOR, graph(server), http)]
    assert [item.external_id for item in got[0][0].items] == ["3"]


async def test_gone_is_only_what_lies_within_the_listing() -> None:
    own = {
        "3": Own("2026-11-24T08:00:00+00:00"),
        "2": Own("2026-11-23T12:00:00+00:00"),
        "1": Own("2026-09-01T08:00:00+00:00"),
    }
    async with served(page(post(3, 24), post(9, 20), after="A")) as (server, http):
        got = await relisted(EDGE, ["3", "2", "1", "77"], own, graph(server), http)
    assert [item.external_id for item in got.items] == ["3"]
    assert got.removed == ["2"]  # 1 is older than what was listed, 77 is nobody's own


async def test_a_post_that_cannot_be_read_is_not_gone() -> None:
    own = {"2": Own("2026-11-23T12:00:00+00:00")}
    broken = {"id": "2", "caption": 5, "timestamp": "2026-11-23T12:00:00+0000"}
    async with served(page(broken, post(1, 2))) as (server, http):
        got = await relisted(EDGE, ["2"], own, graph(server), http)
    assert not got.removed


async def test_kept_posts_that_cannot_be_read_are_forgotten() -> None:
    for text in ("no json", "[]", '{"1": 3}', '{"1": ["yesterday", 1, ""]}'):
        async with served() as (_, http):
            assert isinstance(http.desk.shelf, MemoryShelf)
            http.desk.shelf.store([Document(name=OWN, text=text)])
            assert await own_posts(http) == {}


def item(number: str, comments: int, day: int) -> Item:
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Item(
        external_id=number, url="", text="", published_at=at, metrics={"comments": comments}
    )


def test_comments_are_read_where_their_number_changed() -> None:
    own = {"1": Own("2026-11-01", 2), "2": Own("2026-11-02", 2), "3": Own("2026-11-03")}
    items = [item("1", 3, 1), item("2", 2, 2), item("3", 0, 3), item("3", 1, 3)]
    changed = to_read(own, items, datetime(2026, 11, 1, tzinfo=UTC))
    assert [one.external_id for one in changed] == ["3", "1"]


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = ["id", "caption", "text", "timestamp", "username", "permalink", "like_count", "replies",
          "media_url", "parent_id"]  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING)


@settings(deadline=None, max_examples=80)
@given(st.lists(ANYTHING | RECORDS, max_size=4))
def test_no_record_stops_the_one_beside_it(records: list[Any]) -> None:
    good = post(12, 12)
    items, skipped = read_all([*records, good], read_media)
    assert "12" in {one.external_id for one in items}
    assert len(items) + len(skipped) <= len(records) + 1
    parent = items[0]
    spread_out = spread([*records, {**good, "text": "t"}], "replies")
    below, _ = read_all(spread_out, comment_reader(parent))
    assert "12" in {one.external_id for one in below}
    json.dumps([one.text for one in [*items, *below]]).encode()
