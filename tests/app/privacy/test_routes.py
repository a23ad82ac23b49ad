"""/privacy over HTTP."""

from __future__ import annotations

from app.db.keys import hash64
from app.models import Author
from tests.support.furnish import furnish, mention
from tests.support.web import House


async def known_author(house: House) -> str:
    made = await furnish(house.services)
    now = house.clock.now()
    author = Author(
        dedup_key=hash64("rss:lea"), platform="rss", native_id="lea", name="Léa Unique",
        first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    async with house.services.db.write() as session:
        session.add(author)
    await mention(house.services, made, author_id=author.id, author_name="Léa Unique")
    return "Léa Unique"


async def test_an_admin_exports_and_erases_and_the_name_is_gone(any_house: House) -> None:
    who = await known_author(any_house)
    async with any_house.as_key("admin") as admin:
        held = await admin.post("/api/v1/privacy/export", json={"who": who})
        assert held.status_code == 200, held.text
        assert len(held.json()["items"]) == 1
        done = await admin.post("/api/v1/privacy/erase", json={"who": who})
        assert done.json()["items"] == 1
        assert (await admin.post("/api/v1/privacy/export", json={"who": who})).status_code == 404
        mentions = (await admin.get("/api/v1/mentions")).text
        audit = (await admin.get("/api/v1/audit")).text
    assert "Unique" not in mentions
    assert "author.erase" in audit
    assert "author.export" in audit
    assert "Unique" not in audit


async def test_a_writing_key_may_neither_read_nor_erase_a_person(house: House) -> None:
    async with house.as_key("write") as writer:
        for path in ("export", "erase"):
            answer = await writer.post(f"/api/v1/privacy/{path}", json={"who": "x"})
            assert answer.status_code == 403


async def test_the_notice_speaks_the_readers_language(house: House) -> None:
    await furnish(house.services)
    async with house.as_key("admin") as admin:
        english = await admin.get("/api/v1/privacy/notice?lang=en")
        french = await admin.get("/api/v1/privacy/notice?lang=fr")
    assert english.json()["markdown"] != french.json()["markdown"]
    assert "Decathlon" in french.json()["markdown"]
