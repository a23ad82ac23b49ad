"""Entities of matched mentions, in the background."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import Database
from app.enrich.service import enrich_pending
from app.models import Mention, Verdict
from nlp.api import Abstain, Entity, ModelRef
from nlp.api import Verdict as Said
from tests.support.pipeline import House, make_services, post

REF = ModelRef("names.v1", "b1")


@pytest.fixture
async def house(db: Database, now: datetime, tmp_path: Path) -> House:
    house = House(make_services(db, now, tmp_path), now)
    await house.watch({"Acme": "acme"})
    return house


@pytest.fixture
def names(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A recogniser that finds "Acme" and abstains elsewhere; it keeps what it was asked."""
    asked: list[str] = []

    async def entities(docs: Any) -> Any:
        asked.extend(doc.text for doc in docs)
        found = []
        for doc in docs:
            at = doc.text.find("Acme")
            said = Said("", entities=(Entity("Acme", "ORG", at, at + 4),)) if at >= 0 else None
            found.append((said or Abstain("too_short"), REF))
        return found

    monkeypatch.setattr(house.services.brain, "entities", entities)
    return asked


async def test_entities_of_matched_items_are_kept_with_their_place(
    house: House, names: list[str]
) -> None:
    source = await house.source()
    page = [post(1, "we visit Acme", title="News"), post(2, "not matched"), post(3, "x acme")]
    await house.store(source, page)
    assert await enrich_pending(house.services) == 2
    assert await enrich_pending(house.services) == 0
    assert sorted(names) == ["News\nwe visit Acme", "x acme"]
    verdicts = {
        one.abstain: one.detail
        for one in (await _entities(house))
    }  # fmt: skip
    assert verdicts == {
        "too_short": {},
        "": {"entities": [
            {"text": "Acme", "label": "ORG", "field": "text", "start": 9, "end": 13}
        ]},
    }  # fmt: skip
    assert await house.count(Mention, Mention.entities_pending) == 0


async def test_an_item_that_lost_its_text_meanwhile_is_not_quoted(
    house: House, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await house.source()
    await house.store(source, [post(1)])
    think = house.services.brain.entities

    async def entities(docs: Any) -> Any:
        await house.store(source, [], removed=["1"])
        return await think(docs)

    monkeypatch.setattr(house.services.brain, "entities", entities)
    await enrich_pending(house.services)
    assert await _entities(house) == []


async def test_a_text_edited_meanwhile_is_looked_at_again(
    house: House, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await house.source()
    await house.store(source, [post(1)])
    think = house.services.brain.entities
    edits = [post(1, "They say Acme")]

    async def entities(docs: Any) -> Any:
        if edits:
            await house.store(source, [edits.pop()])
        return await think(docs)

    monkeypatch.setattr(house.services.brain, "entities", entities)
    await enrich_pending(house.services)
    await enrich_pending(house.services)
    assert names == ["I love Acme, great", "They say Acme"]
    [verdict] = await _entities(house)
    assert verdict.detail["entities"][0]["start"] == 9


async def _entities(house: House) -> list[Verdict]:
    from sqlalchemy import select

    async with house.services.db.read() as session:
        return list(await session.scalars(select(Verdict).where(Verdict.kind == "entities")))
