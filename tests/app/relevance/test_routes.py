"""Relevance over HTTP and on the command line."""

from __future__ import annotations

from tests.support.furnish import Furnished, furnish, mention
from tests.support.web import House

WORDS = ("magasin ouvert", "au carrefour de la rue")


async def lived_in(house: House, n: int = 12) -> Furnished:
    made = await furnish(house.services, brand_names=("Carrefour",))
    for place in range(n):
        text = f"{WORDS[place % 2]} carrefour {place}"
        start = text.rindex("carrefour")
        await mention(house.services, made, text=text, spans=[("text", start, start + 9)])
    return made


async def test_one_click_marks_a_mention_and_one_brings_it_back(any_house: House) -> None:
    made = await lived_in(any_house, 2)
    url = f"/api/v1/mentions/{made.mention_ids[0]}/relevance"
    async with any_house.as_key("write") as writer:
        marked = await writer.post(url, json={"relevant": False})
        hidden = (await writer.get("/api/v1/mentions?relevant=false")).json()["data"]
        shown = (await writer.get("/api/v1/mentions?relevant=true")).json()["data"]
        back = await writer.post(url, json={"relevant": None})
    assert (marked.status_code, marked.json()["relevant"]) == (200, False)
    assert marked.json()["filtered"] is False
    assert [row["id"] for row in hidden] == [str(made.mention_ids[0])]
    assert len(shown) == 1
    assert back.json()["relevant"] is None


async def test_many_are_marked_at_once_all_or_none(any_house: House) -> None:
    made = await lived_in(any_house, 3)
    ids = [str(one) for one in made.mention_ids]
    async with any_house.as_key("write") as writer:
        done = await writer.post("/api/v1/mentions/relevance", json={"ids": ids, "relevant": False})
        wrong = await writer.post(
            "/api/v1/mentions/relevance", json={"ids": [ids[0], "17"], "relevant": True}
        )
        one = await writer.get(f"/api/v1/mentions/{ids[0]}")
    assert sorted(done.json()["ids"]) == sorted(ids)
    assert wrong.status_code == 404
    assert one.json()["relevant"] is False


async def test_reading_may_not_mark(house: House) -> None:
    made = await lived_in(house, 1)
    async with house.as_key("read") as reader:
        url = f"/api/v1/mentions/{made.mention_ids[0]}/relevance"
        assert (await reader.post(url, json={"relevant": False})).status_code == 403


async def test_what_is_not_there_is_a_404_and_odd_input_a_422(house: House) -> None:
    made = await lived_in(house, 1)
    async with house.as_key("write") as writer:
        assert (
            await writer.post("/api/v1/mentions/17/relevance", json={"relevant": False})
        ).status_code == 404
        url = f"/api/v1/mentions/{made.mention_ids[0]}/relevance"
        assert (await writer.post(url, json={"relevant": "maybe"})).status_code == 422
        assert (await writer.post(url, json={})).status_code == 422
        assert (await writer.get("/api/v1/brands/17/relevance")).status_code == 404


async def test_a_brand_shows_its_filter_and_refuses_it_with_a_reason(any_house: House) -> None:
    made = await lived_in(any_house)
    url = f"/api/v1/brands/{made.brands[0].id}/relevance"
    async with any_house.as_key("write") as writer:
        for place, one in enumerate(made.mention_ids[:4]):
            body = {"relevant": place % 2 == 0}
            await writer.post(f"/api/v1/mentions/{one}/relevance", json=body)
        shown = (await writer.get(url, headers={"Accept-Language": "en"})).json()
        refused = await writer.put(url, json={"on": True}, headers={"Accept-Language": "en"})
        french = await writer.put(url, json={"on": True}, headers={"Accept-Language": "fr"})
    assert (shown["on"], shown["relevant"], shown["noise"]) == (False, 2, 2)
    assert shown["precision"] is None
    assert "at least 5" in shown["refusal"]
    assert shown["mark_next"]
    assert shown["suggestions"]["exclusions"][0]["noise"] == 2
    assert refused.status_code == 422
    assert "at least 5" in refused.text
    assert "au moins 5" in french.text
