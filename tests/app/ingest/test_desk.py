"""The desk in the database: shared by credential, counted across restarts, sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.ingest import poll as polling
from app.ingest.service import poll_source
from app.models import Source, SourceDocument, SourceToken, Spending
from app.sources.desk import VERSIONS, desk_for, shelve
from collectors.api import Cursor, Narrowing, Page
from collectors.desk import Desk, Document, Quota, Token
from collectors.errors import RateLimited
from collectors.http import Http
from tests.conftest import NOW
from tests.support.pipeline import House, Scripted

QUOTA = Quota(name="reads", limit=10, window="day", price=Decimal("0.005"))


class Paid(Scripted):
    def quotas(self) -> Sequence[Quota]:
        return [QUOTA]

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {"reads": 4}


async def desk(house: House, **more: Any) -> Desk:
    source = await house.source(**more)
    async with house.services.db.read() as session:
        return desk_for(house.services, await session.get_one(Source, source), Paid())


async def test_a_token_is_kept_sealed_and_shared_by_the_credential(house: House) -> None:
    sealed = house.services.cipher.seal({"password": "p"})
    first = await desk(house, name="a", secrets=sealed)
    token = Token(value="canary-session", refresh="canary-refresh", expires_at=NOW)
    await first.tokens.put("session", token)
    second = await desk(house, name="b", secrets=house.services.cipher.seal({"password": "p"}))
    assert await second.tokens.get("session") == token
    async with house.services.db.read() as session:
        row = (await session.scalars(select(SourceToken))).one()
    assert b"canary" not in row.sealed
    assert "canary" not in row.credential


async def test_another_password_or_another_host_has_no_part_in_it(house: House) -> None:
    cipher = house.services.cipher
    first = await desk(house, name="a", secrets=cipher.seal({"password": "p"}))
    await first.tokens.put("session", Token(value="v"))
    other = await desk(house, name="b", secrets=cipher.seal({"password": "q"}))
    moved = await desk(
        house, name="c", secrets=cipher.seal({"password": "p"}),
        config={"url": "https://evil.example/"},
    )  # fmt: skip
    assert await other.tokens.get("session") is None
    assert await moved.tokens.get("session") is None


async def test_a_token_is_forgotten(house: House) -> None:
    one = await desk(house)
    await one.tokens.put("session", Token(value="v"))
    await one.tokens.put("session", None)
    assert await one.tokens.get("session") is None


async def test_a_quota_is_counted_across_restarts_and_shared(house: House) -> None:
    first = await desk(house, name="a")
    await first.ledger.spend("reads", 6)
    second = await desk(house, name="b")
    assert await second.ledger.left("reads") == 4
    with pytest.raises(RateLimited) as caught:
        await second.ledger.spend("reads", 5)
    assert caught.value.retry_after == (QUOTA.ends(NOW) - NOW).total_seconds()
    house.later(timedelta(days=1))
    await second.ledger.spend("reads", 10)


async def test_what_was_spent_is_noted_by_source_and_day_with_its_price(house: House) -> None:
    one = await desk(house)
    await one.ledger.spend("reads", 3)
    await one.ledger.owe("reads", 20)
    async with house.services.db.read() as session:
        row = (await session.scalars(select(Spending))).one()
    assert (row.amount, row.currency, row.day) == (23, "USD", NOW.date().isoformat())
    assert row.cost == pytest.approx(0.115)


async def test_versions_are_kept_up_to_a_limit_and_a_state_is_replaced(house: House) -> None:
    one = await desk(house)
    [source] = await house.all(Source)
    for number in range(VERSIONS + 3):
        documents = [
            Document(name="page", text=f"version {number}"),
            Document(name="list", text=f"state {number}", kind="state"),
        ]
        async with house.services.db.write() as session:
            await shelve(session, source.id, documents, now=NOW)
    newest = await one.shelf.latest("page")
    assert newest == Document(name="page", text=f"version {VERSIONS + 2}")
    assert await one.shelf.names() == ["list", "page"]
    assert await house.count(SourceDocument, SourceDocument.name == "page") == VERSIONS
    assert await house.count(SourceDocument, SourceDocument.name == "list") == 1


async def test_documents_are_stored_with_their_page_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Keeps(Scripted):
        async def poll(
            self, narrowing: Narrowing, cursor: Cursor, http: Http
        ) -> AsyncIterator[Page]:
            before = await http.desk.shelf.latest("page")
            self.seen = before.text if before else None
            yield Page(cursor={"n": 1}, keep=[Document(name="page", text="one")])

    one = Keeps()
    monkeypatch.setattr(polling, "build_collector", lambda services, source: one)
    source = await house.source()
    await poll_source(house.services, source)
    assert one.seen is None
    await poll_source(house.services, source)
    assert one.seen == "one"


async def test_what_was_counted_and_not_used_is_given_back(house: House) -> None:
    one = await desk(house)
    await one.ledger.spend("reads", 10)
    await one.ledger.owe("reads", -7)
    assert await one.ledger.left("reads") == 7
    async with house.services.db.read() as session:
        row = (await session.scalars(select(Spending))).one()
    assert (row.amount, row.cost) == (3, pytest.approx(0.015))
