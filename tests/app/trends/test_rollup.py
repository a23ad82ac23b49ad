"""Roll-ups: local hours and days, and the proof that they equal a recount."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from app.db.engine import Database
from app.errors import NotFound
from app.models import DayRollup, HourRollup, Watchlist
from app.trends.rollup import (
    Counted,
    Deltas,
    check_rollups,
    deltas,
    local_hour,
    rebuild,
    rebuild_stale,
)
from tests.support.pipeline import House, make_services, post

PARIS = ZoneInfo("Europe/Paris")
KOLKATA = ZoneInfo("Asia/Kolkata")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "hour", "day"),
    [
        ("2026-11-23T09:40:00", PARIS, "2026-11-23T09:00:00", "2026-11-23"),
        ("2026-11-22T23:30:00", PARIS, "2026-11-22T23:00:00", "2026-11-23"),
        # Summer time begins: 02:00 becomes 03:00.
        ("2026-03-29T00:59:59", PARIS, "2026-03-29T00:00:00", "2026-03-29"),
        ("2026-03-29T01:00:00", PARIS, "2026-03-29T01:00:00", "2026-03-29"),
        # It ends: the hour from 02:00 to 03:00 comes twice, and stays two.
        ("2026-10-25T00:30:00", PARIS, "2026-10-25T00:00:00", "2026-10-25"),
        ("2026-10-25T01:30:00", PARIS, "2026-10-25T01:00:00", "2026-10-25"),
        # Half-hour zones: 14:40 in Kolkata lies in 14:00, which is 08:30 UTC.
        ("2026-11-23T09:10:00", KOLKATA, "2026-11-23T08:30:00", "2026-11-23"),
        ("2026-11-22T18:30:00", KOLKATA, "2026-11-22T18:30:00", "2026-11-23"),
        ("2026-11-22T18:29:59", KOLKATA, "2026-11-22T17:30:00", "2026-11-22"),
    ],
)
def test_hours_and_days_are_the_watchlists_own(
    at: str, zone: ZoneInfo, hour: str, day: str
) -> None:
    assert local_hour(utc(at), zone) == (utc(hour), day)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), st.sampled_from([PARIS, KOLKATA]))  # noqa: DTZ001 - made aware below
def test_every_instant_lies_in_its_hour_and_hours_start_on_the_hour(
    naive: datetime, zone: ZoneInfo
) -> None:
    at = naive.replace(tzinfo=UTC)
    hour, day = local_hour(at, zone)
    assert hour <= at < hour + timedelta(hours=1)
    assert (hour.astimezone(zone).minute, hour.astimezone(zone).second) == (0, 0)
    assert day == at.astimezone(zone).date().isoformat()


def counted(label: str = "positive", **more: object) -> Counted:
    values: dict[str, object] = {
        "brand_id": 1, "source_id": 2, "author_id": 3, "published_at": utc("2026-11-23T09:10:00"),
        "lang": "fr", "label": label, "owned": True, "syndicated": False, "engagement": 5,
        "relevant": None,
    }  # fmt: skip
    return Counted(**(values | more))  # type: ignore[arg-type]  # a Counted's fields by name


def test_a_mention_counted_in_and_out_leaves_nothing_to_write() -> None:
    total = deltas([(counted(), 1), (counted(), -1)], {1: PARIS})
    assert [total.rows(table) for table in total.counts] == [[], [], [], []]


def test_a_mention_marked_not_about_us_is_not_counted() -> None:
    total = Deltas()
    total.add(counted(relevant=False), PARIS)
    assert total.rows(DayRollup) == []


def test_what_is_not_judged_has_a_row_of_its_own() -> None:
    total = deltas([(counted("none"), 1), (counted(), 1), (counted(), 1)], {1: PARIS})
    assert sorted(total.rows(DayRollup)) == [
        (1, "2026-11-23", "none", 1, 1, 0, 5),
        (1, "2026-11-23", "positive", 2, 2, 0, 10),
    ]


@pytest.fixture
async def house(db: Database, now: datetime, tmp_path: Path) -> House:
    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": "acme"})
    await house.store(await house.source(), [post(n) for n in range(3)])
    return house


async def test_a_tampered_row_is_found_and_named(house: House) -> None:
    assert await check_rollups(house.services, house.watchlist_id) == []
    async with house.services.db.write() as session:
        await session.execute(update(HourRollup).values(n=HourRollup.n + 1))
    [found] = await check_rollups(house.services)
    assert (found.table, found.stored[0], found.counted[0]) == ("rollup_hours", 4, 3)


async def test_a_lost_row_is_found_too(house: House) -> None:
    from sqlalchemy import delete

    async with house.services.db.write() as session:
        await session.execute(delete(DayRollup))
    [found] = await check_rollups(house.services)
    assert (found.table, found.stored, found.counted[0]) == ("rollup_days", (0, 0, 0, 0), 3)


async def test_a_change_of_zone_makes_hours_and_days_anew(house: House) -> None:
    async with house.services.db.write() as session:
        await session.execute(update(Watchlist).values(zone="Asia/Kolkata", rollups_stale=True))
    assert len(await check_rollups(house.services)) > 0
    assert await rebuild_stale(house.services) == 1
    assert await rebuild_stale(house.services) == 0
    assert await check_rollups(house.services) == []
    async with house.services.db.read() as session:
        from sqlalchemy import select

        hours = set(await session.scalars(select(HourRollup.hour)))
    assert hours == {utc("2026-11-23T08:30:00")}


async def test_a_rebuild_tells_its_progress_and_an_unknown_watchlist_is_not_found(
    house: House,
) -> None:
    told: list[tuple[int, int]] = []
    assert await rebuild(house.services, house.watchlist_id, lambda *p: told.append(p)) == 3
    assert told[-1] == (3, 3)
    with pytest.raises(NotFound):
        await check_rollups(house.services, 1)
    with pytest.raises(NotFound):
        await rebuild(house.services, 1)
