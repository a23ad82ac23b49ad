"""/sources, /collectors, /listening over HTTP."""

from __future__ import annotations

from app.models import ListeningLog, Source
from tests.support.furnish import furnish
from tests.support.web import House

FEED = {"kind": "rss", "name": "Blog", "config": {"url": "https://blog.example/feed"}}


async def test_the_catalogue_gives_each_kinds_form(house: House) -> None:
    async with house.as_key("read") as reader:
        kinds = (await reader.get("/api/v1/collectors")).json()["data"]
        one = await reader.get("/api/v1/collectors/rss")
        none = await reader.get("/api/v1/collectors/nothing")
    assert {"rss", "jsonl", "googlenews", "mastodon", "hackernews"} <= {k["kind"] for k in kinds}
    assert "url" in one.json()["config_schema"]["properties"]
    assert none.status_code == 404


async def test_a_source_is_added_changed_paused_and_taken_out(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = await writer.post("/api/v1/sources", json=FEED)
        assert made.status_code == 201, made.text
        path = f"/api/v1/sources/{made.json()['id']}"
        tag = {"If-Match": made.headers["etag"]}
        assert (await writer.patch(path, json={"name": "B"}, headers=tag)).json()["name"] == "B"
        assert (await writer.patch(path, json={"name": "C"}, headers=tag)).status_code == 412
        assert (await writer.post(f"{path}/pause")).json()["state"] == "paused"
        assert (await writer.post(f"{path}/resume")).json()["state"] == "active"
        assert (await writer.delete(path)).status_code == 204
        assert (await writer.get(path)).status_code == 404


async def test_the_same_source_twice_is_one(house: House) -> None:
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        ids = {(await writer.post("/api/v1/sources", json=FEED)).json()["id"] for _ in range(2)}
    assert len(ids) == 1


async def test_a_wrong_configuration_names_the_field_and_no_value(house: House) -> None:
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        body = {**FEED, "config": {"url": "https://e.example", "tokenn": "canary-1"}}
        wrong = await writer.post("/api/v1/sources", json=body)
        assert wrong.status_code == 422
        assert "tokenn" in wrong.text
        assert "canary-1" not in wrong.text


async def test_a_secret_goes_in_and_never_comes_out(house: House) -> None:
    async with house.as_key("admin") as admin:
        await admin.post("/api/v1/watchlists", json={"name": "A"})
        body = {
            "kind": "mastodon", "name": "M",
            "config": {
                "instance": "https://m.example", "hashtags": ["x"], "token": "canary-2",
            },
        }  # fmt: skip
        made = await admin.post("/api/v1/sources", json=body)
        assert made.status_code == 201, made.text
        assert made.json()["has_secrets"]
        for path in ("sources", f"sources/{made.json()['id']}", "audit"):
            assert "canary-2" not in (await admin.get(f"/api/v1/{path}")).text
    async with house.services.db.read() as session:
        row = await session.get_one(Source, int(made.json()["id"]))
    assert b"canary-2" not in (row.secrets or b"")


async def test_a_source_on_a_private_address_fails_its_check_in_words(house: House) -> None:
    body = {"kind": "rss", "config": {"url": "http://127.0.0.1:9/feed"}}
    async with house.as_key("write") as writer:
        answer = await writer.post("/api/v1/sources/check", json=body)
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["message"]


async def test_listening_gaps_are_told_in_the_readers_language(any_house: House) -> None:
    made = await furnish(any_house.services)
    now = any_house.clock.now()
    hour = now.replace(minute=0)
    async with any_house.services.db.write() as session:
        for source in made.sources:
            (await session.get_one(Source, source.id)).created_at = hour.replace(hour=0)
        session.add(ListeningLog(source_id=made.sources[0].id, hour=hour.replace(hour=7), asked=2,
                                 failed=2))  # fmt: skip
    async with any_house.as_key("read") as reader:
        gaps = (
            await reader.get("/api/v1/listening?hours=6", headers={"Accept-Language": "fr"})
        ).json()["data"]
    failed = [gap for gap in gaps if gap["why"] == "failed"]
    assert failed[0]["source"] == "Feed 0"
    assert failed[0]["detail"] == "la source n’a pas pu être lue"
    assert failed[0]["start"] == "2026-11-23T07:00:00Z"


async def test_what_was_asked_and_got_is_told_by_source_and_hour(house: House) -> None:
    async with house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        made = (await writer.post("/api/v1/sources", json=FEED)).json()
        now = house.services.clock.now().replace(minute=0, second=0, microsecond=0)
        async with house.services.db.write() as session:
            session.add(
                ListeningLog(
                    source_id=int(made["id"]), hour=now, asked=4, got=25, new=3, missed=1,
                    note="at least 10 had slid out",
                )
            )  # fmt: skip
        told = (await writer.get("/api/v1/listening/hours")).json()["data"]
        one = await writer.get("/api/v1/listening/hours", params={"source": made["id"]})
        none = await writer.get("/api/v1/listening/hours", params={"source": "1"})
    assert [(row["asked"], row["got"], row["missed"]) for row in told] == [(4, 25, 1)]
    assert one.json()["data"] == told
    assert none.status_code == 404
