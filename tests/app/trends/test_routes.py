"""/trends over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.furnish import furnish, mention, settle
from tests.support.web import House


async def counted(house: House) -> str:
    made = await furnish(house.services, brand_names=("Decathlon", "Intersport"))
    now = house.clock.now()
    for brand, label, hours in ((0, "positive", 1), (0, "negative", 2), (0, "none", 3),
                                (1, "neutral", 1), (0, "positive", 26)):  # fmt: skip
        await mention(
            house.services, made, brand=brand, label=label, at=now - timedelta(hours=hours)
        )
    await settle(house.services, made)
    return str(made.brands[0].id)


DAY = "start=2026-11-22T23:00:00Z&end=2026-11-23T09:00:00Z"


async def test_volume_counts_by_bucket_against_the_period_before(any_house: House) -> None:
    await counted(any_house)
    async with any_house.as_key("read") as reader:
        found = (await reader.get(f"/api/v1/trends/volume?{DAY}&bucket=day")).json()
    line = found["lines"][0]
    assert found["frame"]["slots"] == ["2026-11-23"]
    assert found["frame"]["zone"] == "Europe/Paris"
    assert (line["total"]["n"], line["previous"]["n"]) == (3, 1)
    assert line["total"]["not_judged"] == 1
    assert line["total"]["neutral"] == 0
    assert found["frame"]["sample"] == 4


async def test_hours_in_which_nobody_listened_have_no_figure(any_house: House) -> None:
    brand = await counted(any_house)
    async with any_house.as_key("read") as reader:
        found = (
            await reader.get(
                f"/api/v1/trends/sentiment?bucket=hour&brand={brand}"
                "&start=2026-11-20T00:00:00Z&end=2026-11-20T02:00:00Z"
            )
        ).json()
    assert len(found["lines"]) == 1
    assert found["lines"][0]["points"] == [None, None]


async def test_share_of_voice_adds_up(any_house: House) -> None:
    await counted(any_house)
    async with any_house.as_key("read") as reader:
        found = (await reader.get(f"/api/v1/trends/share-of-voice?{DAY}")).json()
        parts = (await reader.get(f"/api/v1/trends/breakdown?{DAY}&by=lang")).json()
    assert found["own"] == pytest.approx(0.75)
    assert sum(line["total"] for line in found["lines"]) == pytest.approx(1)
    assert [(row["key"], row["counts"]["n"]) for row in parts["rows"]] == [("fr", 4)]


WRONG = (
    "bucket=minute",
    "start=2026-11-23T00:00:00&end=2026-11-23T01:00:00Z",
    "start=2026-11-23T00:00:00Z&end=2026-11-22T00:00:00Z",
    "bucket=hour&start=2020-01-01T00:00:00Z&end=2026-11-22T00:00:00Z",
    "brand=x",
)


async def test_a_period_that_cannot_be_shown_is_refused(house: House) -> None:
    await counted(house)
    async with house.as_key("read") as reader:
        for query in WRONG:
            answer = await reader.get(f"/api/v1/trends/volume?{query}")
            assert answer.status_code == 422, (query, answer.text)
            assert answer.json()["errors"]
