"""/channels and /deliveries over HTTP."""

from __future__ import annotations

from app.watchlists.service import NewWatchlist, create_watchlist
from tests.support.web import House

SLACK = "https://hooks.slack.com/services/T0/B0/canary-3"


async def test_a_channels_secret_goes_in_and_never_comes_out(any_house: House) -> None:
    await create_watchlist(any_house.services, NewWatchlist(name="A"))
    async with any_house.as_key("admin") as admin:
        made = await admin.post(
            "/api/v1/channels", json={"kind": "slack", "name": "#v", "config": {"url": SLACK}}
        )
        assert made.status_code == 201, made.text
        path = f"channels/{made.json()['id']}"
        for each in ("channels", path, "audit", "channels/kinds"):
            assert "canary-3" not in (await admin.get(f"/api/v1/{each}")).text
        wrong = await admin.post(
            "/api/v1/channels", json={"kind": "slack", "name": "x", "config": {"urll": SLACK}}
        )
        assert wrong.status_code == 422
        assert "canary-3" not in wrong.text
        audit = (await admin.get("/api/v1/audit")).json()["data"]
    assert "channel.add" in {entry["action"] for entry in audit}


async def test_a_channel_is_changed_from_the_version_that_was_read(any_house: House) -> None:
    await create_watchlist(any_house.services, NewWatchlist(name="A"))
    async with any_house.as_key("write") as writer:
        made = await writer.post("/api/v1/channels", json={"kind": "console", "name": "c"})
        path = f"/api/v1/channels/{made.json()['id']}"
        tag = {"If-Match": made.headers["etag"]}
        paused = await writer.patch(path, json={"state": "paused"}, headers=tag)
        assert paused.json()["state"] == "paused"
        assert (await writer.patch(path, json={"name": "d"}, headers=tag)).status_code == 412
        assert (await writer.patch(path, json={"name": "d"})).json()["name"] == "d"
        assert (await writer.delete(path)).status_code == 204
        assert (await writer.get(path)).status_code == 404


async def test_a_test_message_shows_up_among_the_deliveries_and_can_be_sent_again(
    any_house: House,
) -> None:
    await create_watchlist(any_house.services, NewWatchlist(name="A"))
    async with any_house.as_key("write") as writer:
        made = await writer.post("/api/v1/channels", json={"kind": "console", "name": "c"})
        channel = made.json()["id"]
        trial = (await writer.post(f"/api/v1/channels/{channel}/test")).json()
        assert trial["ok"], trial
        listed = (await writer.get(f"/api/v1/deliveries?channel={channel}&state=sent")).json()
        assert [row["kind"] for row in listed["data"]] == ["test"]
        path = f"/api/v1/deliveries/{listed['data'][0]['id']}"
        shown = (await writer.get(path)).json()
        assert len(shown["attempts"]) == 1
        again = await writer.post(f"{path}/replay")
        assert again.json()["state"] == "pending"
        assert again.json()["message_id"] == shown["message_id"]
        assert (await writer.post(f"{path}/replay")).status_code == 409


async def test_the_kinds_of_channel_come_with_their_forms(house: House) -> None:
    async with house.as_key("read") as reader:
        kinds = (await reader.get("/api/v1/channels/kinds")).json()["data"]
    assert {"slack", "webhook", "email", "console"} <= {kind["kind"] for kind in kinds}
    assert all(kind["config_schema"]["type"] == "object" for kind in kinds)


async def test_a_channel_on_a_private_address_is_refused_in_words_when_tried(
    house: House,
) -> None:
    await create_watchlist(house.services, NewWatchlist(name="A"))
    secret = "whsec_" + "QUJD" * 8
    body = {"kind": "webhook", "name": "w",
            "config": {"url": "https://127.0.0.1/hook", "secret": secret}}  # fmt: skip
    async with house.as_key("write") as writer:
        made = await writer.post("/api/v1/channels", json=body)
        if made.status_code == 201:
            trial = await writer.post(f"/api/v1/channels/{made.json()['id']}/test")
            assert trial.json()["ok"] is False
            assert trial.json()["error"]
        else:
            assert made.status_code == 422
