"""A real collector added by the real service, polled, stored, counted."""

from __future__ import annotations

import json

from app.ingest.service import poll_due
from app.models import Source
from app.sources.service import add_source
from app.trends.rollup import check_rollups
from tests.support.pipeline import House


async def test_a_dropped_file_becomes_mentions_line_by_line(house: House) -> None:
    drop = house.services.settings.drop_path
    drop.mkdir(parents=True)
    file = drop / "posts.jsonl"
    source = await add_source(
        house.services, kind="jsonl", name="drop", config={"path": "posts.jsonl"},
        watchlist_id=house.watchlist_id,
    )  # fmt: skip
    at = house.now.isoformat()
    with file.open("w") as out:
        out.write(json.dumps({"id": "1", "text": "I love Acme", "published_at": at}) + "\n")
        out.write("{broken\n")
    assert await poll_due(house.services) == 1
    assert await poll_due(house.services) == 0
    with file.open("a") as out:
        out.write(json.dumps({"id": "2", "text": "Acme again", "published_at": at}) + "\n")
    async with house.services.db.write() as session:
        row = await session.get(Source, source.id)
        assert row is not None
        row.next_poll_at = house.now
    assert await poll_due(house.services) == 1
    assert [one.external_id for one in await house.items()] in (["1", "2"], ["2", "1"])
    assert [one.backfill for one in await house.mentions()] == [False, False]
    assert await check_rollups(house.services) == []
