from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Invalid, NotFound
from app.models import Brand
from app.services import Services
from app.sources.service import add_source
from app.trends import counts
from app.trends.counts import Counted, deltas
from app.trends.service import breakdown, series, share_of_voice
from tests.conftest import NOW
from tests.support.watch import heard, watch_services, watchlist_with

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
"""The first instant of Monday 23 November 2026 in Paris."""


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


async def say(
    services: Services, brand: Brand, times: Sequence[datetime], zone: str = "Europe/Paris",
    **values: Any,
) -> None:  # fmt: skip
    """Count mentions as the pipeline does."""
    given = {
        "source_id": 1, "author_id": None, "lang": "fr", "label": "none", "owned": False,
        "syndicated": False, "engagement": 0, "relevant": None,
    }  # fmt: skip
    rows = [
        Counted(**{"brand_id": brand.id, "published_at": at, **given, **values}) for at in times
    ]
    async with services.db.write() as session:
        await counts.apply(session, deltas([(row, 1) for row in rows], {brand.id: ZoneInfo(zone)}))


async def test_volume_by_day_tells_zero_from_not_listening(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    services.clock.at = MONDAY - 6 * DAY  # type: ignore[attr-defined]  # a ManualClock
    source = await add_source(
        services, kind="rss", name="Blog", config={"url": "https://e.org/f"}, watchlist_id=made.id
    )
    services.clock.at = NOW  # type: ignore[attr-defined]  # a ManualClock
    await say(services, brand, [MONDAY - 3 * DAY, MONDAY - 3 * DAY + DAY / 2], label="negative")
    await say(services, brand, [MONDAY - 4 * DAY], label="positive", engagement=7)
    await say(services, brand, [MONDAY - 5 * DAY])
    await heard(services, source.id, MONDAY - 3 * DAY, MONDAY - DAY)
    found = await series(services, made.id, bucket="day", start=MONDAY - 4 * DAY, end=MONDAY)
    (line,) = found.lines
    assert [slot.key for slot in found.frame.slots] == [
        "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22",
    ]  # fmt: skip
    assert [point.n if point else point for point in line.points] == [1, 2, 0, None]
    assert (line.total.n, line.total.engagement, line.previous.n) == (3, 7, 1)
    assert line.total.net_sentiment == pytest.approx(-1 / 3)
    assert line.previous.not_judged == 1
    frame = found.frame
    assert (frame.sample, frame.zone, frame.previous_end) == (3, "Europe/Paris", frame.start)
    assert frame.previous_start == MONDAY - 8 * DAY
    assert [(gap.start, gap.end, gap.why) for gap in frame.gaps] == [
        (MONDAY - 4 * DAY, MONDAY - 3 * DAY, "not_asked"), (MONDAY - DAY, MONDAY, "not_asked"),
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe"])
async def test_the_hours_of_each_day_sum_to_the_day_and_the_days_to_the_week(
    services: Services, zone: str
) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"), zone=zone)
    start = datetime(2026, 10, 18, 12, 7, tzinfo=UTC)
    times = [start + n * timedelta(hours=5, minutes=13) for n in range(80)]
    await say(services, brand, times, zone=zone)
    days = await series(services, made.id, bucket="day", start=start, end=start + 21 * DAY)
    weeks = await series(services, made.id, bucket="week", start=start, end=start + 21 * DAY)
    for slot, point in zip(days.frame.slots, days.lines[0].points, strict=True):
        hours = await series(services, made.id, bucket="hour", start=slot.start, end=slot.end)
        assert (hours.frame.start, hours.frame.end) == (slot.start, slot.end)
        assert hours.lines[0].total.n == (point.n if point else 0)
    assert days.lines[0].total.n == weeks.lines[0].total.n == 80
    assert weeks.frame.slots[0].key == "2026-10-12"


async def test_share_of_voice_is_own_over_own_and_competitors_without_markets(
    services: Services,
) -> None:
    made, (own, rival, market) = await watchlist_with(
        services, ("A1", "own"), ("B1", "competitor"), ("M1", "market")
    )
    await say(services, own, [MONDAY] * 3, engagement=10)
    await say(services, own, [MONDAY + DAY], owned=True)
    await say(services, rival, [MONDAY], engagement=10)
    await say(services, rival, [MONDAY - DAY])
    await say(services, market, [MONDAY] * 50)
    asked: dict[str, Any] = {"bucket": "day", "start": MONDAY, "end": MONDAY + 2 * DAY}
    found = await share_of_voice(services, made.id, **asked)
    assert (found.own, found.own_previous, found.frame.sample) == (0.75, 0.0, 4)
    assert [(line.name, line.total) for line in found.lines] == [("A1", 0.75), ("B1", 0.25)]
    assert found.lines[0].points == [0.75, None]
    with_owned = await share_of_voice(services, made.id, of="all", **asked)
    assert with_owned.own == 0.8
    by_engagement = await share_of_voice(services, made.id, by="engagement", **asked)
    assert (by_engagement.own, by_engagement.of) == (0.75, "all")


async def test_breakdowns_name_sources_and_languages_most_first(services: Services) -> None:
    made, (brand, other) = await watchlist_with(services, ("A1", "own"), ("B1", "competitor"))
    source = await add_source(
        services, kind="rss", name="Blog", config={"url": "https://e.org/f"}, watchlist_id=made.id
    )
    await say(services, brand, [MONDAY, MONDAY + DAY], source_id=source.id, label="positive")
    await say(services, brand, [MONDAY - DAY], source_id=source.id)
    await say(services, other, [MONDAY], lang=None, source_id=5)
    asked: dict[str, Any] = {"start": MONDAY, "end": MONDAY + 2 * DAY}
    by_source = await breakdown(services, made.id, by="source", **asked)
    assert [(name, row.n) for _, name, row in by_source.rows] == [("Blog", 2), ("5", 1)]
    by_lang = await breakdown(services, made.id, by="lang", **asked)
    assert [(key, row.n) for key, _, row in by_lang.rows] == [("fr", 2), ("", 1)]
    assert by_lang.rows[0][2].label("positive") == 2
    one = await breakdown(services, made.id, by="lang", brand_ids=[other.id], **asked)
    assert (one.frame.sample, len(one.rows)) == (1, 1)


async def test_what_cannot_be_asked_is_refused(services: Services) -> None:
    made, _ = await watchlist_with(services, ("A1", "own"))
    other, (foreign,) = await watchlist_with(services, ("B1", "own"))
    wrong: Sequence[tuple[dict[str, Any], str]] = [
        ({"bucket": "minute"}, "bucket"),
        ({"end": MONDAY}, "start"),
        ({"start": MONDAY.replace(tzinfo=None)}, "start"),
        ({"bucket": "hour", "start": MONDAY - 200 * DAY}, "bucket"),
    ]
    for change, field in wrong:
        asked = {"bucket": "day", "start": MONDAY, "end": MONDAY + DAY, **change}
        with pytest.raises(Invalid) as caught:
            await series(services, made.id, **asked)
        assert caught.value.field == field
    with pytest.raises(NotFound):
        await series(services, made.id, bucket="day", start=MONDAY, end=NOW, brand_ids=[foreign.id])
    with pytest.raises(NotFound):
        await series(services, 1, bucket="day", start=MONDAY, end=NOW)
    assert other.id != made.id
