"""/rules and /alerts over HTTP, and an alert's page."""

from __future__ import annotations

from datetime import timedelta

from app.db.keys import key_at
from app.models import Alert, AlertMention
from tests.support.furnish import furnish, mention
from tests.support.web import House

RULE = {"name": "Pic", "kind": "count", "params": {"threshold": 250}, "severity": "warning"}


async def test_a_rule_is_made_replaced_and_removed(any_house: House) -> None:
    made = await furnish(any_house.services)
    async with any_house.as_key("admin") as admin:
        rule = await admin.post("/api/v1/rules", json=RULE)
        assert rule.status_code == 201, rule.text
        path = f"/api/v1/rules/{rule.json()['id']}"
        tag = {"If-Match": rule.headers["etag"]}
        body = {**RULE, "filter": {"brands": [str(made.brands[0].id)]}}
        replaced = await admin.put(path, json=body, headers=tag)
        assert replaced.json()["filter"]["brands"] == [str(made.brands[0].id)]
        assert (await admin.put(path, json=RULE, headers=tag)).status_code == 412
        unchanged = await admin.get(path, headers={"If-None-Match": replaced.headers["etag"]})
        assert unchanged.status_code == 304
        assert (await admin.delete(path)).status_code == 204
        assert (await admin.get(path)).status_code == 404
        audit = (await admin.get("/api/v1/audit")).json()["data"]
    actions = {entry["action"] for entry in audit}
    assert {"rule.add", "rule.edit", "rule.remove"} <= actions


async def test_a_rule_that_cannot_work_is_refused(house: House) -> None:
    made = await furnish(house.services)
    other = await furnish(house.services, name="Other", brand_names=("Lidl",))
    async with house.as_key("write") as writer:
        path = f"/api/v1/rules?watchlist={made.watchlist.id}"
        for body in (
            {**RULE, "params": {}},
            {**RULE, "kind": "magic"},
            {**RULE, "filter": {"brands": [str(other.brands[0].id)]}},
            {**RULE, "channel_ids": ["1"]},
            {**RULE, "extra": 1},
        ):
            answer = await writer.post(path, json=body)
            assert answer.status_code == 422, body


async def opened(house: House) -> tuple[int, int]:
    made = await furnish(house.services)
    about = await mention(house.services, made, text="<b>Decathlon</b>", spans=[("text", 3, 12)])
    async with house.as_key("write") as writer:
        rule = (await writer.post("/api/v1/rules", json=RULE)).json()["id"]
    now = house.clock.now()
    key = key_at(now)
    async with house.services.db.write() as session:
        session.add(
            Alert(
                id=key, watchlist_id=made.watchlist.id, rule_id=int(rule), subject="all",
                window="w", reason="count_over_threshold", severity="critical",
                facts={"count": 277, "threshold": 250}, count=277,
                opened_at=now - timedelta(hours=1), updated_at=now,
            )
        )  # fmt: skip
        await session.flush()
        session.add(AlertMention(alert_id=key, mention_id=about))
    return key, about


async def test_alerts_are_listed_read_and_taken_note_of(any_house: House) -> None:
    key, about = await opened(any_house)
    async with any_house.as_key("write") as writer:
        listed = (await writer.get("/api/v1/alerts?state=open")).json()["data"]
        assert [row["id"] for row in listed] == [str(key)]
        assert listed[0]["facts"]["count"] == 277
        shown = (await writer.get(f"/api/v1/alerts/{key}")).json()
        assert shown["mention_ids"] == [str(about)]
        noted = await writer.post(f"/api/v1/alerts/{key}/acknowledge")
        assert noted.json()["acknowledged_at"] == "2026-11-23T09:00:00Z"
        assert (await writer.get("/api/v1/alerts?state=resolved")).json()["data"] == []


async def test_an_alert_stands_on_the_front_page_and_has_a_page_of_its_own(house: House) -> None:
    key, _ = await opened(house)
    async with house.as_admin_browser() as browser:
        front = (await browser.get("/?lang=fr")).text
        page = (await browser.get(f"/alerts/{key}")).text
        assert (await browser.get("/alerts/1")).status_code == 404
    assert "1 alerte ouverte" in front
    assert f'href="/alerts/{key}"' in front
    assert "277 mentions (seuil 250)" in page
    assert "<mark>Decathlon</mark>" in page
    assert "<b>" not in page
