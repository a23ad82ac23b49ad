"""/digests over HTTP, and the page of a mail's unsubscribe link."""

from __future__ import annotations

from datetime import timedelta

from app.digests.build import unsubscribe_url
from app.digests.service import get_subscription
from app.watchlists.service import NewWatchlist, create_watchlist
from tests.support.furnish import furnish, mention, settle
from tests.support.web import BASE, House


async def subscribed(house: House) -> str:
    """A watchlist with a console channel and a subscription; its id."""
    await create_watchlist(house.services, NewWatchlist(name="A"))
    async with house.as_key("admin") as admin:
        channel = await admin.post("/api/v1/channels", json={"kind": "console", "name": "c"})
        made = await admin.post(
            "/api/v1/digests/subscriptions", json={"channel_id": channel.json()["id"]}
        )
        assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_subscription_is_made_changed_and_removed(any_house: House) -> None:
    path = f"/api/v1/digests/subscriptions/{await subscribed(any_house)}"
    async with any_house.as_key("admin") as admin:
        read = await admin.get(path)
        assert read.json()["next_due_at"] == "2026-11-24T07:00:00Z"  # 08:00 in Paris
        tag = {"If-Match": read.headers["etag"]}
        changed = await admin.patch(path, json={"send_at": "07:30"}, headers=tag)
        assert changed.json()["next_due_at"] == "2026-11-24T06:30:00Z"
        assert (await admin.patch(path, json={"send_at": "07:00"}, headers=tag)).status_code == 412
        for wrong in ({"send_at": "25:00"}, {"zone": "Mars/Base"}, {"channel_id": "1"}):
            assert (await admin.patch(path, json=wrong)).status_code == 422, wrong
        sent = await admin.post(f"{path}/send")
        assert sent.json() == {"queued": 1}
        listed = (await admin.get("/api/v1/digests/subscriptions")).json()["data"]
        assert len(listed) == 1
        assert (await admin.delete(path)).status_code == 204
        assert (await admin.get(path)).status_code == 404


async def test_a_preview_is_shown_and_nothing_is_sent(any_house: House) -> None:
    made = await furnish(any_house.services)
    yesterday = any_house.clock.now() - timedelta(days=1)
    await mention(any_house.services, made, at=yesterday, text="<script>x</script> Decathlon")
    await settle(any_house.services, made)
    async with any_house.as_key("read") as reader:
        mail = (await reader.get("/api/v1/digests/preview?language=en")).json()
        assert mail["subject"]
        assert "<script" not in mail["html"]
        assert mail["text"]
        assert (await reader.get("/api/v1/digests")).json() == {"data": [], "next": None}
        assert (await reader.get("/api/v1/deliveries")).json()["data"] == []
        assert (await reader.get("/api/v1/digests/1")).status_code == 404


async def test_opening_the_unsubscribe_link_changes_nothing_and_the_button_does_twice(
    any_house: House,
) -> None:
    subscription = int(await subscribed(any_house))
    services = any_house.services
    link = unsubscribe_url(services, subscription, now=any_house.clock.now()).removeprefix(BASE)
    async with any_house.as_key("read") as reader:
        watchlist = int((await reader.get("/api/v1/watchlists")).json()["data"][0]["id"])

    async def is_over() -> bool:
        row = await get_subscription(services, subscription, watchlist_id=watchlist)
        return row.unsubscribed_at is not None

    async with any_house.caller({"Accept-Language": "fr"}) as anybody:  # no login, no cookie
        page = await anybody.get(link)
        assert page.status_code == 200
        assert "<form" in page.text
        assert not await is_over()
        # RFC 8058: what a mail provider posts.
        for _ in range(2):
            done = await anybody.post(link, data={"List-Unsubscribe": "One-Click"})
            assert done.status_code == 200, done.text
            assert "plus envoyé" in done.text
        assert await is_over()
        forged = await anybody.post(link[:-3] + "xxx")
        assert forged.status_code == 404
        assert not anybody.cookies
