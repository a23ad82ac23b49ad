"""SQL of rules and alerts. Each takes a session; nothing here decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.alerts.rules import Candidate, Episode, Filter, Window
from app.db.keys import first_key_at
from app.models import Alert, AlertMention, AlertRule, Author, Item, Mention, Source

_CANDIDATE = (
    Mention.id, Mention.item_id, Mention.brand_id, Mention.source_id, Mention.published_at,
    Mention.first_seen_at, Mention.label, Mention.lang, Mention.engagement, Mention.backfill,
    Mention.owned, Mention.syndicated, Mention.relevant, Mention.watchlist_id,
)  # fmt: skip


async def take_pending(session: AsyncSession, *, limit: int) -> dict[int, list[Candidate]]:
    """Mentions that the rules have not seen, by watchlist, locked until the transaction ends.

    Another worker skips them (SKIP LOCKED); SQLite has one writer at a time. The lock lets others
    refer to the rows (NO KEY UPDATE): a count's alert links mentions that another worker holds
    while that worker waits for this one's rules, which was a deadlock.
    """
    found = await session.execute(
        select(*_CANDIDATE)
        .where(Mention.rules_pending)
        .order_by(Mention.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    rows = found.all()
    followers = await _followers(session, [row.item_id for row in rows])
    pending: dict[int, list[Candidate]] = {}
    for row in rows:
        pending.setdefault(row.watchlist_id, []).append(
            Candidate(
                mention_id=row.id, item_id=row.item_id, brand_id=row.brand_id,
                source_id=row.source_id, published_at=row.published_at,
                first_seen_at=row.first_seen_at, label=row.label, lang=row.lang,
                engagement=row.engagement, followers=followers.get(row.item_id),
                backfill=row.backfill, owned=row.owned, syndicated=row.syndicated,
                relevant=row.relevant,
            )
        )  # fmt: skip
    return pending


async def _followers(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, int]:
    if not item_ids:
        return {}
    found = await session.execute(
        select(Item.id, Author.followers)
        .join(Author, Author.id == Item.author_id)
        .where(Item.id.in_(item_ids), Author.followers.is_not(None))
    )
    return {row.id: row.followers for row in found}


async def lock_rules(session: AsyncSession, watchlist_ids: Sequence[int]) -> Sequence[AlertRule]:
    """The active rules, locked in the order of their ids.

    Two workers that judge the same rule go one after the other, so the second sees the alert
    that the first has opened.
    """
    found = await session.execute(
        select(AlertRule)
        .where(AlertRule.watchlist_id.in_(list(watchlist_ids)), AlertRule.active)
        .order_by(AlertRule.id)
        .with_for_update(key_share=True)
    )
    return found.scalars().all()


async def last_by_brand(session: AsyncSession, rule_id: int) -> dict[int, Episode]:
    """The newest alert of a mention rule for each brand."""
    newest = (
        select(func.max(Alert.id))
        .where(Alert.rule_id == rule_id, Alert.subject.like("brand:%"))
        .group_by(Alert.subject)
    )
    found = await session.execute(select(Alert).where(Alert.id.in_(newest)))
    return {
        alert.brand_id: _episode(alert) for alert in found.scalars() if alert.brand_id is not None
    }


async def last_of_rule(session: AsyncSession, rule_id: int) -> Episode | None:
    """The newest alert of a rule, whatever its subject."""
    found = await session.execute(
        select(Alert).where(Alert.rule_id == rule_id).order_by(Alert.id.desc()).limit(1)
    )
    alert = found.scalar_one_or_none()
    return _episode(alert) if alert else None


def _episode(alert: Alert) -> Episode:
    return Episode(id=alert.id, opened_at=alert.opened_at, state=alert.state)


async def alert_at(
    session: AsyncSession, rule_id: int, *, subject: str, window: str
) -> Alert | None:
    """The alert of that key (R-20)."""
    found = await session.execute(
        select(Alert).where(
            Alert.rule_id == rule_id, Alert.subject == subject, Alert.window == window
        )
    )
    return found.scalar_one_or_none()


async def count_items(
    session: AsyncSession, watchlist_id: int, wanted: Filter, window: Window
) -> int:
    """Distinct items published in the window that pass the filter (`rules.passes`, in SQL)."""
    found = await session.execute(
        _matching(select(func.count(Mention.item_id.distinct())), watchlist_id, wanted, window)
    )
    return int(found.scalar_one())


async def newest_in(
    session: AsyncSession, watchlist_id: int, wanted: Filter, window: Window, *, limit: int
) -> Sequence[int]:
    """Ids of the newest mentions that `count_items` counts."""
    found = await session.execute(
        _matching(select(Mention.id), watchlist_id, wanted, window)
        .order_by(Mention.id.desc())
        .limit(limit)
    )
    return found.scalars().all()


def _matching(asked: Select[int], watchlist_id: int, wanted: Filter, window: Window) -> Select[int]:
    if wanted.min_followers:
        asked = asked.join(Item, Item.id == Mention.item_id).join(
            Author, Author.id == Item.author_id
        )
        asked = asked.where(Author.followers >= wanted.min_followers)
    # Keys follow `published_at` by the second: the range over keys is what the index serves.
    return asked.where(
        Mention.watchlist_id == watchlist_id,
        Mention.id >= first_key_at(window.start),
        Mention.id < first_key_at(window.end + timedelta(seconds=1)),
        Mention.published_at >= window.start,
        Mention.published_at < window.end,
        *_filters(wanted),
    )


def _filters(wanted: Filter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [
        Mention.backfill.is_(False),
        or_(Mention.relevant.is_(None), Mention.relevant.is_(True)),
    ]
    if wanted.brands:
        clauses.append(Mention.brand_id.in_(wanted.brands))
    if wanted.labels:
        clauses.append(Mention.label.in_(wanted.labels))
    if wanted.langs:
        clauses.append(Mention.lang.in_(wanted.langs))
    if wanted.sources:
        clauses.append(Mention.source_id.in_(wanted.sources))
    if wanted.min_engagement:
        clauses.append(Mention.engagement >= wanted.min_engagement)
    if wanted.owned is not None:
        clauses.append(Mention.owned.is_(wanted.owned))
    if wanted.syndicated is not None:
        clauses.append(Mention.syndicated.is_(wanted.syndicated))
    return clauses


async def sample(
    session: AsyncSession, mention_ids: Sequence[int]
) -> Sequence[tuple[Mention, Item, str]]:
    """Mentions with their items and the names of their sources, newest first."""
    found = await session.execute(
        select(Mention, Item, Source.name)
        .join(Item, Item.id == Mention.item_id)
        .outerjoin(Source, Source.id == Mention.source_id)
        .where(Mention.id.in_(list(mention_ids)))
        .order_by(Mention.id.desc())
    )
    return [(row[0], row[1], row[2] or "") for row in found]


async def open_counts(session: AsyncSession) -> Sequence[tuple[Alert, AlertRule]]:
    """Open alerts with their rules."""
    found = await session.execute(
        select(Alert, AlertRule)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .where(Alert.state == "open")
    )
    return [(row[0], row[1]) for row in found]


async def page_of_alerts(
    session: AsyncSession,
    watchlist_id: int,
    *,
    before: int | None = None,
    limit: int = 50,
    state: str | None = None,
    since: datetime | None = None,
) -> Sequence[Alert]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    clauses = [Alert.watchlist_id == watchlist_id]
    if before is not None:
        clauses.append(Alert.id < before)
    if state is not None:
        clauses.append(Alert.state == state)
    if since is not None:
        clauses.append(Alert.id >= first_key_at(since))
    found = await session.execute(
        select(Alert).where(and_(*clauses)).order_by(Alert.id.desc()).limit(limit)
    )
    return found.scalars().all()


async def mentions_of(session: AsyncSession, alert_id: int) -> Sequence[int]:
    """Ids of the mentions an alert is about, newest first."""
    found = await session.execute(
        select(AlertMention.mention_id)
        .where(AlertMention.alert_id == alert_id)
        .order_by(AlertMention.mention_id.desc())
    )
    return found.scalars().all()


async def rules_of(session: AsyncSession, watchlist_id: int) -> Sequence[AlertRule]:
    """A watchlist's rules, the oldest first."""
    found = await session.execute(
        select(AlertRule).where(AlertRule.watchlist_id == watchlist_id).order_by(AlertRule.id)
    )
    return found.scalars().all()
