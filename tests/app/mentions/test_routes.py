"""/mentions and /items over HTTP."""

from __future__ import annotations

from datetime import timedelta

from app.search.service import index_pending
from tests.support.furnish import Furnished, furnish, mention
from tests.support.web import House


async def lived_in(house: House, n: int = 5) -> Furnished:
    made = await furnish(house.services, brand_names=("Decathlon", "Intersport"))
    for place in range(n):
        await mention(
            house.services, made, brand=place % 2, label=("positive", "none")[place % 2],
            at=house.clock.now() - timedelta(minutes=place + 1), text=f"Decathlon numéro {place}",
            spans=[("text", 0, 9)],
        )  # fmt: skip
    return made


async def test_mentions_come_newest_first_with_why_and_sentiment(any_house: House) -> None:
    made = await lived_in(any_house)
    async with any_house.as_key("read") as reader:
        page = (await reader.get("/api/v1/mentions")).json()
        one = (await reader.get(f"/api/v1/mentions/{made.mention_ids[1]}")).json()
    assert [row["id"] for row in page["data"]] == [str(key) for key in made.mention_ids]
    first = page["data"][0]
    assert first["spans"] == [{"field": "text", "start": 0, "end": 9}]
    assert first["sentiment"]["label"] == "positive"
    assert first["item"]["metrics"] == {"likes": 1}
    assert page["next"] is None
    # Not judged is not neutral.
    assert one["sentiment"]["label"] is None


async def test_paging_loses_and_doubles_nothing_while_new_ones_arrive(any_house: House) -> None:
    made = await lived_in(any_house, 7)
    wanted = [str(key) for key in made.mention_ids]
    seen: list[str] = []
    async with any_house.as_key("read") as reader:
        url: str | None = "/api/v1/mentions?limit=2&relevant=true"
        while url:
            answer = await reader.get(url)
            seen += [row["id"] for row in answer.json()["data"]]
            url = answer.links.get("next", {}).get("url")
            assert url is None or "relevant=true" in url
            await mention(any_house.services, made, at=any_house.clock.now())
    assert seen == wanted


FILTERS = {
    "sentiment=positive": 3, "sentiment=none": 2, "kind=competitor": 2, "q=num%C3%A9ro": 5,
    "q=nothing": 0, "since=2026-11-23T08:58:00Z": 2, "language=fr": 5, "language=de": 0,
    "owned=true": 0, "backfill=false": 5, "status=new&status=done": 5,
}  # fmt: skip
WRONG = {
    "limit=501": "limit", "limit=0": "limit", "cursor=zzz": "cursor", "q=(a": "q",
    "status=odd": "status", "sentiment=odd": "sentiment", "since=2026-11-23": "since",
    "brand=x": "brand",
}  # fmt: skip


async def test_filters_narrow_the_list(house: House) -> None:
    await lived_in(house)
    async with house.as_key("read") as reader:
        for query, count in FILTERS.items():
            answer = await reader.get(f"/api/v1/mentions?{query}")
            assert answer.status_code == 200, (query, answer.text)
            assert len(answer.json()["data"]) == count, query


async def test_a_filter_that_cannot_be_used_is_named(house: House) -> None:
    await lived_in(house, 1)
    async with house.as_key("read") as reader:
        for query, field in WRONG.items():
            answer = await reader.get(f"/api/v1/mentions?{query}")
            assert answer.status_code == 422, (query, answer.text)
            assert answer.json()["errors"][0]["field"].startswith(field), query


async def test_triage_sets_all_or_none(any_house: House) -> None:
    made = await lived_in(any_house, 2)
    ids = [str(key) for key in made.mention_ids]
    async with any_house.as_key("write") as writer:
        bad = await writer.post(
            "/api/v1/mentions/triage", json={"ids": [*ids, "1"], "status": "done"}
        )
        assert bad.status_code == 404
        page = (await writer.get("/api/v1/mentions?status=done")).json()
        assert page["data"] == []
        good = await writer.post("/api/v1/mentions/triage", json={"ids": ids, "status": "done"})
        assert sorted(good.json()["ids"]) == sorted(ids)
        assert len((await writer.get("/api/v1/mentions?status=done")).json()["data"]) == 2


async def test_items_tell_where_they_were_seen_and_whom_they_mention(any_house: House) -> None:
    made = await lived_in(any_house, 3)
    async with any_house.as_key("read") as reader:
        page = (await reader.get("/api/v1/items?limit=2")).json()
        one = (await reader.get(f"/api/v1/items/{made.mention_ids[0]}")).json()
        none = await reader.get("/api/v1/items/1")
    assert len(page["data"]) == 2
    assert page["next"]
    assert [seen["source"] for seen in one["seen"]] == ["Feed 0"]
    assert one["mentions"][0]["brand_id"] == str(made.brands[0].id)
    assert none.status_code == 404


async def test_a_mention_of_another_watchlist_is_not_there(house: House) -> None:
    made = await lived_in(house, 1)
    other = await furnish(house.services, name="Other", brand_names=("Lidl",))
    mine, theirs = made.watchlist.id, other.watchlist.id
    async with house.as_key("admin") as admin:
        for noun in ("mentions", "items"):
            path = f"/api/v1/{noun}/{made.mention_ids[0]}"
            assert (await admin.get(f"{path}?watchlist={mine}")).status_code == 200
            assert (await admin.get(f"{path}?watchlist={theirs}")).status_code == 404
        listed = await admin.get(f"/api/v1/mentions?watchlist={theirs}")
        assert listed.json()["data"] == []
        brand = await admin.get(f"/api/v1/mentions?watchlist={theirs}&brand={made.brands[0].id}")
        assert brand.status_code == 404


async def test_a_query_finds_counts_and_pages_items_and_mentions(any_house: House) -> None:
    await lived_in(any_house, 5)
    while await index_pending(any_house.services):
        pass
    async with any_house.as_key("read") as reader:
        for noun in ("mentions", "items"):
            seen: list[str] = []
            url: str | None = f"/api/v1/{noun}?q=Decathlon+-3&limit=3"
            while url:
                answer = await reader.get(url)
                page = answer.json()
                assert page["complete"]
                seen += [row["id"] for row in page["data"]]
                url = answer.links.get("next", {}).get("url")
            assert len(set(seen)) == len(seen) == 4
            assert seen == sorted(seen, key=int, reverse=True)
            count = (await reader.get(f"/api/v1/{noun}/count?q=Decathlon+-3")).json()
            assert count == {"count": 4, "at_least": False, "searched": 5}
            count = (await reader.get(f"/api/v1/{noun}/count")).json()
            assert count == {"count": 5, "at_least": False, "searched": None}
            wrong = await reader.get(f"/api/v1/{noun}/count?q=(a")
            assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "q")
