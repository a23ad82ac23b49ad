"""What a page leaves in the database."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from app.db import keys
from app.models import Author as StoredAuthor
from app.models import Sighting, Verdict
from app.trends.rollup import check_rollups
from collectors.api import Author
from tests.support.pipeline import House, post


async def test_a_matching_post_becomes_item_sighting_author_verdict_and_mention(
    house: House,
) -> None:
    source = await house.source()
    stored = await house.store(source, [post(1), post(2, "nothing of interest here today")])
    assert (stored.new, stored.mentions) == (2, 1)
    [mention] = await house.mentions()
    assert (mention.label, mention.lang, mention.backfill) == ("positive", "en", False)
    assert mention.spans == [["text", 7, 11]]
    assert (mention.rules_pending, mention.entities_pending) == (True, True)
    assert await house.count(Sighting) == 2
    assert await house.count(Verdict) == 2
    assert await house.count(StoredAuthor) == 1
    assert await check_rollups(house.services) == []


async def test_the_same_page_again_changes_nothing(house: House) -> None:
    source = await house.source()
    page = [post(n) for n in range(5)]
    await house.store(source, page)
    house.later(timedelta(minutes=15))
    stored = await house.store(source, page)
    assert (stored.new, stored.again, stored.edited, stored.mentions) == (0, 5, 0, 0)
    assert len(await house.mentions()) == 5
    assert await check_rollups(house.services) == []


async def test_one_address_seen_by_two_sources_is_one_item_with_two_sightings(
    house: House,
) -> None:
    feed, drop = await house.source(name="feed"), await house.source(name="drop")
    await house.store(feed, [post("guid-1", url="https://a.example/p/1?utm_source=rss#top")])
    await house.store(drop, [post("77", url="http://A.example:80/p/1/")])
    assert len(await house.items()) == 1
    assert await house.count(Sighting) == 2
    assert len(await house.mentions()) == 1


async def test_an_author_seen_again_brings_the_new_follower_count(house: House) -> None:
    source = await house.source()
    await house.store(source, [post(1, author=Author(name="Ann", id="a1", followers=10))])
    await house.store(source, [post(2, author=Author(name="Ann", id="a1", followers=12))])
    [author] = await house.all(StoredAuthor)
    assert author.followers == 12


async def test_a_page_of_one_moment_gets_its_keys_where_draws_one_by_one_would_meet(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crowded(random.Random):
        """As near to each other as the draws of a second that holds a million rows."""

        def getrandbits(self, k: int, /) -> int:
            return super().getrandbits(k) % 2_000

    monkeypatch.setattr(keys, "_draw", Crowded(7))
    page = [post(n, published_at=None, author=Author(name=f"p{n}", id=f"p{n}")) for n in range(200)]
    stored = await house.store(await house.source(), page)
    assert (stored.new, stored.mentions) == (200, 200)
    assert await house.count(StoredAuthor) == 200
