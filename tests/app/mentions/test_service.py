from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.clock import ManualClock
from app.db.engine import Database
from app.errors import Invalid, NotFound
from app.mentions import queries, rules
from app.mentions.rules import (
    MentionFilter,
    Spot,
    cursor_at,
    cursor_of,
    page_size,
    read_cursor,
    read_spot,
)
from app.mentions.service import (
    ItemFilter,
    get_item,
    get_mention,
    list_items,
    list_mentions,
    triage,
)
from app.models import Brand, Mention, Watchlist
from app.services import Services
from app.sources.service import add_source
from tests.conftest import NOW
from tests.support.watch import (
    audited,
    see,
    store_author,
    store_item,
    store_mention,
    watch_services,
    watchlist_with,
)

FEED = {"url": "https://example.org/feed"}


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


async def mentions_at(
    services: Services, brand: Brand, hours: Sequence[int], **values: Any
) -> list[int]:
    """A mention that many hours ago each; their ids in the same order."""
    made = []
    for ago in hours:
        item = await store_item(services, NOW - timedelta(hours=ago), text=f"{ago} hours ago")
        made.append((await store_mention(services, brand, item, **values)).id)
    return made


async def ids_of(services: Services, watchlist: Watchlist, wanted: MentionFilter) -> list[int]:
    page = await list_mentions(services, watchlist.id, wanted)
    return [row.mention.id for row in page.rows]


async def test_pages_are_newest_first_and_lose_or_double_nothing_while_others_write(
    services: Services,
) -> None:
    made, (one, two) = await watchlist_with(services, ("A1", "own"), ("B1", "competitor"))
    stored = await mentions_at(services, one, range(0, 20, 2))
    stored += await mentions_at(services, two, range(1, 20, 2))
    seen: list[int] = []
    cursor = None
    while True:
        page = await list_mentions(services, made.id, cursor=cursor, limit=3)
        seen += [row.mention.id for row in page.rows]
        await mentions_at(services, one, [-1])  # a newer one arrives between two pages
        if page.next is None:
            break
        cursor = page.next
    assert seen == sorted(stored, reverse=True)


async def test_a_row_shows_brand_source_author_and_spans(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    source = await add_source(services, kind="rss", name="Blog", config=FEED, watchlist_id=made.id)
    author = await store_author(services, "Zoé", NOW, followers=12)
    item = await store_item(services, NOW, author_id=author.id, author_name="Zoé B.")
    mention = await store_mention(services, brand, item, source_id=source.id)
    row = await get_mention(services, made.id, mention.id)
    assert (row.brand, row.brand_kind, row.source, row.source_kind) == ("A1", "own", "Blog", "rss")
    assert (row.author, row.followers, row.mention.spans) == ("Zoé B.", 12, [["text", 0, 4]])
    assert row.item.id == item.id


FILTERS: Sequence[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3]),
    ({"kind": "own"}, [0, 1]),
    ({"kind": "market"}, []),
    ({"labels": ("none",)}, [3]),
    ({"labels": ("negative", "positive")}, [0, 1]),
    ({"languages": ("fr",)}, [0, 2]),
    ({"languages": ("fr", "")}, [0, 2, 3]),
    ({"statuses": ("done",)}, [1]),
    ({"owned": True}, [2]),
    ({"backfill": True}, [3]),
    ({"backfill": False}, [0, 1, 2]),
    ({"relevant": True}, [0, 1, 3]),
    ({"relevant": False}, [2]),
    ({"source_ids": (7,)}, [0]),
    ({"assignee_id": 5}, [1]),
    ({"since": NOW - timedelta(hours=1)}, [0, 1]),
    ({"until": NOW - timedelta(hours=1)}, [2, 3]),
    ({"since": NOW - timedelta(hours=2), "until": NOW}, [1, 2]),
]


async def test_each_filter_keeps_what_it_says(services: Services) -> None:
    made, (own, rival) = await watchlist_with(services, ("A1", "own"), ("B1", "competitor"))
    ids = [
        *await mentions_at(services, own, [0], lang="fr", label="negative", source_id=7),
        *await mentions_at(
            services, own, [1], lang="en", label="positive", status="done", assignee_id=5
        ),
        *await mentions_at(
            services, rival, [2], lang="fr", label="neutral", owned=True, relevant=False
        ),
        *await mentions_at(services, rival, [3], backfill=True),
    ]
    for wanted, expected in FILTERS:
        found = await ids_of(services, made, MentionFilter(**wanted))
        assert [ids.index(one) for one in found] == expected, wanted


async def test_several_brands_are_one_list(services: Services) -> None:
    made, brands = await watchlist_with(
        services, ("A1", "own"), ("B1", "competitor"), ("C1", "market")
    )
    ids = [(await mentions_at(services, brand, [n]))[0] for n, brand in enumerate(brands)]
    wanted = MentionFilter(brand_ids=(brands[0].id, brands[2].id))
    assert await ids_of(services, made, wanted) == [ids[0], ids[2]]
    assert await ids_of(services, made, replace(wanted, kind="market")) == [ids[2]]


async def test_nothing_of_another_watchlist_is_shown_or_changed(services: Services) -> None:
    _, (brand,) = await watchlist_with(services, ("A1", "own"))
    other, _ = await watchlist_with(services, ("B1", "own"))
    (mention,) = await mentions_at(services, brand, [0])
    assert await ids_of(services, other, MentionFilter()) == []
    for attempt in (
        get_mention(services, other.id, mention),
        list_mentions(services, other.id, MentionFilter(brand_ids=(brand.id,))),
        triage(services, other.id, [mention], status="done"),
        list_mentions(services, 1),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_wrong_filter_names_its_field(services: Services) -> None:
    made, _ = await watchlist_with(services, ("A1", "own"))
    wrong: Sequence[tuple[dict[str, Any], str]] = [
        ({"labels": ("good",)}, "label"),
        ({"statuses": ("open",)}, "status"),
        ({"kind": "mine"}, "kind"),
        ({"q": "(nike"}, "q"),
    ]
    for wanted, field in wrong:
        with pytest.raises(Invalid) as caught:
            await list_mentions(services, made.id, MentionFilter(**wanted))
        assert caught.value.field == field
    with pytest.raises(Invalid) as caught:
        await list_mentions(services, made.id, cursor="bm90IG91cnM")
    assert caught.value.field == "cursor"
    with pytest.raises(Invalid) as caught:  # one of a list, given to a search
        await list_mentions(services, made.id, MentionFilter(q="a"), cursor=cursor_of(7))
    assert caught.value.field == "cursor"


async def test_a_query_looks_through_the_newest_mentions_and_says_how_many(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    ids = await mentions_at(services, brand, range(9))
    found = await list_mentions(services, made.id, MentionFilter(q='"3 hours" OR "5 hours"'))
    assert [row.mention.id for row in found.rows] == [ids[3], ids[5]]
    assert (found.searched, found.complete, found.next) == (9, True, None)
    first = await list_mentions(services, made.id, MentionFilter(q="hours"), limit=4)
    assert [row.mention.id for row in first.rows] == ids[:4]
    rest = await list_mentions(services, made.id, MentionFilter(q="hours"), cursor=first.next)
    assert [row.mention.id for row in rest.rows] == ids[4:]
    monkeypatch.setattr(rules, "MAX_SEARCHED", 4)
    capped = await list_mentions(services, made.id, MentionFilter(q='"8 hours"'))
    assert (len(capped.rows), capped.searched, capped.complete) == (0, 4, False)
    going_on = await list_mentions(
        services, made.id, MentionFilter(q='"8 hours"'), cursor=capped.next
    )
    assert (len(going_on.rows), going_on.complete) == (0, False)
    last = await list_mentions(
        services, made.id, MentionFilter(q='"8 hours"'), cursor=going_on.next
    )
    assert [row.mention.id for row in last.rows] == ids[8:]


async def test_items_are_listed_once_matched_or_not_whoever_saw_them(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    other, _ = await watchlist_with(services)
    one = await add_source(services, kind="rss", name="1", config=FEED, watchlist_id=made.id)
    two = await add_source(
        services, kind="rss", name="2", config={"url": "https://e.org/2"}, watchlist_id=made.id
    )
    items = [await store_item(services, NOW - timedelta(hours=n)) for n in range(6)]
    for number, item in enumerate(items):
        await see(services, item, one.id if number % 2 else two.id)
    await see(services, items[0], one.id)
    mention = await store_mention(services, brand, items[0], source_id=one.id)
    first = await list_items(services, made.id, limit=4)
    assert [row.item.id for row in first.rows] == [item.id for item in items[:4]]
    assert {seen.source for seen in first.rows[0].seen} == {"1", "2"}
    assert [row.id for row in first.rows[0].mentions] == [mention.id]
    rest = await list_items(services, made.id, cursor=first.next)
    assert [row.item.id for row in rest.rows] == [item.id for item in items[4:]]
    of_one = await list_items(services, made.id, ItemFilter(source_ids=(one.id,)))
    assert [items.index(next(i for i in items if i.id == row.item.id)) for row in of_one.rows] == [
        0, 1, 3, 5,
    ]  # fmt: skip
    late = await list_items(services, made.id, ItemFilter(since=NOW - timedelta(hours=1)))
    assert len(late.rows) == 2
    assert (await get_item(services, made.id, items[5].id)).item.id == items[5].id
    assert (await list_items(services, other.id)).rows == []
    for attempt in (
        get_item(services, other.id, items[0].id),
        list_items(services, other.id, ItemFilter(source_ids=(one.id,))),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_triage_changes_all_or_none_and_is_audited(services: Services) -> None:
    made, (brand,) = await watchlist_with(services, ("A1", "own"))
    ids = await mentions_at(services, brand, [0, 1])
    with pytest.raises(NotFound):
        await triage(services, made.id, [*ids, 1], status="done")
    with pytest.raises(Invalid):
        await triage(services, made.id, ids, status="finished")
    assert await ids_of(services, made, MentionFilter(statuses=("done",))) == []
    await triage(services, made.id, ids, status="done", assignee_id=3, actor="me")
    assert await ids_of(services, made, MentionFilter(assignee_id=3)) == ids
    (first, *_) = await triage(services, made.id, ids, unassign=True)
    assert (first.assignee_id, first.status) == (None, "done")
    assert (await audited(services)).count("mention.triage") == 2


PLANS: Sequence[tuple[dict[str, Any], str]] = [
    ({}, "ix_mentions_watchlist_id_id"),
    ({"brand_ids": (2,)}, "ix_mentions_brand_id_id"),
    ({"brand_ids": (2,), "labels": ("negative",), "languages": ("fr",)}, "ix_mentions_brand_id_id"),
    ({"brand_ids": (2, 3, 4)}, "ix_mentions_watchlist_id_id"),
    ({"since": NOW - timedelta(days=1), "until": NOW}, "ix_mentions_watchlist_id_id"),
    ({"source_ids": (1, 2), "statuses": ("new",), "owned": False}, "ix_mentions_watchlist_id_id"),
]


async def plan_of(session: Any, statement: Any) -> str:
    compiled = statement.compile(
        dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True}
    )
    rows = await session.execute(text("EXPLAIN QUERY PLAN " + str(compiled).replace(":", "\\:")))
    return "\n".join(row[3] for row in rows)


@pytest.fixture
async def on_sqlite(
    sqlite_template: Path, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Services]:
    """EXPLAIN QUERY PLAN is SQLite's."""
    shutil.copy(sqlite_template, tmp_path / "plan.db")
    database = Database(f"sqlite:///{tmp_path / 'plan.db'}")
    async with watch_services(database, clock, tmp_path) as made:
        yield made
    await database.close()


async def test_a_page_of_mentions_walks_one_index_and_sorts_nothing(on_sqlite: Services) -> None:
    for wanted, index in PLANS:
        async with on_sqlite.db.read() as session:
            statement = queries.mentions_page(1, MentionFilter(**wanted), below=2**50, limit=51)
            plan = await plan_of(session, statement)
            sorting = await plan_of(session, statement.order_by(None).order_by(Mention.score))
        assert f"SEARCH mentions USING INDEX {index}" in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan
        assert "TEMP B-TREE" in sorting, "this check would not see a sort"


async def test_a_page_of_items_is_short_walks_down_the_sightings(on_sqlite: Services) -> None:
    async with on_sqlite.db.read() as session:
        statement = queries.items_page([1, 2], since=None, until=None, below=2**50, limit=51)
        plan = await plan_of(session, statement)
    walks = [line for line in plan.splitlines() if "sightings" in line]
    assert len(walks) == 2
    assert all("SEARCH" in line and "ix_sightings_source_id_item_id" in line for line in walks)


async def test_mentions_of_candidates_are_found_by_their_items(on_sqlite: Services) -> None:
    for wanted, _ in PLANS:
        async with on_sqlite.db.read() as session:
            statement = queries.mentions_among(1, MentionFilter(**wanted), [5, 6, 7])
            plan = await plan_of(session, statement)
        assert "SEARCH mentions USING INDEX" in plan
        assert "(item_id=?)" in plan
        assert "TEMP B-TREE" not in plan


def test_a_place_in_a_search_is_read_back_and_is_no_other_cursor() -> None:
    spot = Spot(2**62, 7)
    assert read_spot(cursor_at(spot)) == spot
    assert read_cursor(cursor_at(spot)) is None
    assert read_spot(cursor_of(7)) is None


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_back(last: int) -> None:
    assert read_cursor(cursor_of(last)) == last


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:
    read = read_cursor(text)
    assert read is None or read_cursor(cursor_of(read)) == read


def test_a_page_has_1_to_500_rows() -> None:
    assert [page_size(n) for n in (None, 0, 7, 501)] == [50, 1, 7, 500]
