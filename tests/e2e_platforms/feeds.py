"""One feed source of the real service, on a data folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from app.config import Settings
from app.db.migrate import migrate
from app.ingest.service import PollReport, poll_source
from app.models import Item, ListeningLog
from app.services import Services, open_services
from app.sources.service import add_source
from app.watchlists.service import NewWatchlist, create_watchlist


class Feed:
    """A source that is polled when told to."""

    def __init__(self, services: Services, source_id: int) -> None:
        self._services, self._source_id = services, source_id

    async def poll(self) -> PollReport:
        return await poll_source(self._services, self._source_id)

    async def titles(self) -> list[str]:
        async with self._services.db.read() as session:
            return sorted((await session.scalars(select(Item.title))).all())

    async def missed(self) -> int:
        async with self._services.db.read() as session:
            found = await session.scalar(select(func.sum(ListeningLog.missed)))
        return int(found or 0)


@asynccontextmanager
async def feed(folder: Path, url: str) -> AsyncIterator[Feed]:
    settings = Settings(data_dir=folder, allow_private="127.0.0.1/32")
    migrate(settings.database_url, backups=folder, now=datetime.now(UTC))
    async with open_services(settings) as services:
        made = await create_watchlist(services, NewWatchlist(name="w", zone="Europe/Paris"))
        source = await add_source(
            services, kind="rss", name="feed", config={"url": url}, watchlist_id=made.id
        )
        yield Feed(services, source.id)
