"""When two things read are one item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.engine import Database
from app.ingest.identity import alias_of, canonical_url, is_same_post, permalinks
from app.models import Sighting
from collectors.api import Item
from tests.conftest import NOW
from tests.support.pipeline import House, make_services, post


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://A.example/x", "https://a.example/x"),
        ("http://a.example:80/x/", "https://a.example/x"),
        ("https://a.example:443/x#part", "https://a.example/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example/x?utm_source=f&id=3&fbclid=9", "https://a.example/x?id=3"),
        ("https://a.example/?p=12", "https://a.example?p=12"),
        ("https://u:p@a.example/x", "https://a.example/x"),
        ("https://a.example/#!/route", "https://a.example#!/route"),
        ("https://a.example/", ""),
        ("https://a.example", ""),
        ("https://a.example/?utm_source=x", ""),
        ("mailto:x@a.example", ""),
        ("https://[bad/x", ""),
        ("https://a.example/" + "x" * 3_000, ""),
        ("", ""),
    ],
)
def test_an_address_has_one_form_or_names_no_post(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


def test_an_address_that_two_ids_share_names_a_list() -> None:
    urls = ["https://a.example/live", "https://a.example/live", "https://a.example/other"]
    assert permalinks(urls, ["1", "2", "3"]) == ["", "", "https://a.example/other"]
    assert permalinks(urls[:2], ["1", "1"]) == ["https://a.example/live"] * 2


@pytest.mark.parametrize(
    ("external_id", "alias"),
    [
        ("https://old.example/p/1", "/p/1"),
        ("http://new.example/p/1", "/p/1"),
        ("https://a.example", "https://a.example"),
        ("tag:a,2026:1", "tag:a,2026:1"),
        ("12", "12"),
    ],
)
def test_an_id_that_is_an_address_is_known_without_its_host(external_id: str, alias: str) -> None:
    assert alias_of(external_id) == alias


def test_a_reused_id_with_another_date_and_text_is_another_post() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    later = at + timedelta(days=1)
    assert not is_same_post(known=(at, 1), seen=(later, 2))
    assert is_same_post(known=(at, 1), seen=(at, 2))
    assert is_same_post(known=(at, 1), seen=(later, 1))
    assert is_same_post(known=(at, 1), seen=(None, 2))


# One round of reading: which posts, in what order, under which ids and addresses.
_POSTS = st.lists(st.integers(0, 7), min_size=1, max_size=8)
_ROUND = st.tuples(_POSTS, st.sampled_from(["same", "new guid", "tracking", "http"]))


def _shown(number: int, how: str) -> Item:
    one = post(number, f"Acme says number {number}")
    at = NOW - timedelta(hours=1, minutes=number)
    one = replace(one, published_at=at)
    if how == "new guid":
        return replace(one, external_id=f"changed-{number}")
    if how == "tracking":
        return replace(one, url=f"{one.url}?utm_medium=rss#x")
    return replace(one, url=one.url.replace("https", how)) if how == "http" else one


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=st.lists(_ROUND, min_size=1, max_size=5))
async def test_permuted_repeated_and_renamed_pages_leave_one_item_each(
    house: House, rounds: list[tuple[list[int], str]]
) -> None:
    source = await house.source(name=repr(rounds) + str(await house.count(Sighting)))
    for numbers, how in rounds:
        await house.store(source, [_shown(number, how) for number in dict.fromkeys(numbers)])
    seen = {number for numbers, _ in rounds for number in numbers}
    identities = [one.identity for one in await house.items()]
    assert len(identities) == len(set(identities))
    assert await house.count(Sighting, Sighting.source_id == source) == len(seen)


async def test_an_item_keeps_its_place_when_its_address_changes_but_not_its_id(
    house: House,
) -> None:
    source = await house.source()
    await house.store(source, [post("guid-1", url="https://a.example/first-slug")])
    await house.store(source, [post("guid-1", url="https://a.example/better-slug")])
    assert len(await house.items()) == 1


async def test_a_feed_that_moves_to_another_host_keeps_its_items(house: House) -> None:
    source = await house.source()
    await house.store(source, [post("http://old.example/?p=7", url="")])
    await house.store(source, [post("https://new.example/?p=7", url="")])
    assert len(await house.items()) == 1


async def test_two_posts_under_one_id_in_a_page_are_both_kept(house: House) -> None:
    source = await house.source()
    page = [post("same", f"Acme {n}", url=f"https://a.example/{n}") for n in range(2)]
    await house.store(source, page)
    await house.store(source, page)
    assert len(await house.items()) == 2


async def test_native_ids_of_a_platform_hold_across_sources(house: House) -> None:
    one, other = await house.source(name="tag"), await house.source(name="search")
    await house.store(one, [post("https://m.example/1", url="")], platform="mastodon")
    await house.store(other, [post("https://m.example/1", url="")], platform="mastodon")
    assert [item.identity for item in await house.items()] == ["p:mastodon:https://m.example/1"]
    assert await house.count(Sighting) == 2


async def test_posts_without_id_and_address_are_told_apart_by_title_and_date(
    house: House,
) -> None:
    source = await house.source()
    page = [
        post("", url="", title="Acme opens"),
        post("", url="", title="Acme opens", published_at=NOW - timedelta(hours=2)),
        post("", "other Acme words", url="", title="Acme closes"),
    ]
    await house.store(source, page)
    await house.store(source, page)
    assert len(await house.items()) == 3


async def test_a_true_collision_of_dedup_keys_is_stored_under_the_next_key(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.prepare.hash64", lambda _: 2**63 - 1)
    source = await house.source()
    await house.store(source, [post(n) for n in range(3)])
    await house.store(source, [post(n) for n in (2, 3, 0)])
    keys = sorted(item.dedup_key for item in await house.items())
    assert keys == [-(2**63), -(2**63) + 1, -(2**63) + 2, 2**63 - 1]


async def test_the_same_identities_stored_by_two_writers_at_once_are_one_item_each(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    import asyncio

    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": "acme"})
    sources = [await house.source(name=f"s{n}") for n in range(3)]
    page = [post(n) for n in range(20)]
    await asyncio.gather(*(house.store(source, page) for source in sources))
    assert len(await house.items()) == 20
    assert len(await house.mentions()) == 20
    assert await house.count(Sighting) == 60
