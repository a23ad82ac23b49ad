"""SQLite, PostgreSQL and the matcher in memory give one answer, over real posts.

A bounded sample in the suite; all 51,405 by `make search-agree` (VIGIE_AGREE=all).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from app.db import fulltext
from app.db.bulk import insert_many
from app.db.keys import KeyRun
from app.mentions.rules import ItemFilter
from app.mentions.searching import Items, look, sought
from app.models import Item, SearchPending, Sighting, Source
from app.search import service
from nlp.query import Matcher, Text, parse
from tests.support.pipeline import House

REPLAY = Path(__file__).parents[4] / "shared" / "data" / "replay"
WHOLE = os.environ.get("VIGIE_AGREE") == "all"
STEP = 1 if WHOLE else 20
ZONE = ZoneInfo("Europe/Paris")
OTHERS = (
    "東京タワーへ行った #東京", "ร้านกาแฟ", "L’Oréal lance #LOreal à l'École 😀", "Canal+ à 50 % 🎉",
    "#AirFrance2024 retarde @air_france", "Coca-Cola, coca cola ou CocaCola ?", "C++ ou C# ?",
    "\ud800 broken half", "Straße STRASSE", "zero\u200bwidth", "x" * 300, "", "@bob@mast.social !",
)  # fmt: skip
QUERIES = (
    "united", "#aapl", "@jetblue", "apple OR google", "apple -watch", "flight late",
    '"customer service"', '"us airways"', '"flight cancelled"~3', "flight NEAR/3 delayed",
    "hold ONEAR/4 (hours OR minutes)", "delay*", "cancel* flight", "thank?", "wom?n", "#fail*",
    "case=Apple", 'case="Steve Jobs"', "title:python", "body:python", "title:(show hn)",
    "hashtag:apple", "mention:united", "lemma:be google", "lemma:cancel flight", "iphone6",
    "http", "has:link apple", "site:github.com", "url:nytimes", "source:s unix", "lang:en -flight",
    "published:2015-09-06 the", "published>=2015-09-07 rust", "likes>100 google", "C++", "don't",
    "東京", "#東京", "ร้าน", "l'oréal", "ecole", "😀", "coca-cola", '"air france"', "canal+", "50%",
    "strasse", "zerowidth", "@bob@mast.social", f"{'x' * 200}*", '"the * of"', "author:nobody",
    "NOT (NOT steve) jobs", "(apple OR google) (watch OR glass) -jobs",
)  # fmt: skip


def texts() -> Iterator[Text]:
    """The posts, as few of each file as STEP leaves, and what the files lack."""
    for file in sorted(REPLAY.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if number % STEP == 0:
                    yield _text(json.loads(line))
    for number, body in enumerate(OTHERS):
        at = datetime(2015, 9, 6, 12, number, tzinfo=UTC)
        yield Text(body=body, published_at=at, source="s", source_kind="scripted")


def _text(post: dict[str, Any]) -> Text:
    return Text(
        title=post.get("title") or "",
        body=post.get("text") or post.get("selftext") or post.get("body") or "",
        url=post.get("url") or "",
        lang="en",
        source="s",
        source_kind="scripted",
        published_at=datetime.fromisoformat(post["created_at"]),
        metrics={"likes": float(post.get("points") or post.get("score") or 0)},
    )


@pytest.fixture(scope="module")
def posts() -> list[Text]:
    if not REPLAY.is_dir():
        pytest.skip("no ../shared/data here: the replay files are not at hand")
    return list(texts())


@pytest.fixture(scope="module")
def right(posts: list[Text]) -> dict[str, set[int]]:
    """Query → the numbers of the posts that match, by the matcher in memory."""
    matcher = Matcher.compile({one: parse(one) for one in QUERIES}, zone=ZONE)
    found: dict[str, set[int]] = {one: set() for one in QUERIES}
    for number, text in enumerate(posts):
        for hit in matcher.match(text, now=datetime(2026, 11, 23, tzinfo=UTC)):
            found[hit.key].add(number)
    return found


async def store(house: House, posts: list[Text], now: datetime) -> dict[int, int]:
    """Item id → number of the post, indexed but for every tenth, which waits."""
    source = await house.source()
    keys = KeyRun()
    numbers: dict[int, int] = {}
    rows: list[tuple[Any, ...]] = []
    for number, text in enumerate(posts):
        assert text.published_at is not None
        key = keys.at(text.published_at)
        numbers[key] = number
        rows.append((
            key, number, str(number), "x", "", "post", text.url, text.title,
            text.body.replace("\ud800", "\ufffd"), "", text.published_at, "", now, text.lang, "",
            [], [], dict(text.metrics), 0, False, number,
        ))  # fmt: skip
    async with house.services.db.write() as session:
        await insert_many(session, Item, _COLUMNS, rows)
        await insert_many(
            session, Sighting, ("item_id", "source_id", "external_id", "seen_at"),
            [(key, source, "", now) for key in numbers],
        )  # fmt: skip
        await service.note_new(session, list(numbers))
    while await service.index_pending(house.services):
        pass
    waiting = list(numbers)[::10]
    async with house.services.db.write() as session:
        await fulltext.remove_items(session, waiting)
        await service.note_changed(session, waiting)
    return numbers


_COLUMNS = (
    "id", "dedup_key", "identity", "platform", "external_id", "kind", "url", "title", "text",
    "author_name", "published_at", "published_raw", "first_seen_at", "lang", "in_reply_to",
    "links", "media", "metrics", "engagement", "backfill", "text_hash",
)  # fmt: skip


async def answers(house: House, query: str) -> tuple[list[int], int]:
    """Every item that is found, newest first; how many were looked at."""
    async with house.services.db.read() as session:
        sources = (await session.scalars(select(Source.id))).all()
        asked = sought(query, zone=ZONE, now=datetime(2026, 11, 23, tzinfo=UTC))
        walk = Items(session, house.watchlist_id, sources, ItemFilter(q=query), asked.plan, None)
        found = await look(walk, asked, page=None, cap=10**9)
    assert found.complete
    return list(found.rows), found.searched


async def test_every_answer_is_that_of_the_matcher(
    house: House, posts: list[Text], right: dict[str, set[int]], now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(service, "MAX_WALKED", 10**9)
    numbers = await store(house, posts, now)
    looked = 0
    for query in QUERIES:
        found, searched = await answers(house, query)
        assert found == sorted(found, reverse=True), query
        assert {numbers[key] for key in found} == right[query], query
        looked += searched
    assert sum(map(len, right.values())) > len(QUERIES)
    # The index must spare most of the work, or it is none.
    assert looked < len(QUERIES) * len(posts) / 2


async def test_a_lost_word_would_be_seen(
    house: House, posts: list[Text], right: dict[str, set[int]], now: datetime
) -> None:
    """The broken sample: an index that holds nothing, and nothing waits."""
    await store(house, posts[:500], now)
    async with house.services.db.write() as session:
        await fulltext.empty(session)
        await session.execute(delete(SearchPending))
    assert (await answers(house, "united OR apple"))[0] == []
    assert right["united"] | right["apple OR google"]
