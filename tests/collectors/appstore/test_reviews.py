"""The feed is read whole or refused; no review is passed over between two polls."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Cursor, Narrowing, Page
from collectors.appstore.collector import AppStore, AppStoreConfig
from collectors.appstore.reviews import Reviews, read_reviews
from collectors.errors import BadPayload
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HEAD = (
    '<feed xmlns:im="http://itunes.apple.com/rss" xmlns="http://www.w3.org/2005/Atom">'
    "<title>Customer Reviews</title>"
)


def review(number: int, *, text: str = "ok") -> str:
    """The higher the number, the newer it is: an hour between two."""
    when = (NOW - timedelta(hours=2_000 - number)).isoformat()
    return (
        f"<entry><updated>{when}</updated><id>{1000 + number}</id><title>t</title>"
        f'<content type="text">{text}</content><im:rating>4</im:rating></entry>'
    )


def read(body: bytes) -> Reviews:
    return read_reviews(body, "12345", "fr", "https://apps.apple.com")


class Store(ReplayServer):
    """Lists `count` reviews, the newest first, 50 a page; empty in the spelling asked first."""

    count = 0
    empty: tuple[str, ...] = ()

    def _answer(self, asked: Asked) -> bytes:
        number = int(asked.path.partition("page=")[2].partition("/")[0])
        newest = self.count - 50 * (number - 1)
        there = number <= 10 and not any(one in asked.path for one in self.empty)
        told = [review(n) for n in range(newest, max(newest - 50, 0), -1)] if there else []
        self.instead = Exchange(path="", body=f"{HEAD}{''.join(told)}</feed>")
        return super()._answer(asked)


async def poll(store: Store, cursor: Cursor) -> list[Page]:
    async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
        config = AppStoreConfig(app_id="12345", base_url=store.base)
        return [page async for page in AppStore(config).poll(Narrowing(), cursor, http)]


async def polls(*counts: int, empty: tuple[str, ...] = ()) -> list[list[Page]]:
    """A poll after each count; `empty` from the second on."""
    done: list[list[Page]] = []
    store = Store()
    async with store:
        for count in counts:
            store.count = count
            done.append(await poll(store, done[-1][-1].cursor if done else {}))
            store.empty = empty
    return done


def numbers(pages: list[Page]) -> set[int]:
    return {int(one.external_id) - 1000 for page in pages for one in page.items}


def test_a_later_poll_reads_down_to_what_is_known() -> None:
    first, second = asyncio.run(polls(200, 320))
    assert numbers(first) == set(range(151, 201))
    assert numbers(second) >= set(range(201, 321))
    assert len(second) < 5
    assert not any(page.listening.missed for page in second)


def test_more_new_reviews_than_apple_gives_are_reported_as_missed() -> None:
    _, second = asyncio.run(polls(200, 1_000))
    assert numbers(second) == set(range(501, 1_001))
    assert second[-1].listening.missed


def test_an_empty_feed_is_asked_for_in_another_spelling() -> None:
    _, second = asyncio.run(polls(60, 70, empty=("/page=1/id=",)))
    assert numbers(second) >= set(range(61, 71))


def test_a_feed_that_is_empty_in_every_spelling_says_so_and_forgets_nothing() -> None:
    first, second = asyncio.run(polls(60, 70, empty=("page=",)))
    assert second[-1].listening.note
    assert second[-1].listening.refused == 1
    assert second[-1].cursor == first[-1].cursor


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html><body>Sorry</body></html>", (HEAD + review(1)).encode(), b"\xff\xfe<"],
)
def test_what_is_no_whole_feed_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload):
        read(body)


def test_an_entity_is_not_opened() -> None:
    body = f'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/hostname">]>{HEAD}{review(1, text="&x;")}'
    (item,) = read(f"{body}</feed>".encode()).items
    assert item.text == "&x;"


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.text(max_size=60))
def test_hostile_text_leaves_the_review_beside_it(data: bytes, text: str) -> None:
    odd = text.translate({60: "", 38: ""}).encode("utf-8", "replace")
    body = HEAD.encode() + review(1).encode() + b"<entry><id>" + odd + b"</id></entry></feed>"
    assert [one.external_id for one in read(body).items] == ["1001"]
    with suppress(BadPayload):
        read(data)
