"""Rows of a lived-in watchlist, written straight into a test database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.db.keys import hash64, key_at
from app.models import Brand, Item, ListeningLog, Mention, Sighting, Source, Watchlist
from app.search import service as search
from app.services import Services
from app.sources.service import add_source
from app.trends.rollup import rebuild
from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist


@dataclass
class Furnished:
    """What was made."""

    watchlist: Watchlist
    brands: Sequence[Brand]
    sources: Sequence[Source]
    mention_ids: list[int] = field(default_factory=list)


async def furnish(
    services: Services, *, name: str = "Decathlon", brand_names: Sequence[str] = ("Decathlon",)
) -> Furnished:
    """A watchlist with brands and two feeds that have been read."""
    watchlist = await create_watchlist(services, NewWatchlist(name=name))
    brands = [
        await add_brand(
            services, watchlist.id, NewBrand(name=each, kind="competitor" if n else "own")
        )
        for n, each in enumerate(brand_names)
    ]
    sources = [
        await add_source(
            services, kind="rss", name=f"Feed {n}", watchlist_id=watchlist.id,
            config={"url": f"https://feed{n}.example/{watchlist.id}"},
        )
        for n in range(2)
    ]  # fmt: skip
    return Furnished(watchlist, brands, sources)


async def mention(
    services: Services,
    made: Furnished,
    *,
    text: str = "Decathlon",
    at: datetime | None = None,
    brand: int = 0,
    label: str = "neutral",
    spans: Sequence[Sequence[Any]] = (),
    **of_item: Any,
) -> int:
    """One item matched to one brand, counted. Returns the mention's id."""
    at = at or services.clock.now() - timedelta(minutes=5)
    key = key_at(at)
    item = {
        "identity": str(key), "dedup_key": hash64(str(key)), "platform": "rss", "text": text,
        "url": f"https://news.example/{key}", "author_name": "Léa", "lang": "fr",
        "published_at": at, "first_seen_at": at, "links": [], "media": [],
        "metrics": {"likes": 1}, "engagement": 1, **of_item,
    }  # fmt: skip
    async with services.db.write() as session:
        session.add(Item(id=key, **item))
        await session.flush()
        await search.note_new(session, [key])
        session.add(Sighting(item_id=key, source_id=made.sources[0].id, seen_at=at))
        session.add(
            Mention(
                id=key, item_id=key, brand_id=made.brands[brand].id,
                watchlist_id=made.watchlist.id, query_version_id=1,
                source_id=made.sources[0].id, spans=[list(span) for span in spans],
                published_at=at, first_seen_at=at, lang="fr", label=label, engagement=1,
            )
        )  # fmt: skip
    made.mention_ids.append(key)
    return key


async def settle(services: Services, made: Furnished) -> None:
    """The sources have been read and heard all of the last day; the counts are right."""
    now = services.clock.now()
    async with services.db.write() as session:
        for source in made.sources:
            row = await session.get_one(Source, source.id)
            row.first_poll_done_at = row.last_ok_at = row.last_polled_at = now
        for hour in range(48):
            at = (now - timedelta(hours=hour)).replace(minute=0, second=0, microsecond=0)
            session.add(ListeningLog(source_id=made.sources[0].id, hour=at, asked=1, got=1, new=1))
    await rebuild(services, made.watchlist.id)
