"""Pushing posts in over HTTP, on each database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import jsonschema
import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook

from app.intake.rules import Rate
from app.models import Item, ListeningLog, Mention, Quarantine, Source
from tests.support.web import House

POST = {
    "id": "1", "text": "Acme parfait", "author": "client 12",
    "published_at": "2026-11-23T08:30:00Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_rate(any_house: House) -> None:
    any_house.app.state.intake_rate = Rate()


class Sender:
    """What a customer's system would do."""

    def __init__(self, house: House, path: str, secret: str) -> None:
        self.house, self.path, self.secret = house, path, secret

    async def send(
        self, body: object, *, call: str = "msg_1", late: float = 0.0, **headers: str
    ) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = self.house.clock.now() - timedelta(seconds=late)
        signed = {
            "webhook-id": call,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(
                call, at, raw.decode("utf-8", "replace")
            ),
            "content-type": "application/json",
        }
        async with self.house.caller() as caller:
            return await caller.post(self.path, content=raw, headers={**signed, **headers})


async def _sender(house: House, **config: Any) -> Sender:
    async with house.as_key("write") as writer:
        made = await writer.post("/api/v1/watchlists", json={"name": "A"})
        brand = {"watchlist": made.json()["id"]}
        await writer.post(
            "/api/v1/brands", params=brand, json={"name": "Acme", "query": "acme"}
        )  # fmt: skip
        source = await writer.post(
            "/api/v1/sources", json={"kind": "webhook", "name": "CRM", "config": config}
        )
    assert source.status_code == 201, source.text
    told = source.json()
    path = told["push_to"].removeprefix(house.services.settings.public_url)
    return Sender(house, path, told["signing_secret"] or config["secret"])


async def _counted(house: House, what: Any) -> int:
    async with house.services.db.read() as session:
        return await session.scalar(select(func.count()).select_from(what)) or 0


async def test_posts_are_stored_matched_and_logged_and_the_secret_shows_once(
    any_house: House,
) -> None:
    sender = await _sender(any_house)
    answer = await sender.send([POST, {"text": "nothing of note", "id": "2"}, {"id": "3"}, "x"])
    assert answer.status_code == 202, answer.text
    assert answer.json() == {
        "accepted": 2, "duplicates": 0, "repeated": False,
        "rejected": [{"index": 2, "reason": "neither text nor title"},
                     {"index": 3, "reason": "not a JSON object"}],
    }  # fmt: skip
    async with any_house.services.db.read() as session:
        mention = (await session.scalars(select(Mention))).one()
        log = (await session.scalars(select(ListeningLog))).one()
        source = (await session.scalars(select(Source))).one()
        bad = (await session.scalars(select(Quarantine.reason))).all()
    assert mention.backfill is False
    assert (log.asked, log.got, log.new, log.skipped) == (1, 2, 2, 2)
    assert source.last_new_at == source.last_ok_at == any_house.clock.now()
    assert sorted(bad) == ["record 2: neither text nor title", "record 3: not a JSON object"]
    async with any_house.as_key("admin") as admin:
        for path in ("sources", f"sources/{source.id}", "audit"):
            assert sender.secret not in (await admin.get(f"/api/v1/{path}")).text
        gaps = await admin.get("/api/v1/listening", params={"hours": 240})
    assert gaps.json()["data"] == []


async def test_a_call_or_a_post_that_comes_again_changes_nothing(any_house: House) -> None:
    sender = await _sender(any_house)
    assert (await sender.send(POST)).json()["accepted"] == 1
    again = (await sender.send(POST)).json()
    assert (again["accepted"], again["duplicates"], again["repeated"]) == (0, 1, True)
    other = (await sender.send([POST, POST], call="msg_2")).json()
    assert (other["accepted"], other["duplicates"], other["repeated"]) == (0, 2, False)
    assert await _counted(any_house, Item) == 1


async def test_what_is_older_than_a_day_is_history(any_house: House) -> None:
    sender = await _sender(any_house)
    old = {**POST, "published_at": "2026-11-20T08:30:00Z"}
    assert (await sender.send([old, {"text": "Acme, undated"}])).json()["accepted"] == 2
    async with any_house.services.db.read() as session:
        flags = (await session.scalars(select(Mention.backfill))).all()
    assert sorted(flags) == [False, True]


async def test_only_a_fresh_and_right_signature_is_believed(any_house: House) -> None:
    sender = await _sender(any_house)
    wrong = [
        await sender.send(POST, late=301),
        await sender.send(POST, **{"webhook-signature": "v1,AAAA"}),
        await sender.send(POST, **{"webhook-id": "msg_2"}),
        await sender.send(b'{"text": "\xff"}'),
    ]
    sender.path = sender.path[:-3] + "000"
    wrong.append(await sender.send(POST))
    assert [one.status_code for one in wrong] == [401] * 5
    assert len({one.json()["detail"] for one in wrong}) == 1
    assert all(one.headers["content-type"] == "application/problem+json" for one in wrong)
    assert (await sender.send(POST)).status_code == 429
    assert await _counted(any_house, Item) == 0


async def test_during_a_change_of_the_secret_both_are_good_and_then_one(any_house: House) -> None:
    sender = await _sender(any_house)
    source_id = sender.path.rpartition("/")[2]

    async def rotated() -> str:
        async with any_house.as_key("write") as writer:
            made = await writer.post(f"/api/v1/sources/{source_id}/rotate-secret")
        assert made.status_code == 200, made.text
        return str(made.json()["signing_secret"])

    first, second = sender.secret, await rotated()
    for number, secret in enumerate((first, second)):
        sender.secret = secret
        assert (await sender.send(POST, call=f"a{number}")).status_code == 202
    await rotated()
    assert (await sender.send(POST, call="b")).status_code == 202
    sender.secret = first
    assert (await sender.send(POST, call="c")).status_code == 401


async def test_bodies_that_cannot_be_used_are_problems_in_both_languages(any_house: House) -> None:
    sender = await _sender(any_house)
    for body in (b"{", b'"text"', [POST] * 501):
        answer = await sender.send(body, **{"accept-language": "fr"})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "body"
        assert "corps" in answer.text or "Envoyez" in answer.text
    assert (await sender.send(b"[" + b" " * 2**20 + b"]")).status_code == 413
    assert (await sender.send([])).json()["accepted"] == 0


async def test_too_many_calls_and_a_paused_source_are_told_to_wait(any_house: House) -> None:
    sender = await _sender(any_house, calls_per_minute=2)
    answers = [await sender.send(POST, call=f"m{n}") for n in range(3)]
    assert [one.status_code for one in answers] == [202, 202, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61
    any_house.app.state.intake_rate = Rate()
    source_id = sender.path.rpartition("/")[2]
    async with any_house.as_key("write") as writer:
        await writer.post(f"/api/v1/sources/{source_id}/pause")
        assert (await sender.send(POST, call="p")).status_code == 409
        await writer.delete(f"/api/v1/sources/{source_id}")
    assert (await sender.send(POST, call="q")).status_code == 401


async def test_the_schema_is_public_and_tells_right_from_wrong(any_house: House) -> None:
    async with any_house.caller() as nobody:
        schema = (await nobody.get("/api/v1/intake/schema")).json()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    for good in (POST, [POST], {"items": [POST]}, {"title": "t"}, []):
        assert check.is_valid(good), good
    for bad in ({"id": "1"}, [{"text": None}], "text", [POST] * 501, {"text": ["a"]}):
        assert not check.is_valid(bad), bad


async def test_a_pushed_source_is_never_polled(any_house: House) -> None:
    from app.ingest.service import poll_due

    await _sender(any_house)
    assert await poll_due(any_house.services) == 0


async def test_a_sender_that_has_nothing_to_say_is_no_alarm(any_house: House) -> None:
    from app.sources.service import tell_silent

    sender = await _sender(any_house)
    assert (await sender.send(POST)).status_code == 202
    any_house.clock.at += timedelta(days=3)
    assert await tell_silent(any_house.services) == 0


async def test_other_kinds_have_no_signing_secret(any_house: House) -> None:
    async with any_house.as_key("write") as writer:
        await writer.post("/api/v1/watchlists", json={"name": "A"})
        feed = {"kind": "rss", "name": "B", "config": {"url": "https://b.example/f"}}
        made = (await writer.post("/api/v1/sources", json=feed)).json()
        answer = await writer.post(f"/api/v1/sources/{made['id']}/rotate-secret")
    assert (made["push_to"], made["signing_secret"]) == (None, None)
    assert answer.status_code == 422
