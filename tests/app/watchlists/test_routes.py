"""/watchlists and /brands over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update

from app.db.keys import key_at
from app.models import QueryVersion
from tests.support.web import House


async def test_a_watchlist_is_made_read_changed_and_deleted(any_house: House) -> None:
    async with any_house.as_key("admin") as admin:
        made = await admin.post("/api/v1/watchlists", json={"name": "Decathlon", "zone": "UTC"})
        assert made.status_code == 201
        path = f"/api/v1/watchlists/{made.json()['id']}"
        assert isinstance(made.json()["id"], str)
        changed = await admin.patch(path, json={"purpose": "listen"})
        assert changed.json()["purpose"] == "listen"
        assert changed.json()["zone"] == "UTC"
        listed = (await admin.get("/api/v1/watchlists")).json()["data"]
        assert [row["name"] for row in listed] == ["Decathlon"]
        assert (await admin.delete(path)).status_code == 204
        assert (await admin.get(path)).status_code == 404


async def test_an_edit_from_an_old_version_is_refused_and_loses_nothing(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        made = await writer.post("/api/v1/watchlists", json={"name": "A"})
        path = f"/api/v1/watchlists/{made.json()['id']}"
        tag = {"If-Match": made.headers["etag"]}
        first = await writer.patch(path, json={"owner": "Ada"}, headers=tag)
        assert first.status_code == 200
        late = await writer.patch(path, json={"owner": "Bob"}, headers=tag)
        assert late.status_code == 412
        assert late.json()["type"].endswith("/problems/stale")
        assert (await writer.get(path)).json()["owner"] == "Ada"
        odd = await writer.patch(path, json={"owner": "Bob"}, headers={"If-Match": '"x"'})
        assert odd.status_code == 412


async def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    async with house.as_key("write") as writer:
        made = await writer.post("/api/v1/watchlists", json={"name": "A"})
        path = f"/api/v1/watchlists/{made.json()['id']}"
        tag = (await writer.get(path)).headers["etag"]
        again = await writer.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert not again.content
        await writer.patch(path, json={"owner": "Ada"})
        assert (await writer.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_where_there_are_several_watchlists_one_must_be_named(house: House) -> None:
    async with house.as_key("write") as writer:
        none = await writer.get("/api/v1/brands")
        assert none.status_code == 404
        ids = [
            (await writer.post("/api/v1/watchlists", json={"name": n})).json()["id"] for n in "AB"
        ]
        unnamed = await writer.get("/api/v1/brands", headers={"Accept-Language": "fr"})
        assert unnamed.status_code == 422
        assert unnamed.json()["errors"][0]["field"] == "watchlist"
        assert "plusieurs veilles" in unnamed.json()["detail"]
        assert (await writer.get(f"/api/v1/brands?watchlist={ids[1]}")).status_code == 200
        assert (await writer.get("/api/v1/brands?watchlist=nonsense")).status_code == 404


async def test_a_brand_comes_with_a_query_that_can_be_reworded(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/brands", json={"name": "Decathlon"})
        assert made.status_code == 201
        path = f"/api/v1/brands/{made.json()['id']}"
        first = (await writer.get(f"{path}/query")).json()
        assert "decathlon" in first["text"].lower()
        new = await writer.put(
            f"{path}/query", json={"text": "decathlon AND vélo"},
            headers={"If-Match": made.headers["etag"]},
        )  # fmt: skip
        assert new.status_code == 200, new.text
        assert new.json()["number"] == 2
        wrong = await writer.put(f"{path}/query", json={"text": "(decathlon"})
        assert wrong.status_code == 422
        history = (await writer.get(f"{path}/query/versions")).json()["data"]
        assert [row["number"] for row in history] == [2, 1]
        twice = await writer.post("/api/v1/brands", json={"name": "Decathlon"})
        assert twice.status_code == 409


async def test_a_wrong_query_is_told_with_its_spot_and_what_would_do(house: House) -> None:
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/brands", json={"name": "Decathlon"})
        path = f"/api/v1/brands/{made.json()['id']}/query"
        wrong = await writer.put(
            path, json={"text": "vélo (decathlon"}, headers={"Accept-Language": "fr"}
        )
        told = wrong.json()
        assert (wrong.status_code, told["code"]) == (422, "unbalanced_parenthesis")
        assert told["position"] == 5
        assert told["caret"] == told["detail"]
        assert told["caret"].split("\n")[:2] == ["vélo (decathlon", "     ^"]
        assert told["message"].startswith("Parenthèse")
        assert "suggestion" in told


async def test_an_earlier_query_is_brought_back_once(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/brands", json={"name": "Decathlon", "query": "first"})
        path = f"/api/v1/brands/{made.json()['id']}/query"
        await writer.put(path, json={"text": "second"})
        for _ in range(2):
            back = await writer.post(f"{path}/restore", json={"number": 1})
            assert (back.json()["number"], back.json()["text"]) == (3, "first")
        assert (await writer.get(path)).json()["rematch"] == {
            "state": "waiting", "searched": 0, "total": None, "percent": 0, "down_to": None,
            "added": 0, "removed": 0, "kept": 0,
        }  # fmt: skip
        never = await writer.post(
            f"{path}/restore", json={"number": 9}, headers={"Accept-Language": "fr"}
        )
        assert never.status_code == 404
        assert "version 9" in never.json()["detail"]
        stale = await writer.post(
            f"{path}/restore", json={"number": 2}, headers={"If-Match": made.headers["etag"]}
        )
        assert stale.status_code == 412


async def test_a_search_under_way_says_down_to_when_it_has_come(house: House) -> None:
    at = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/brands", json={"name": "Decathlon"})
        async with house.services.db.write() as session:
            await session.execute(
                update(QueryVersion).values(
                    rematch_key=key_at(at), rematch_searched=4_000, rematch_total=9_300,
                    rematch_added=12, rematch_removed=3, rematch_kept=240,
                )
            )  # fmt: skip
        path = f"/api/v1/brands/{made.json()['id']}/query"
        told = (await writer.get(path)).json()["rematch"]
        assert told == {
            "state": "running", "searched": 4_000, "total": 9_300, "percent": 43,
            "down_to": "2026-11-02T08:30:00Z", "added": 12, "removed": 3, "kept": 240,
        }  # fmt: skip
        [listed] = (await writer.get(f"{path}/versions")).json()["data"]
        assert listed["rematch"] == told


async def test_what_a_search_from_before_there_were_counters_changed_is_unknown_and_not_zero(
    house: House,
) -> None:
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/brands", json={"name": "Decathlon"})
        async with house.services.db.write() as session:
            await session.execute(update(QueryVersion).values(rematched_at=house.clock.now()))
        told = (await writer.get(f"/api/v1/brands/{made.json()['id']}/query")).json()["rematch"]
        assert (told["state"], told["percent"], told["total"]) == ("done", 100, None)
        assert (told["added"], told["removed"], told["kept"]) == (None, None, None)


async def test_one_call_makes_a_whole_watch_and_names_what_it_could_not_reach(
    house: House,
) -> None:
    async with house.as_key("write") as writer:
        body = {"name": "Decathlon", "competitors": ["Intersport"], "site": "127.0.0.1"}
        bad = await writer.post("/api/v1/watchlists/watch", json=body)
        assert bad.status_code == 422
        made = await writer.post(
            "/api/v1/watchlists/watch", json={"name": "Decathlon", "competitors": ["Intersport"]}
        )
        assert made.status_code == 201, made.text
        sources = (await writer.get("/api/v1/sources")).json()["data"]
        assert {row["id"] for row in sources} == set(made.json()["source_ids"])
        audit_is_closed = await writer.get("/api/v1/audit")
        assert audit_is_closed.status_code == 403
