from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Conflict, Invalid, NotFound, Stale
from app.models import Brand, Mention, QueryVersion, Source, Watchlist
from app.services import Services
from app.sources.service import add_source
from app.watchlists.service import (
    NewBrand,
    NewWatchlist,
    active_queries,
    add_brand,
    create_watchlist,
    current_query,
    edit_brand,
    edit_watchlist,
    get_brand,
    get_watchlist,
    query_history,
    remove_brand,
    remove_watchlist,
    set_query,
)
from tests.conftest import NOW
from tests.support.watch import (
    audited,
    count,
    store_item,
    store_mention,
    watch_services,
    watchlist_with,
)


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


async def test_a_wrong_zone_names_the_nearest_one(services: Services) -> None:
    with pytest.raises(Invalid, match="did you mean Europe/Paris") as caught:
        await create_watchlist(services, NewWatchlist(name="X", zone="Europe/Pariss"))
    assert caught.value.field == "zone"
    assert "vouliez-vous dire Europe/Paris" in caught.value.fr


async def test_a_name_must_have_1_to_120_characters(services: Services) -> None:
    for name in ("", "   ", "x" * 121):
        with pytest.raises(Invalid) as caught:
            await create_watchlist(services, NewWatchlist(name=name))
        assert caught.value.field == "name"


async def test_an_edit_on_an_old_version_is_refused(services: Services) -> None:
    made = await create_watchlist(services, NewWatchlist(name="A"))
    await edit_watchlist(services, made.id, {"name": "B"}, version=1)
    with pytest.raises(Stale):
        await edit_watchlist(services, made.id, {"name": "C"}, version=1)
    found = await get_watchlist(services, made.id)
    assert (found.name, found.version) == ("B", 2)


async def test_a_new_zone_marks_the_roll_ups_as_stale_and_a_new_name_does_not(
    services: Services,
) -> None:
    made = await create_watchlist(services, NewWatchlist(name="A"))
    assert not (await edit_watchlist(services, made.id, {"name": "B"})).rollups_stale
    assert (await edit_watchlist(services, made.id, {"zone": "Asia/Tokyo"})).rollups_stale


async def test_an_unknown_field_cannot_be_edited(services: Services) -> None:
    made = await create_watchlist(services, NewWatchlist(name="A"))
    with pytest.raises(Invalid):
        await edit_watchlist(services, made.id, {"is_demo": True})


async def test_a_new_brand_has_a_query_and_is_active_in_the_next_epoch(
    services: Services,
) -> None:
    made, (brand,) = await watchlist_with(services, ("Décathlon", "own"))
    async with services.db.read() as session:
        epoch, queries = await active_queries(session)
    assert epoch == 1
    found = queries[brand.id]
    assert found.watchlist_id == made.id
    assert "Décathlon" in found.text
    version = await current_query(services, made.id, brand.id)
    assert version is not None
    assert version.rematched_at is None


async def test_a_brand_keeps_its_sites_and_handles_in_one_form(services: Services) -> None:
    made, _ = await watchlist_with(services)
    brand = await add_brand(
        services,
        made.id,
        NewBrand(name="D", domains=["https://www.Decathlon.fr/x"], handles=["@Decathlon"]),
    )
    assert (brand.domains, brand.handles) == (["decathlon.fr"], ["decathlon"])
    with pytest.raises(Invalid) as caught:
        await edit_brand(services, made.id, brand.id, {"domains": ["not a site"]})
    assert caught.value.field == "domains"


async def test_a_second_brand_of_a_name_is_a_conflict(services: Services) -> None:
    made, _ = await watchlist_with(services, ("A1", "own"), ("B1", "competitor"))
    with pytest.raises(Conflict):
        await add_brand(services, made.id, NewBrand(name="A1"))


async def test_a_wrong_query_is_told_with_a_caret_in_both_languages(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    with pytest.raises(Invalid) as caught:
        await set_query(services, made.id, brand.id, "nike (adidas")
    assert caught.value.field == "query"
    assert "^" in caught.value.message
    assert "^" in caught.value.fr
    assert caught.value.message != caught.value.fr


async def test_a_new_wording_is_a_new_version_to_be_rematched_in_a_new_epoch(
    services: Services,
) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    await set_query(services, made.id, brand.id, "nike", version=brand.version, actor="me")
    with pytest.raises(Stale):
        await set_query(services, made.id, brand.id, "puma", version=brand.version)
    same = await set_query(services, made.id, brand.id, "nike")
    history = await query_history(services, made.id, brand.id)
    assert [one.number for one in history] == [2, 1]
    assert (same.number, same.author, same.rematched_at) == (2, "me", None)
    async with services.db.read() as session:
        epoch, queries = await active_queries(session)
    assert (epoch, queries[brand.id].text) == (
        3,
        "nike",
    )  # the unchanged wording took it too: the first lock


async def test_an_inactive_brand_has_no_query_in_force(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    await edit_brand(services, made.id, brand.id, {"active": False})
    async with services.db.read() as session:
        assert (await active_queries(session))[1] == {}


async def test_another_watchlists_brand_is_not_found(services: Services) -> None:
    _, (brand,) = await watchlist_with(services, ("A1", "own"))
    other, _ = await watchlist_with(services)
    for attempt in (
        get_brand(services, other.id, brand.id),
        edit_brand(services, other.id, brand.id, {"name": "X1"}),
        remove_brand(services, other.id, brand.id),
        set_query(services, other.id, brand.id, "nike"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_removing_a_watchlist_takes_all_of_it_and_stops_sources_nobody_else_has(
    services: Services,
) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    other, _ = await watchlist_with(services, ("B1", "own"))
    config = {"url": "https://example.org/feed"}
    shared = await add_source(
        services, kind="rss", name="shared", config=config, watchlist_id=made.id
    )
    await add_source(services, kind="rss", name="again", config=config, watchlist_id=other.id)
    alone = await add_source(
        services, kind="rss", name="alone", config={"url": "https://example.org/2"},
        watchlist_id=made.id,
    )  # fmt: skip
    await store_mention(services, brand, await store_item(services, NOW), source_id=alone.id)
    await remove_watchlist(services, made.id, actor="me")
    assert await count(services, Watchlist) == 1
    assert await count(services, Mention) == 0
    assert await count(services, Brand) == await count(services, QueryVersion) == 1
    async with services.db.read() as session:
        rows = await session.execute(select(Source.id, Source.state, Source.removed_at))
        states = {row.id: (row.state, row.removed_at) for row in rows}
    assert states == {shared.id: ("active", None), alone.id: ("paused", NOW)}
    with pytest.raises(NotFound):
        await get_watchlist(services, made.id)


async def test_every_change_is_in_the_audit_log(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    await edit_watchlist(services, made.id, {"name": "B"})
    await edit_brand(services, made.id, brand.id, {"kind": "market"})
    await set_query(services, made.id, brand.id, "nike")
    await remove_brand(services, made.id, brand.id)
    await remove_watchlist(services, made.id)
    assert sorted(await audited(services)) == sorted(
        ["watchlist.create", "brand.add", "watchlist.edit", "brand.edit", "query.set",
         "brand.remove", "watchlist.remove"]
    )  # fmt: skip
