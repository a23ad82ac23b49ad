"""What the tests of watchlists, sources, mentions, trends and privacy begin from."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select

from app.clock import ManualClock
from app.config import Settings
from app.db.engine import Database
from app.db.keys import key_at
from app.enrich.brain import Brain
from app.models import AuditEntry, Author, Brand, Item, ListeningLog, Mention, Sighting, Watchlist
from app.search import service as search
from app.secrets import load_cipher
from app.services import Services
from app.sources.rules import floor_hour
from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist
from collectors.http import Http, Policy

_numbers = itertools.count(1)


@asynccontextmanager
async def watch_services(
    db: Database, clock: ManualClock, folder: Path, *, allow: str = "127.0.0.1/32", **settings: Any
) -> AsyncIterator[Services]:
    """Services on a test database; the network reaches 127.0.0.1 only."""
    http = Http(
        Policy.parse(allow), total_timeout=5.0, now=lambda: clock.now().timestamp(),
        resolver=_no_names,
    )  # fmt: skip
    try:
        yield Services(
            settings=Settings(data_dir=folder, **settings),
            clock=clock, db=db, cipher=load_cipher(folder / "key"), http=http,
            brain=cast(Brain, None),
        )  # fmt: skip
    finally:
        await http.aclose()


async def _no_names(host: str, port: int) -> Sequence[Any]:
    """No test asks a name server."""
    raise OSError(f"no such host: {host}:{port}")


async def watchlist_with(
    services: Services, *brands: tuple[str, str], zone: str = "Europe/Paris", name: str = "Veille"
) -> tuple[Watchlist, Sequence[Brand]]:
    """A watchlist with brands given as (name, kind)."""
    made = await create_watchlist(services, NewWatchlist(name=name, zone=zone))
    return made, [
        await add_brand(services, made.id, NewBrand(name=one, kind=kind)) for one, kind in brands
    ]


async def store_item(services: Services, at: datetime, **values: Any) -> Item:
    """An item as the pipeline would have stored it."""
    number = next(_numbers)
    given = {
        "id": key_at(at), "dedup_key": number, "identity": f"p:test:{number}", "platform": "test",
        "external_id": str(number), "url": f"https://example.org/{number}", "title": "",
        "text": f"text {number}", "published_at": at, "first_seen_at": at,
    }  # fmt: skip
    item = Item(**{**given, **values})
    async with services.db.write() as session:
        session.add(item)
        await session.flush()
        await search.note_new(session, [item.id])
    return item


async def store_mention(
    services: Services, brand: Brand, item: Item, *, source_id: int = 0, **values: Any
) -> Mention:
    """A mention of a stored item (roll-ups are not moved)."""
    given = {
        "id": key_at(item.published_at), "item_id": item.id, "brand_id": brand.id,
        "watchlist_id": brand.watchlist_id, "query_version_id": 1, "source_id": source_id,
        "published_at": item.published_at, "first_seen_at": item.first_seen_at,
        "author_id": item.author_id, "lang": item.lang, "spans": [["text", 0, 4]],
    }  # fmt: skip
    mention = Mention(**{**given, **values})
    async with services.db.write() as session:
        session.add(mention)
    return mention


async def store_author(services: Services, name: str, at: datetime, **values: Any) -> Author:
    given = {
        "dedup_key": next(_numbers), "platform": "test", "name": name, "native_id": "",
        "first_seen_at": at, "last_seen_at": at,
    }  # fmt: skip
    author = Author(**{**given, **values})
    async with services.db.write() as session:
        session.add(author)
    return author


async def see(services: Services, item: Item, source_id: int, external_id: str = "") -> None:
    async with services.db.write() as session:
        session.add(
            Sighting(
                item_id=item.id, source_id=source_id, external_id=external_id,
                seen_at=item.first_seen_at,
            )
        )  # fmt: skip


async def heard(
    services: Services, source_id: int, start: datetime, end: datetime, **values: int
) -> None:
    """A row of the listening log an hour: asked four times, answered, unless told otherwise."""
    given = {"asked": 4, "got": 1, **values}
    hour = floor_hour(start)
    async with services.db.write() as session:
        while hour < end:
            session.add(ListeningLog(source_id=source_id, hour=hour, **given))
            hour += timedelta(hours=1)


async def audited(services: Services) -> list[str]:
    """The actions in the audit log, oldest first."""
    async with services.db.read() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))


async def count(services: Services, model: Any) -> int:
    async with services.db.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)
