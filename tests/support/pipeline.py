"""A small house for pipeline tests: services around a test database, brands, items, a collector
that plays a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, cast

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from app.clock import ManualClock
from app.config import Settings
from app.db.engine import Database
from app.db.keys import fresh_key
from app.enrich.brain import Brain
from app.enrich.inline import InlineBrain
from app.ingest.prepare import Origin
from app.ingest.rules import Arrival
from app.ingest.service import Incoming, PageWriter, Stored
from app.models import (
    Brand,
    Epoch,
    Mention,
    Query,
    QueryVersion,
    Source,
    Watchlist,
    WatchlistSource,
)
from app.models import Item as StoredItem
from app.secrets import Cipher
from app.services import Services
from collectors.api import Author, Capabilities, CollectorConfig, Cursor, Item, Narrowing, Page
from collectors.http import Http, Policy


@cache
def inline_brain() -> Brain:
    """One for the whole run: models are loaded once, queries when their epoch moves."""
    return cast("Brain", InlineBrain(("fr", "en")))


def make_services(db: Database, now: datetime, folder: Path, **other: Any) -> Services:
    inline = cast("Any", inline_brain())
    inline._analyst._epoch = None  # another test's epoch may bear the same number
    parts: dict[str, Any] = {
        "settings": Settings(data_dir=folder),
        "clock": ManualClock(now),
        "db": db,
        "cipher": Cipher([Fernet.generate_key()]),
        "http": Http(Policy.parse("")),
        "brain": inline,
    }
    return Services(**(parts | other))


@dataclass
class House:
    """Services with one watchlist and its brands."""

    services: Services
    now: datetime
    watchlist_id: int = 0
    brands: dict[str, int] = field(default_factory=dict)

    async def watch(
        self,
        queries: Mapping[str, str],
        *,
        zone: str = "Europe/Paris",
        name: str = "w",
        **more: Any,
    ) -> int:
        """A watchlist with a brand for each (name → query)."""
        async with self.services.db.write() as session:
            one = Watchlist(name=name, zone=zone, created_at=self.now, updated_at=self.now)
            session.add(one)
            await session.flush()
            for brand_name, text in queries.items():
                brand = Brand(
                    watchlist_id=one.id,
                    name=brand_name,
                    created_at=self.now,
                    updated_at=self.now,
                    **more,
                )
                session.add(brand)
                await session.flush()
                query = Query(brand_id=brand.id, current_version_id=None)
                session.add(query)
                await session.flush()
                self.brands[brand_name] = brand.id
                await self._version(session, query, text, rematched=True)
            await self._bump(session)
            self.watchlist_id = one.id
            return one.id

    async def set_query(self, brand: str, text: str) -> None:
        async with self.services.db.write() as session:
            query = await session.scalar(select(Query).where(Query.brand_id == self.brands[brand]))
            assert query is not None
            await self._version(session, query, text, rematched=False)
            await self._bump(session)

    async def _version(self, session: Any, query: Query, text: str, *, rematched: bool) -> None:
        number = await session.scalar(
            select(func.count()).select_from(QueryVersion).where(QueryVersion.query_id == query.id)
        )
        version = QueryVersion(
            query_id=query.id,
            number=number + 1,
            text=text,
            created_at=self.services.clock.now(),
            rematched_at=self.now if rematched else None,
        )
        session.add(version)
        await session.flush()
        query.current_version_id = version.id

    async def _bump(self, session: Any) -> None:
        epoch = await session.get(Epoch, "queries")
        if epoch is None:
            session.add(Epoch(name="queries", value=1))
        else:
            epoch.value += 1

    async def source(
        self, *, name: str = "s", kind: str = "scripted", watchlist_id: int = 0, **more: Any
    ) -> int:
        """A source of the watchlist, added an hour ago and past its first poll."""
        values = {
            "created_at": self.now - timedelta(hours=1),
            "updated_at": self.now,
            "next_poll_at": self.now,
            "first_poll_done_at": self.now,
            **more,
        }
        async with self.services.db.write() as session:
            row = Source(
                id=fresh_key(), kind=kind, name=name, fingerprint=f"{kind}:{name}", **values
            )
            session.add(row)
            await session.flush()
            session.add(
                WatchlistSource(watchlist_id=watchlist_id or self.watchlist_id, source_id=row.id)
            )
            return row.id

    async def store(
        self,
        source_id: int,
        items: Sequence[Item],
        *,
        arrival: Arrival | None = None,
        platform: str | None = None,
        removed: Sequence[str] = (),
    ) -> Stored:
        """One page through the writer, as a poll stores it."""
        origin = Origin(source_id, "s", "scripted", platform)
        writer = PageWriter(
            self.services, origin, arrival or Arrival(now=self.services.clock.now())
        )
        return await writer.write(
            Incoming(items=items, removed=removed), guard=nothing, after=nothing
        )

    async def count(self, model: type[Any], *where: Any) -> int:
        async with self.services.db.read() as session:
            found = await session.scalar(select(func.count()).select_from(model).where(*where))
        return int(found or 0)

    async def all(self, model: type[Any], *where: Any) -> Sequence[Any]:
        async with self.services.db.read() as session:
            return (await session.scalars(select(model).where(*where).order_by(model.id))).all()

    async def items(self) -> Sequence[StoredItem]:
        return await self.all(StoredItem)

    async def mentions(self) -> Sequence[Mention]:
        return await self.all(Mention)

    def later(self, by: timedelta) -> None:
        self.clock.at += by

    @property
    def clock(self) -> ManualClock:
        clock = self.services.clock
        assert isinstance(clock, ManualClock)
        return clock


async def nothing(*_: Any) -> None:
    return None


def post(number: int | str, text: str = "I love Acme, great", **more: Any) -> Item:
    """A post of half an hour before the tests' now."""
    from tests.conftest import NOW

    values: dict[str, Any] = {
        "external_id": str(number),
        "url": f"https://social.example/p/{number}",
        "text": text,
        "published_at": NOW - timedelta(minutes=30),
        "author": Author(name="Ann", id="a1"),
    }
    return Item(**(values | more))


class NoConfig(CollectorConfig):
    pass


class Scripted:
    """A collector that yields the pages of a script; an exception in it is raised in its place."""

    kind: ClassVar[str] = "scripted"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = NoConfig
    capabilities: ClassVar[Capabilities] = Capabilities(max_requests=0)

    def __init__(self, *script: Page | Exception | Callable[[], Any]) -> None:
        self.script = script
        self.cursors: list[Cursor] = []

    async def check(self, http: Http) -> None:
        return None

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        self.cursors.append(cursor)
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Page):
                yield step
            else:
                await step()
