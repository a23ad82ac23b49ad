"""What the tests of alerts, deliveries and digests begin from: services and a small watchlist."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from cryptography.fernet import Fernet

from app.clock import ManualClock
from app.config import Settings
from app.db.engine import Database
from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.deliveries.message import Message
from app.deliveries.service import add_channel, enqueue
from app.enrich.brain import Brain
from app.models import Brand, Channel, Delivery, Item, Mention, Source, Watchlist
from app.secrets import Cipher
from app.services import Services
from collectors.http import Http, Policy

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_numbers = itertools.count(1)


@asynccontextmanager
async def output_services(
    db: Database, clock: ManualClock, **settings: Any
) -> AsyncIterator[Services]:
    """Services on a test database; the network reaches 127.0.0.1 only."""
    timeout = settings.pop("http_timeout_s", 5.0)
    http = Http(
        Policy.parse("127.0.0.1/32"), total_timeout=timeout, now=lambda: clock.now().timestamp()
    )
    try:
        yield Services(
            settings=Settings(base_url="https://vigie.example", http_timeout_s=timeout, **settings),
            clock=clock, db=db, cipher=Cipher([Fernet.generate_key()]), http=http,
            brain=cast(Brain, None),  # outputs never judge a text
        )  # fmt: skip
    finally:
        await http.aclose()


def with_settings(services: Services, **settings: Any) -> Services:
    changed = services.settings.model_copy(update=settings)
    return replace(services, settings=changed)


@dataclass(frozen=True, slots=True)
class Ground:
    """A watchlist with its brands and a source."""

    watchlist: Watchlist
    brands: Sequence[Brand]
    source: Source


async def make_ground(
    db: Database,
    now: datetime,
    *,
    brands: Sequence[str] = ("Decathlon", "Intersport"),
    zone: str = "Europe/Paris",
    lang: str = "fr",
) -> Ground:
    watchlist = Watchlist(name="Sport", zone=zone, language=lang, created_at=now, updated_at=now)
    source = Source(
        kind="rss", name="Le Monde", fingerprint=f"test-{next(_numbers)}", next_poll_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
    async with db.write() as session:
        session.add_all([watchlist, source])
        await session.flush()
        made = [
            Brand(
                watchlist_id=watchlist.id, name=name, kind="competitor" if place else "own",
                created_at=now, updated_at=now,
            )
            for place, name in enumerate(brands)
        ]  # fmt: skip
        session.add_all(made)
    return Ground(watchlist, made, source)


async def add_mentions(
    db: Database,
    ground: Ground,
    count: int,
    *,
    at: datetime,
    brand: int = 0,
    pending: bool = True,
    seen: datetime | None = None,
    item_values: dict[str, Any] | None = None,
    **values: Any,
) -> list[int]:
    """New items, each a mention of one brand; returns the mentions' ids."""
    items, mentions = [], []
    for _ in range(count):
        number = next(_numbers)
        # `+ number` keeps the ids of one second apart; the time stays readable from them.
        item_id = key_at(at) // 2**27 * 2**27 + number
        items.append({
            "id": item_id, "dedup_key": number, "identity": f"i{number}", "platform": "rss",
            "external_id": f"e{number}", "kind": "post", "url": f"https://news.example/{number}",
            "title": "", "text": f"Un avis sur la marque, numéro {number}", "author_name": "Ana",
            "published_at": at, "published_raw": "", "first_seen_at": seen or at,
            "in_reply_to": "", "links": [], "media": [], "metrics": {}, "engagement": 0,
            "backfill": False, "text_hash": number, **(item_values or {}),
        })  # fmt: skip
        mentions.append({
            "id": item_id, "item_id": item_id, "brand_id": ground.brands[brand].id,
            "watchlist_id": ground.watchlist.id, "query_version_id": 1,
            "source_id": ground.source.id, "spans": [], "clause": "", "published_at": at,
            "first_seen_at": seen or at, "backfill": False, "owned": False, "syndicated": False,
            "lang": "fr", "label": "none", "unsure": False, "engagement": 0, "status": "new",
            "rules_pending": pending, "entities_pending": False, **values,
        })  # fmt: skip
    async with db.write() as session:
        await insert_ignore(session, Item, items)
        await insert_ignore(session, Mention, mentions)
    return [row["id"] for row in mentions]


async def slack_channel(
    services: Services, ground: Ground, url: str, *, name: str = "#veille", **values: Any
) -> Channel:
    return await add_channel(
        services, watchlist_id=ground.watchlist.id, kind="slack", name=name,
        config={"url": url}, **values,
    )  # fmt: skip


async def webhook_channel(
    services: Services, ground: Ground, url: str, *, name: str = "crochet", **config: Any
) -> Channel:
    return await add_channel(
        services, watchlist_id=ground.watchlist.id, kind="webhook", name=name,
        config={"url": url, "secret": SECRET, **config},
    )  # fmt: skip


async def email_channel(
    services: Services, ground: Ground, *recipients: str, name: str = "courriel"
) -> Channel:
    return await add_channel(
        services, watchlist_id=ground.watchlist.id, kind="email", name=name,
        config={"recipients": recipients},
    )  # fmt: skip


async def queue(
    services: Services, channel: Channel, count: int = 1, *, prefix: str = "alert", **values: Any
) -> None:
    """`count` messages for a channel."""
    async with services.db.write() as session:
        for number in range(count):
            message = Message(kind="alert", title=f"Alerte {number}", **values)
            await enqueue(
                session, [channel.id], message, dedup_prefix=f"{prefix}:{number}",
                now=services.clock.now(),
            )  # fmt: skip


async def deliveries(services: Services) -> list[Delivery]:
    from sqlalchemy import select

    async with services.db.read() as session:
        found = await session.execute(select(Delivery).order_by(Delivery.created_at, Delivery.id))
        return list(found.scalars())
