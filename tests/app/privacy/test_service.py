from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import ManualClock
from app.db.engine import Database
from app.db.keys import hash64
from app.errors import NotFound
from app.models import (
    Alert,
    AlertRule,
    AuditEntry,
    Author,
    Brand,
    Channel,
    DayRollup,
    Delivery,
    DeliveryAttempt,
    ErasureBlock,
    Item,
    Member,
    Mention,
    Note,
    Quarantine,
    Session,
    Sighting,
    SignInLink,
    Verdict,
)
from app.privacy.rules import hidden_identity
from app.privacy.service import (
    apply_retention,
    erase_author,
    export_author,
    notice,
    retention,
)
from app.search.service import index_pending
from app.services import Services
from app.sources.service import add_source
from app.watchlists.service import edit_watchlist
from tests.conftest import NOW
from tests.support.watch import (
    audited,
    count,
    see,
    store_author,
    store_item,
    store_mention,
    watch_services,
    watchlist_with,
)

HANDLE = "canaryhandle9f3"
NAME = "Zoë Canaryname"
SAID = "an opinion that only canaryopinion77 holds"
OLD = NOW - timedelta(days=401)


@pytest.fixture
async def services(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Services]:
    async with watch_services(db, clock, tmp_path) as made:
        yield made


async def someone(services: Services, brand: Brand) -> tuple[Author, Item, Mention]:
    """A person who was read, matched, judged, quoted in an alert and queued in a message."""
    source = await add_source(
        services, kind="rss", name="Blog", config={"url": "https://e.org/f"},
        watchlist_id=brand.watchlist_id,
    )  # fmt: skip
    author = await store_author(
        services, NAME, NOW, platform="mastodon", native_id=HANDLE,
        dedup_key=hash64(f"mastodon:{HANDLE}"), followers=9,
    )  # fmt: skip
    url = f"https://m.example/@{HANDLE}/1"
    item = await store_item(
        services, NOW, author_id=author.id, author_name=NAME, text=SAID, title=SAID, url=url,
        identity=f"u:{url}", external_id=url, in_reply_to=url, links=[url], media=[url],
    )  # fmt: skip
    await see(services, item, source.id, f"/@{HANDLE}/1")
    mention = await store_mention(services, brand, item, source_id=source.id)
    line = {"mention_id": str(mention.id), "text": SAID, "author": NAME, "url": url}
    other = {"mention_id": "5", "text": "kept", "author": "Somebody", "url": ""}
    async with services.db.write() as session:
        rule = AlertRule(
            watchlist_id=brand.watchlist_id, name="r", kind="mention", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        channel = Channel(
            watchlist_id=brand.watchlist_id, kind="console", name="c", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        session.add_all([rule, channel])
        await session.flush()
        session.add_all([
            Alert(id=1, watchlist_id=brand.watchlist_id, rule_id=rule.id, subject="all",
                  reason="new_mention", facts={"mentions": [line, other]}, opened_at=NOW,
                  updated_at=NOW),
            Delivery(id=1, channel_id=channel.id, dedup="1", message_id="1", kind="alert",
                     payload={"title": "2", "mentions": [line, other], "html": f"<p>{NAME}</p>"},
                     due_at=NOW, created_at=NOW),
            Quarantine(stage="read", reason="broken", raw=f'{{"by": "{HANDLE}"', created_at=NOW),
            Verdict(item_id=item.id, kind="entities", model_id=1, detail={"people": [NAME]},
                    judged_at=NOW),
            DayRollup(brand_id=brand.id, day="2026-11-23", label="none", n=1, engagement=4),
            Note(watchlist_id=brand.watchlist_id, subject_kind="author", subject_id=author.id,
                 text="met at a fair", created_at=NOW),
            Note(watchlist_id=brand.watchlist_id, subject_kind="mention", subject_id=5,
                 text=f"ask {NAME}", created_at=NOW),
        ])  # fmt: skip
        await session.flush()
        session.add(
            DeliveryAttempt(delivery_id=1, number=1, at=NOW, outcome="failed", answer=f"no {NAME}")
        )
    await index_pending(services)  # what they said, as words of the search index
    return author, item, mention


def raw_bytes(folder: Path) -> bytes:
    """What somebody reads who has the files: database, write-ahead log, shared memory."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("vigie.db*")))


CANARIES = (HANDLE, "Canaryname", "canaryopinion77")


async def dump(services: Services) -> str:
    """Every row of every table that could hold them."""
    models = (Author, Item, Sighting, Mention, Verdict, Alert, Delivery, DeliveryAttempt,
              Quarantine, AuditEntry, ErasureBlock, Note)  # fmt: skip
    async with services.db.read() as session:
        rows = [
            {column.key: str(getattr(row, column.key)) for column in model.__table__.columns}
            for model in models
            for row in await session.scalars(select(model))
        ]
    return json.dumps(rows, ensure_ascii=False)


async def test_an_erased_author_is_in_no_row_and_no_byte_of_the_file(
    services: Services, tmp_path: Path
) -> None:
    _, (brand,) = await watchlist_with(services, ("A1", "own"))
    author, item, mention = await someone(services, brand)
    before = await dump(services)
    assert all(canary in before for canary in CANARIES), "this search would find nothing"
    on_disk = raw_bytes(tmp_path)
    if services.db.is_sqlite:
        assert all(canary.encode() in on_disk for canary in CANARIES)
    done = await erase_author(services, f"@{HANDLE}", actor="me")
    assert (done.authors, done.items, done.sightings, done.quarantine) == (1, 1, 1, 1)
    assert (done.messages, done.file_clean) == (3, True)
    assert await count(services, Note) == 1
    after = await dump(services)
    assert [canary for canary in CANARIES if canary in after] == []
    on_disk = raw_bytes(tmp_path)
    assert [canary for canary in CANARIES if canary.encode() in on_disk] == []
    async with services.db.read() as session:
        stored = await session.get(Item, item.id)
        delivery = await session.get(Delivery, 1)
        blocks = list(await session.scalars(select(ErasureBlock.hash)))
        rollup = await session.scalar(select(DayRollup.n))
        kept = await session.get(Mention, mention.id)
    assert stored is not None
    assert (stored.purged_at, stored.author_id, stored.dedup_key) == (
        NOW, author.id, item.dedup_key,
    )  # fmt: skip
    assert delivery is not None
    assert delivery.state == "pending"
    assert [line["text"] for line in delivery.payload["mentions"]] == ["kept"]
    assert blocks == [services.cipher.keyed_hash(f"mastodon:{HANDLE}")]
    assert (rollup, kept is not None) == (1, True)
    assert "author.erase" in await audited(services)
    with pytest.raises(NotFound):
        await erase_author(services, HANDLE)


async def test_without_scrubbing_the_file_the_old_bytes_would_still_be_there(
    sqlite_template: Path, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the search of the file bites, and why erase_author scrubs."""

    async def nothing(*_: object, **__: object) -> bool:
        return True

    monkeypatch.setattr("app.privacy.service.scrub", nothing)
    monkeypatch.setattr("app.privacy.service.overwrite_freed", nothing)
    shutil.copy(sqlite_template, tmp_path / "vigie.db")
    database = Database(f"sqlite:///{tmp_path / 'vigie.db'}")
    async with watch_services(database, clock, tmp_path) as services:
        _, (brand,) = await watchlist_with(services, ("A1", "own"))
        await someone(services, brand)
        await erase_author(services, HANDLE)
        rows, left = await dump(services), raw_bytes(tmp_path)
    await database.close()
    assert [canary for canary in CANARIES if canary in rows] == []
    assert any(canary.encode() in left for canary in CANARIES)


async def test_without_merging_the_index_would_keep_the_words(
    sqlite_template: Path, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken sample: FTS5 only notes what is gone, in a file rewritten or not."""

    async def not_settled(_: object) -> None:
        return None

    monkeypatch.setattr("app.privacy.service.settle", not_settled)
    shutil.copy(sqlite_template, tmp_path / "vigie.db")
    database = Database(f"sqlite:///{tmp_path / 'vigie.db'}")
    async with watch_services(database, clock, tmp_path) as services:
        _, (brand,) = await watchlist_with(services, ("A1", "own"))
        await someone(services, brand)
        await erase_author(services, HANDLE)
        left = raw_bytes(tmp_path)
    await database.close()
    assert b"canaryopinion77" in left


async def test_nobody_of_that_name_is_not_found(services: Services) -> None:
    for who in ("", "@", "nobody", "%", "mastodon:other"):
        with pytest.raises(NotFound):
            await export_author(services, who)


async def test_an_export_holds_everything_and_is_json(services: Services) -> None:
    _, (brand,) = await watchlist_with(services, ("A1", "own"))
    _, item, mention = await someone(services, brand)
    for who in (HANDLE, f"@{HANDLE}", NAME.lower(), f"Mastodon:{HANDLE}"):
        found = json.loads(json.dumps(await export_author(services, who)))
        assert [one["text"] for one in found["items"]] == [SAID]
        assert found["authors"][0]["name"] == NAME
        assert found["mentions"][0]["id"] == str(mention.id)
        assert found["sightings"][0]["item_id"] == str(item.id)
        assert found["verdicts"][0]["detail"] == {"people": [NAME]}


async def test_retention_takes_content_and_leaves_counts(
    services: Services, tmp_path: Path
) -> None:
    _, (brand,) = await watchlist_with(services, ("A1", "own"))
    author, item, mention = await someone(services, brand)
    gone_author = await store_author(services, "Old Canaryname", OLD)
    old = await store_item(
        services, OLD, author_id=gone_author.id, author_name="Old Canaryname", lang="fr",
        text="oldcanarytext", engagement=4, identity="u:https://e.org/oldcanary",
    )  # fmt: skip
    # History that was imported yesterday is new to us: it is kept for its own 400 days.
    imported = await store_item(services, OLD, first_seen_at=NOW - timedelta(days=1))
    old_mention = await store_mention(services, brand, old, label="negative")
    async with services.db.write() as session:
        session.add_all([
            Quarantine(stage="read", reason="x", raw="y", created_at=NOW - timedelta(days=31)),
            SignInLink(token_hash="a", expires_at=NOW - timedelta(days=1)),
            SignInLink(token_hash="b", expires_at=NOW + timedelta(days=1)),
            Member(id=1, name="m", created_at=OLD),
        ])  # fmt: skip
        await session.flush()
        session.add(
            Session(
                token_hash="s", member_id=1, csrf="c", created_at=OLD, seen_at=OLD, expires_at=OLD
            )
        )
        delivery = await session.get(Delivery, 1)
        assert delivery is not None
        delivery.state, delivery.created_at = "sent", OLD
    await index_pending(services)
    done = await retention(services)
    assert (done.items, done.authors, done.messages, done.quarantine) == (1, 1, 1, 1)
    assert (done.sessions, done.log_cut) == (2, True)
    async with services.db.read() as session:
        purged = await session.get(Item, old.id)
        fresh = await session.get(Item, item.id)
        history = await session.get(Item, imported.id)
        counted = await session.get(Mention, old_mention.id)
        blank = await session.get(Author, gone_author.id)
        rollups = await session.scalar(select(DayRollup.n))
    assert purged is not None
    assert fresh is not None
    assert history is not None
    assert counted is not None
    assert blank is not None
    assert (purged.text, purged.title, purged.url, purged.author_name) == ("", "", "", "")
    assert (purged.links, purged.media, purged.purged_at) == ([], [], NOW)
    assert (purged.lang, purged.engagement, purged.published_at) == ("fr", 4, OLD)
    assert purged.identity == hidden_identity("u:https://e.org/oldcanary")
    assert (fresh.text, history.purged_at) == (SAID, None)
    assert (counted.label, counted.spans, rollups) == ("negative", [], 1)
    assert (blank.name, author.name) == ("", NAME)
    assert await count(services, Quarantine) == await count(services, SignInLink) == 1
    if services.db.is_sqlite:
        left = raw_bytes(tmp_path)
        assert b"oldcanary" not in left
        assert SAID.encode() in left, "this search would find nothing"
    assert (await retention(services)).handled == 0
    assert mention.id != old_mention.id


async def test_the_job_purges_once_a_day(services: Services) -> None:
    await store_item(services, OLD)
    assert await apply_retention(services) == 1
    await store_item(services, OLD)
    assert await apply_retention(services) == 0
    services.clock.at = NOW + timedelta(days=1)  # type: ignore[attr-defined]  # a ManualClock
    assert await apply_retention(services) == 1


async def test_a_purge_goes_on_through_many_batches(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.privacy.queries.BATCH", 2)
    for _ in range(5):
        await store_item(services, OLD)
    assert (await retention(services)).items == 5


async def test_the_notice_says_who_why_where_and_how_long(services: Services) -> None:
    made, _ = await watchlist_with(services, ("Decathlon", "own"), ("Intersport", "competitor"))
    empty = await notice(services, made.id, "en")
    assert "[purpose: to be filled in the watchlist]" in empty
    await edit_watchlist(
        services, made.id, {"owner": "Decathlon SA", "purpose": "Répondre aux clients."}
    )
    await add_source(
        services, kind="hackernews", name="Hacker News", config={}, watchlist_id=made.id
    )
    french = await notice(services, made.id, "fr")
    for fact in ("Decathlon SA", "Répondre aux clients.", "Decathlon, Intersport",
                 "Hacker News (hackernews)", "400 jours", "30 jours", "opposition"):  # fmt: skip
        assert fact in french
    assert "400 days" in await notice(services, made.id, "en")
