from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Conflict, Invalid, NotFound, Stale
from app.models import AuditEntry, QueryVersion, Source, WatchlistSource
from app.services import Services
from app.sources.config import local_path_fields
from app.sources.service import (
    add_source,
    build_collector,
    check_config,
    check_source,
    edit_source,
    gaps,
    get_source,
    heard_hours,
    kinds,
    list_sources,
    narrowing_of,
    pause_source,
    remove_source,
    resume_source,
)
from app.watchlists.service import set_query
from collectors.api import CollectorConfig, LocalPath, Term
from collectors.errors import NeedsAttention
from tests.conftest import NOW
from tests.support.faultserver import FaultServer, reply
from tests.support.watch import audited, count, heard, watch_services, watchlist_with

FEED = {"url": "https://example.org/feed"}
TOKEN = "canary-token-51d3"
FEED_BODY = b"""<rss version="2.0"><channel><title>t</title><link>http://e.org/</link>
<item><guid>1</guid><title>x</title><link>http://e.org/1</link></item></channel></rss>"""


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


async def test_a_new_source_is_due_at_once_and_never_asked_too_often(services: Services) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(
        services, kind="rss", name=" The  blog ", config=FEED, watchlist_id=made.id, interval_s=5
    )
    assert (source.name, source.next_poll_at, source.state) == ("The blog", NOW, "active")
    assert source.interval_s == 900
    assert "source.add" in await audited(services)


async def test_who_names_an_interval_gets_it_and_no_rhythm_and_it_is_the_same_source(
    services: Services,
) -> None:
    made, _ = await watchlist_with(services)
    auto = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    assert auto.config["interval"] == "auto"
    again = await add_source(
        services, kind="rss", name="x", config=FEED, watchlist_id=made.id, interval_s=1800
    )
    assert again.id == auto.id
    edited = await edit_source(services, made.id, auto.id, interval_s=3600)
    assert (edited.interval_s, edited.config["interval"]) == (3600, "fixed")
    other = await add_source(
        services, kind="rss", name="y", config={"url": "https://example.org/other"},
        watchlist_id=made.id, interval_s=1800,
    )  # fmt: skip
    assert (other.interval_s, other.config["interval"]) == (1800, "fixed")
    drop = await add_source(
        services, kind="jsonl", name="z", config={"path": "z"}, watchlist_id=made.id, interval_s=900
    )
    assert "interval" not in drop.config


async def test_the_same_source_wanted_by_two_watchlists_is_one_row_and_two_links(
    services: Services,
) -> None:
    one, (brand,) = await watchlist_with(services, ("A1", "own"))
    two, (other,) = await watchlist_with(services, ("B1", "own"))
    first = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=one.id)
    async with services.db.write() as session:
        await session.execute(update(QueryVersion).values(rematched_at=NOW, rematch_key=1))
    services.clock.at = NOW + timedelta(hours=1)  # type: ignore[attr-defined]  # a ManualClock
    again = await add_source(services, kind="rss", name="y", config=FEED, watchlist_id=two.id)
    assert again.id == first.id
    assert (await count(services, Source), await count(services, WatchlistSource)) == (1, 2)
    async with services.db.read() as session:
        rows = await session.execute(select(QueryVersion.author, QueryVersion.rematched_at))
        pending = [row.rematched_at for row in rows]
    # What the source brought before is searched for the second watchlist, not for the first.
    assert sorted(one is None for one in pending) == [False, True]
    assert brand.id != other.id


async def test_a_wrong_configuration_names_the_field(services: Services) -> None:
    made, _ = await watchlist_with(services)
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("rsss", {**FEED}, "kind"),
        ("rss", {"ur": "https://e.org"}, "config.url"),
        ("rss", {"url": "ftp://e.org"}, "config.url"),
        ("rss", {**FEED, "more": 1}, "config.more"),
    ]
    for kind, config, field in wrong:
        with pytest.raises(Invalid) as caught:
            await add_source(services, kind=kind, name="x", config=config, watchlist_id=made.id)
        assert caught.value.field == field


async def test_a_wrong_secret_is_not_repeated_in_the_error(services: Services) -> None:
    made, _ = await watchlist_with(services)
    with pytest.raises(Invalid) as caught:
        await add_source(
            services, kind="mastodon", name="x", watchlist_id=made.id,
            config={"instance": "https://m.example", "token": {"wrong": TOKEN}},
        )  # fmt: skip
    assert TOKEN not in str(caught.value) + caught.value.fr
    assert caught.value.__cause__ is None


async def test_a_secret_is_encrypted_and_opened_only_for_its_collector(
    services: Services, tmp_path: Path
) -> None:
    made, _ = await watchlist_with(services)
    config = {"instance": "https://m.example", "hashtags": ["velo"], "token": TOKEN}
    source = await add_source(
        services, kind="mastodon", name="x", config=config, watchlist_id=made.id
    )
    assert TOKEN not in repr(source.config)
    assert source.secrets is not None
    assert TOKEN.encode() not in source.secrets
    assert services.cipher.open(source.secrets) == {"token": TOKEN}
    async with services.db.read() as session:
        assert TOKEN not in repr([row.detail for row in await session.scalars(select(AuditEntry))])
    collector = build_collector(services, source)
    assert TOKEN not in repr(vars(collector))
    for file in tmp_path.glob("vigie.db*"):  # SQLite: what a thief of the file reads
        assert TOKEN.encode() not in file.read_bytes()
    edited = await edit_source(
        services, made.id, source.id, config={"instance": "https://m.example"}
    )
    assert services.cipher.open(edited.secrets) == {"token": TOKEN}


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "http://m.example"])
async def test_a_stored_secret_does_not_follow_a_source_to_another_address(
    services: Services, elsewhere: str
) -> None:
    made, _ = await watchlist_with(services)
    config = {"instance": "https://m.example", "hashtags": ["velo"], "token": TOKEN}
    source = await add_source(
        services, kind="mastodon", name="x", config=config, watchlist_id=made.id
    )
    with pytest.raises(Invalid) as caught:
        await edit_source(
            services, made.id, source.id, config={"hashtags": ["velo"], "instance": elsewhere}
        )
    assert caught.value.field == "config.token"
    kept = await get_source(services, made.id, source.id)
    assert kept.config["instance"] == "https://m.example"
    fresh = {"hashtags": ["velo"], "instance": elsewhere, "token": "another"}
    edited = await edit_source(services, made.id, source.id, config=fresh)
    assert services.cipher.open(edited.secrets) == {"token": "another"}


async def test_a_path_below_the_drop_folder_is_resolved_and_any_other_refused(
    services: Services, tmp_path: Path
) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(
        services, kind="jsonl", name="x", config={"path": "in/posts.jsonl"}, watchlist_id=made.id
    )
    assert source.config == {"path": "in/posts.jsonl"}
    built = build_collector(services, source)
    assert str(services.settings.drop_path / "in/posts.jsonl") in repr(vars(built))
    drop = services.settings.drop_path
    drop.mkdir(parents=True, exist_ok=True)
    (drop / "way-out").symlink_to(tmp_path.parent)
    for path in ("../secret.jsonl", "/etc/passwd", "a/../../x", "~/x.jsonl", "way-out/x.jsonl"):
        with pytest.raises(Invalid) as caught:
            await add_source(
                services, kind="jsonl", name="x", config={"path": path}, watchlist_id=made.id
            )
        assert caught.value.field == "config.path"
        assert "VIGIE_DROP_DIR" in caught.value.message


async def test_a_link_put_there_later_does_not_lead_out_of_the_drop_folder(
    services: Services, tmp_path: Path
) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(
        services, kind="jsonl", name="x", config={"path": "later/p.jsonl"}, watchlist_id=made.id
    )
    services.settings.drop_path.mkdir(parents=True, exist_ok=True)
    (services.settings.drop_path / "later").symlink_to(tmp_path.parent)
    with pytest.raises(NeedsAttention):
        build_collector(services, source)


def test_paths_are_found_inside_lists_and_options() -> None:
    class Form(CollectorConfig):
        one: LocalPath
        maybe: LocalPath | None = None
        many: tuple[LocalPath, ...] = ()
        plain: Path | None = None

    assert list(local_path_fields(Form)) == ["one", "maybe", "many"]


async def test_another_watchlists_source_is_not_found(services: Services) -> None:
    one, _ = await watchlist_with(services)
    two, _ = await watchlist_with(services)
    source = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=one.id)
    for attempt in (
        get_source(services, two.id, source.id),
        pause_source(services, two.id, source.id),
        edit_source(services, two.id, source.id, name="y"),
        remove_source(services, two.id, source.id),
        check_source(services, two.id, source.id),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_pausing_takes_the_lease_of_a_poll_under_way(services: Services) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    paused = await pause_source(services, made.id, source.id)
    assert (paused.state, paused.attempt, paused.leased_until) == ("paused", 1, None)
    services.clock.at = NOW + timedelta(hours=2)  # type: ignore[attr-defined]  # a ManualClock
    resumed = await resume_source(services, made.id, source.id)
    assert (resumed.state, resumed.next_poll_at) == ("active", NOW + timedelta(hours=2))


async def test_a_new_configuration_starts_from_an_empty_cursor(services: Services) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    async with services.db.write() as session:
        await session.execute(update(Source).values(cursor={"seen": 1}))
    named = await edit_source(services, made.id, source.id, name="y", version=1)
    assert (named.name, named.cursor) == ("y", {"seen": 1})
    with pytest.raises(Stale):
        await edit_source(services, made.id, source.id, name="z", version=1)
    moved = await edit_source(services, made.id, source.id, config={"url": "https://e.org/2"})
    assert moved.cursor == {}
    await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    with pytest.raises(Conflict):
        await edit_source(services, made.id, source.id, config=FEED)


async def test_a_removed_source_comes_back_as_it_was_when_it_is_added_again(
    services: Services,
) -> None:
    made, _ = await watchlist_with(services)
    source = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    await remove_source(services, made.id, source.id)
    assert await list_sources(services, made.id) == []
    again = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=made.id)
    assert (again.id, again.state, again.removed_at) == (source.id, "active", None)


async def test_a_check_reads_once_and_says_what_to_do(services: Services) -> None:
    made, _ = await watchlist_with(services)
    async with FaultServer() as server:
        server.on("/feed", reply(200, FEED_BODY, {"content-type": "application/rss+xml"}))
        server.on("/gone", reply(404))
        good = await check_config(services, kind="rss", config={"url": server.url("/feed")})
        source = await add_source(
            services, kind="rss", name="x", config={"url": server.url("/gone")},
            watchlist_id=made.id,
        )  # fmt: skip
        bad = await check_source(services, made.id, source.id)
    assert good.ok
    assert not bad.ok
    assert bad.message


async def test_the_narrowing_is_the_union_of_all_linked_watchlists_queries(
    services: Services,
) -> None:
    one, (brand,) = await watchlist_with(services, ("A1", "own"))
    two, (other,) = await watchlist_with(services, ("B1", "own"))
    three, (alone,) = await watchlist_with(services, ("C1", "own"))
    await set_query(services, one.id, brand.id, "nike")
    await set_query(services, two.id, other.id, "puma OR #asics")
    await set_query(services, three.id, alone.id, "reebok")
    for watchlist in (one, two):
        source = await add_source(
            services, kind="hackernews", name="x", config={}, watchlist_id=watchlist.id
        )
    async with services.db.read() as session:
        found = await narrowing_of(session, source)
    assert set(found.any_of) == {
        (Term("nike"),), (Term("puma"),), (Term("asics", "hashtag"),),
    }  # fmt: skip


async def test_gaps_and_heard_hours_are_the_watchlists_own(services: Services) -> None:
    one, _ = await watchlist_with(services)
    two, _ = await watchlist_with(services)
    start = NOW - timedelta(hours=6)
    services.clock.at = start  # type: ignore[attr-defined]  # a ManualClock
    source = await add_source(services, kind="rss", name="x", config=FEED, watchlist_id=one.id)
    await heard(services, source.id, start, NOW - timedelta(hours=3))
    await heard(services, source.id, NOW - timedelta(hours=3), NOW - timedelta(hours=2), failed=4)
    async with services.db.read() as session:
        found = await gaps(session, one.id, start - timedelta(days=1), NOW, now=NOW)
        assert await gaps(session, two.id, start, NOW, now=NOW) == []
        hours = await heard_hours(session, one.id, start, NOW)
        assert await heard_hours(session, two.id, start, NOW) == set()
    assert [((g.end - g.start).seconds // 3600, g.why) for g in found] == [
        (1, "failed"), (2, "not_asked"),
    ]  # fmt: skip
    assert len(hours) == 3


def test_the_catalogue_has_a_described_schema_for_every_kind() -> None:
    found = {kind.kind: kind for kind in kinds()}
    assert {"rss", "googlenews", "mastodon", "hackernews", "jsonl"} <= set(found)
    for kind in found.values():
        fields = kind.config_schema["properties"]
        assert all(field.get("description") for field in fields.values())
    assert found["mastodon"].config_schema["properties"]["token"]["anyOf"][0]["writeOnly"]


async def test_two_people_who_add_the_same_source_at_once_get_one(services: Services) -> None:
    made, _ = await watchlist_with(services)
    two = await asyncio.gather(
        *(
            add_source(services, kind="rss", name=name, config=FEED, watchlist_id=made.id)
            for name in ("x", "y", "z")
        )
    )
    assert len({one.id for one in two}) == 1
    assert (await count(services, Source), await count(services, WatchlistSource)) == (1, 1)
