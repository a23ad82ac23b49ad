"""A source that stopped tells its owner: within two intervals, once, and again when it is back.

No news is not the same as not listening (R-55). A pause is a person's own doing and not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.deliveries.service import Fact, Message, enqueue, short_ref
from app.ingest.rules import NOT_POLLED
from app.models import Channel, Source, Watchlist, WatchlistSource
from app.sources.rules import Silence, silence_of

if TYPE_CHECKING:
    from app.services import Services

LIVE_INTERVAL = timedelta(minutes=5)
"""A stream has no interval; it counts as silent where it could not be opened for twice that."""

_WORDS = {
    "down_title": ("La source « {name} » n’entend plus rien", "The source “{name}” hears nothing"),
    "back_title": ("La source « {name} » entend de nouveau", "The source “{name}” hears again"),
    "needs_attention": (
        "Elle attend une intervention : corrigez ce qui suit, puis reprenez-la dans Vigie.",
        "It waits for a person: put right what follows, then resume it in Vigie.",
    ),
    "failed": (
        "Elle ne répond pas. Vigie réessaie, de plus en plus rarement.",
        "It does not answer. Vigie tries again, ever more rarely.",
    ),
    "not_asked": (
        "Elle n’a pas été interrogée : vérifiez que le service tourne (vigie doctor).",
        "It was not asked: see whether the service runs (vigie doctor).",
    ),
    "back": (
        "Ce qui a été publié entre-temps est relu autant que la plateforme le permet.",
        "What was published meanwhile is read as far as the platform allows.",
    ),
    "reason": ("Raison", "Reason"),
    "since": ("Sans nouvelle depuis", "Silent since"),
}  # fmt: skip


async def tell_silent(services: Services) -> int:
    """Tell of sources that fell silent or came back; how many were told of."""
    now = services.clock.now()
    async with services.db.read() as session:
        rows = await session.scalars(select(Source).where(Source.removed_at.is_(None)))
        suspects = [one.id for one in rows if _news(one, now) is not None]
    if not suspects:
        return 0
    async with services.db.write() as session:
        found = await session.scalars(
            select(Source).where(Source.id.in_(suspects)).with_for_update(skip_locked=True)
        )
        told = [one for one in found.all() if await _told(session, one, now)]
    return len(told)


async def _told(session: AsyncSession, source: Source, now: datetime) -> bool:
    """Judged again under the lock: another worker may have told of it meanwhile."""
    news = _news(source, now)
    if news is None:
        return False
    await _tell(session, source, None if news == "back" else news, now)
    source.told_at = None if news == "back" else now
    return True


def _news(source: Source, now: datetime) -> str | None:
    """Why it is silent, where nobody was told; "back" where somebody was."""
    if source.told_at is None:
        return silence_of(_heard(source), now=now)
    return "back" if _is_back(source) else None


def _heard(source: Source) -> Silence:
    return Silence(
        state=source.state, polled=source.kind not in NOT_POLLED,
        interval=LIVE_INTERVAL if source.live else timedelta(seconds=source.interval_s),
        last_ok_at=source.last_ok_at or source.created_at, next_poll_at=source.next_poll_at,
    )  # fmt: skip


def _is_back(source: Source) -> bool:
    return (
        source.state == "active"
        and source.last_ok_at is not None
        and source.told_at is not None
        and source.last_ok_at > source.told_at
    )


async def _tell(session: AsyncSession, source: Source, why: str | None, now: datetime) -> None:
    """To the channels of every watchlist that it feeds, each in its language."""
    since = source.last_ok_at or source.created_at
    prefix = (
        f"notice:source:{source.id}:{why or 'back'}:{int((source.told_at or since).timestamp())}"
    )
    for watchlist in await _fed(session, source.id):
        channels = await session.scalars(
            select(Channel.id).where(
                Channel.watchlist_id == watchlist.id, Channel.state == "active"
            )
        )
        await enqueue(
            session, channels.all(), _notice(source, watchlist, why, ref=short_ref(prefix)),
            dedup_prefix=f"{prefix}:{watchlist.id}", now=now,
        )  # fmt: skip


async def _fed(session: AsyncSession, source_id: int) -> Sequence[Watchlist]:
    rows = await session.scalars(
        select(Watchlist)
        .join(WatchlistSource, WatchlistSource.watchlist_id == Watchlist.id)
        .where(WatchlistSource.source_id == source_id)
        .order_by(Watchlist.id)
    )
    return rows.all()


def _notice(source: Source, watchlist: Watchlist, why: str | None, *, ref: str) -> Message:
    lang = watchlist.language
    facts = []
    if why and source.last_error:
        facts.append(Fact(_word("reason", lang), source.last_error))
    if why and source.last_ok_at:
        facts.append(Fact(_word("since", lang), source.last_ok_at.isoformat(timespec="minutes")))
    return Message(
        kind="notice", lang=lang, zone=watchlist.zone, ref=ref,
        title=_word("down_title" if why else "back_title", lang).format(name=source.name),
        severity="warning" if why else "info",
        lines=(_word(why or "back", lang),), facts=tuple(facts),
        data={"source_id": str(source.id), "source": source.name, "state": why or "back"},
    )  # fmt: skip


def _word(name: str, lang: str) -> str:
    french, english = _WORDS[name]
    return french if lang == "fr" else english
