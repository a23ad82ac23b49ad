"""Retention (R-48), access and erasure (R-49), the information notice (R-51).

Counts and roll-ups are never touched: what is forgotten is who said what, in which words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.db.fulltext import settle
from app.db.scrub import overwrite_freed, scrub
from app.db.upsert import insert_ignore, put
from app.errors import NotFound
from app.models import Author, ErasureBlock, Item, Setting
from app.privacy import queries, rules
from app.privacy.words import MISSING, NOTICE
from app.relevance.service import forget
from app.sources.service import list_sources
from app.watchlists.service import get_watchlist, list_brands

if TYPE_CHECKING:
    from app.services import Services

__all__ = ["Erased", "Retained", "apply_retention", "erase_author", "export_author", "notice",
           "retention"]  # fmt: skip

LAST_RUN = "retention"
BETWEEN_RUNS = timedelta(hours=20)
"""The job looks every hour; a purge a day is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What a purge took out. log_cut: the write-ahead log holds nothing of it any more."""

    items: int = 0
    authors: int = 0
    messages: int = 0
    facts: int = 0
    quarantine: int = 0
    sessions: int = 0
    log_cut: bool = True

    @property
    def handled(self) -> int:
        return (
            self.items
            + self.authors
            + self.messages
            + self.facts
            + self.quarantine
            + (self.sessions)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took out. file_clean: False where old bytes may remain in the database's
    file because somebody was reading; run it again."""

    authors: int
    items: int
    sightings: int
    messages: int
    quarantine: int
    file_clean: bool


async def apply_retention(services: Services) -> int:
    """The job: purge once a day; how many rows it took."""
    now = services.clock.now()
    async with services.db.read() as session:
        last = await session.get(Setting, LAST_RUN)
    if last is not None and now - last.updated_at < BETWEEN_RUNS:
        return 0
    return (await retention(services)).handled


async def retention(services: Services) -> Retained:
    """Take out content older than the operator keeps it, in short transactions."""
    now = services.clock.now()
    old = now - timedelta(days=services.settings.retention_days)
    raw = now - timedelta(days=services.settings.raw_retention_days)
    items = await _until_done(services, partial(_purge_items, before=old, now=now))
    authors = await _until_done(
        services, partial(queries.blank_idle_authors, before=old, limit=queries.BATCH)
    )
    async with services.db.write() as session:
        await overwrite_freed(session)
        messages = await queries.blank_old_messages(session, before=old)
        facts = 0
        for model, column in queries.WITH_CONTENT:
            if column == "facts":
                facts += await queries.rewrite(
                    session, model, column, rules.figures_only, before=old
                )
        quarantine = await queries.delete_quarantine(session, before=raw)
        sessions = await queries.delete_expired(session, now=now)
    if items:
        await settle(services.db)
    done = Retained(
        items=items, authors=authors, messages=messages, facts=facts, quarantine=quarantine,
        sessions=sessions, log_cut=await scrub(services.db, whole=False),
    )  # fmt: skip
    async with services.db.write() as session:
        row = {"name": LAST_RUN, "value": asdict(done), "updated_at": now}
        await put(session, Setting, [row], keys=["name"])
    structlog.get_logger().info("retention_applied", **asdict(done))
    return done


async def _until_done(services: Services, batch: Callable[[AsyncSession], Awaitable[int]]) -> int:
    """Repeat a batch, each in a transaction of its own, until it finds nothing."""
    total = 0
    while True:
        async with services.db.write() as session:
            await overwrite_freed(session)
            count = await batch(session)
        total += count
        if not count:
            return total


async def _purge_items(session: AsyncSession, *, before: datetime, now: datetime) -> int:
    found = await queries.old_items(session, before=before, limit=queries.BATCH)
    if found:
        await queries.blank_items(session, found, now=now)
    return len(found)


async def export_author(services: Services, who: str) -> dict[str, Any]:
    """Everything held of an author (GDPR 15), as JSON values.

    who: a name as shown, with or without @, or `platform:id`. Raises NotFound.
    """
    async with services.db.read() as session:
        authors = await _authors(session, who)
        items = await queries.items_by(session, [author.id for author in authors])
        ids = [item.id for item in items]
        mentions = await queries.mentions_of(session, ids)
        verdicts = await queries.verdicts_of(session, ids)
        sightings = await queries.sightings_of(session, ids)
    return {
        "exported_at": services.clock.now().isoformat(),
        "asked_for": who,
        "authors": [_plain(row) for row in authors],
        "items": [_plain(row) for row in items],
        "mentions": [_plain(row) for row in mentions],
        "verdicts": [_plain(row) for row in verdicts],
        "sightings": [_plain(row) for row in sightings],
    }


async def erase_author(services: Services, who: str, *, actor: str = "system") -> Erased:
    """Erase an author and block them from being collected again (GDPR 17 and 21).

    Text, names, addresses and sightings go, from quarantine, alerts, digests, messages, lists and
    notes too; counts stay. A queued message loses their posts and is still sent. What *others*
    wrote about them stays. Raises NotFound.
    """
    now = services.clock.now()
    async with services.db.write() as session:
        await overwrite_freed(session)
        authors = await _authors(session, who)
        items = await queries.items_by(session, [author.id for author in authors])
        ids = [item.id for item in items]
        person = await _person(session, authors, items)
        await _block(services, session, authors, now=now)
        messages = await _forget_quotes(session, person)
        quarantine = await _forget_raw(session, person)
        sightings = await _blank(session, items, now=now)
        keyed = {row.id: services.cipher.keyed_hash(_handle(row)) for row in authors}
        session.expunge_all()  # the rows in memory are of before
        await queries.erase_authors(session, keyed, now=now)
        await queries.delete_relations(session, list(keyed))
        await forget(session)
        audit.record(
            session, now=now, actor=actor, action="author.erase", subject="author",
            subject_id=",".join(str(one) for one in keyed), detail={"items": len(ids)},
        )  # fmt: skip
    await settle(services.db)
    return Erased(
        authors=len(keyed), items=len(ids), sightings=sightings, messages=messages,
        quarantine=quarantine, file_clean=await scrub(services.db, whole=True),
    )  # fmt: skip


async def notice(services: Services, watchlist_id: int, lang: str = "fr") -> str:
    """The information notice of a watchlist (GDPR 14), in Markdown. Raises NotFound."""
    language = "fr" if lang == "fr" else "en"
    watchlist = await get_watchlist(services, watchlist_id)
    brands = await list_brands(services, watchlist_id)
    sources = await list_sources(services, watchlist_id)
    missing = MISSING[language]
    return NOTICE[language].format(
        owner=watchlist.owner or missing["owner"],
        purpose=watchlist.purpose or missing["purpose"],
        brands=", ".join(brand.name for brand in brands) or missing["brands"],
        sources=", ".join(f"{one.name} ({one.kind})" for one in sources) or missing["sources"],
        days=services.settings.retention_days,
        raw_days=services.settings.raw_retention_days,
    )


async def _authors(session: AsyncSession, who: str) -> Sequence[Author]:
    found = await queries.authors_called(session, who) if who.strip() else ()
    if not found:
        raise NotFound(
            "Nothing is held of an author of that name; try platform:id.",
            fr="Rien n’est conservé d’un auteur de ce nom ; essayez plateforme:identifiant.",
        )
    return found


async def _person(
    session: AsyncSession, authors: Sequence[Author], items: Sequence[Item]
) -> rules.Person:
    mentions = await queries.mentions_of(session, [item.id for item in items])
    words = [name for author in authors for name in (author.name, author.native_id)]
    words += [one for item in items for one in (item.author_name, item.url)]
    return rules.person(words, [*(item.id for item in items), *(m.id for m in mentions)])


async def _block(
    services: Services, session: AsyncSession, authors: Sequence[Author], *, now: datetime
) -> None:
    rows = [
        {"hash": services.cipher.keyed_hash(_handle(author)), "created_at": now}
        for author in authors
    ]
    await insert_ignore(session, ErasureBlock, rows)


def _handle(author: Author) -> str:
    """What the collecting side hashes to ask whether somebody objected."""
    return f"{author.platform}:{author.native_id or author.name}".lower()


async def _forget_quotes(session: AsyncSession, person: rules.Person) -> int:
    """Take their posts out of everything that quotes posts; how many rows."""
    changed = 0
    for model, column in queries.WITH_CONTENT:
        changed += await queries.rewrite(session, model, column, partial(rules.without, who=person))
    for attempt in await queries.answers(session):
        attempt.answer = rules.without(attempt.answer, person)
    return changed


async def _forget_raw(session: AsyncSession, person: rules.Person) -> int:
    gone = [
        row
        for row in await queries.quarantine_rows(session)
        if str(row.item_id) in person.ids
        or "" in (rules.without(text, person) for text in (row.raw, row.external_id) if text)
    ]
    for row in gone:
        await session.delete(row)
    return len(gone)


async def _blank(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> int:
    await session.flush()
    pairs = [(item.id, item.identity) for item in items]
    for start in range(0, len(pairs), queries.BATCH):
        await queries.blank_items(session, pairs[start : start + queries.BATCH], now=now)
    return await queries.delete_sightings(session, [item_id for item_id, _ in pairs])


def _plain(row: Any) -> Mapping[str, Any]:
    """A row as JSON values; keys as strings, as everywhere in the interface."""
    values = {}
    for column in row.__table__.columns:
        value = getattr(row, column.key)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif column.key == "id" or column.key.endswith("_id") or column.key == "dedup_key":
            value = str(value) if value is not None else None
        values[column.key] = value
    return values
