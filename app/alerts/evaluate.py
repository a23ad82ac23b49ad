"""Puts pending mentions before the rules: alerts, messages and flags in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.alerts import queries
from app.alerts.inputs import RuleFilter, RuleParams
from app.alerts.messages import SHOWN_MENTIONS, Scene, alert_message, facts_of
from app.alerts.rules import (
    Candidate,
    Joined,
    NewMentions,
    Opened,
    Reason,
    cools_down,
    count_over,
    count_subject,
    decide_mentions,
    new_mentions,
    windows_of,
)
from app.db.keys import key_at
from app.db.upsert import insert_ignore
from app.deliveries.service import MentionLine, Post, enqueue_all
from app.models import Alert, AlertMention, AlertRule, Brand, Mention, Watchlist
from app.services import Services

BATCH = 1_000
KEPT_MENTIONS = 100


@dataclass(slots=True)
class Evaluation:
    """One transaction's work: the session and what every alert in it needs."""

    session: AsyncSession
    now: datetime
    public_url: str
    watchlists: Mapping[int, Watchlist]
    brands: Mapping[int, str]
    next_id: int
    opened: int = 0
    _lines: dict[int, MentionLine] = field(default_factory=dict)


async def evaluate_pending(services: Services) -> int:
    """Judge one batch of new mentions; returns how many. Raises StoreBusy and StoreFull."""
    now = services.clock.now()
    if not await _any_pending(services):
        return 0
    async with services.db.write() as session:
        pending = await queries.take_pending(session, limit=BATCH)
        if not pending:
            return 0
        rules = await queries.lock_rules(session, list(pending))
        work = await _prepared(session, services, list(pending), now)
        for rule in rules:
            await _judge(work, rule, pending[rule.watchlist_id])
        handled = [c.mention_id for batch in pending.values() for c in batch]
        await session.execute(
            update(Mention)
            .where(Mention.id.in_(handled))
            .values(rules_pending=False)
            .execution_options(synchronize_session=False)
        )
    if work.opened:
        structlog.get_logger().info("alerts.opened", count=work.opened, mentions=len(handled))
    return len(handled)


async def _any_pending(services: Services) -> bool:
    # Most looks find nothing; they need not wait for the writer's lane.
    async with services.db.read() as session:
        found = await session.execute(select(Mention.id).where(Mention.rules_pending).limit(1))
        return found.first() is not None


async def _prepared(
    session: AsyncSession, services: Services, watchlist_ids: Sequence[int], now: datetime
) -> Evaluation:
    watchlists = await session.execute(select(Watchlist).where(Watchlist.id.in_(watchlist_ids)))
    brands = await session.execute(
        select(Brand.id, Brand.name).where(Brand.watchlist_id.in_(watchlist_ids))
    )
    return Evaluation(
        session=session, now=now, public_url=services.settings.public_url,
        watchlists={w.id: w for w in watchlists.scalars()},
        brands={row.id: row.name for row in brands},
        # Drawn once and counted up: a thousand draws within one second would collide.
        next_id=key_at(now),
    )  # fmt: skip


async def _judge(work: Evaluation, rule: AlertRule, batch: Sequence[Candidate]) -> None:
    """One rule over one batch."""
    try:
        wanted = RuleFilter(**rule.filter).plain()
        params = RuleParams(**rule.params)
    except ValidationError:
        # A rule of a newer version: the other rules go on, this one is named in the log.
        structlog.get_logger().error("alerts.unreadable_rule", rule_id=str(rule.id))
        return
    reason = new_mentions(wanted, batch)
    if reason is None:
        return
    if rule.kind == "mention":
        last = await queries.last_by_brand(work.session, rule.id) if rule.cooldown_s else {}
        decided = decide_mentions(reason, cooldown_s=rule.cooldown_s, last=last, now=work.now)
        for joined in decided.joined:
            await _join(work, joined)
        await _open(work, rule, [(o, _ids(o.reason)) for o in decided.opened])
        return
    zone = work.watchlists[rule.watchlist_id].zone
    subject, brand_id = count_subject(wanted)
    for window in windows_of(reason.candidates, window_s=params.window_s, zone=zone):
        count = await queries.count_items(work.session, rule.watchlist_id, wanted, window)
        over = count_over(count, threshold=params.threshold or 0, window=window)
        if over is None:
            continue
        newest = await queries.newest_in(
            work.session, rule.watchlist_id, wanted, window, limit=KEPT_MENTIONS
        )
        opened = Opened(subject=subject, window=window.key, brand_id=brand_id, reason=over)
        await _open_or_grow(work, rule, opened, newest)


async def _open_or_grow(
    work: Evaluation, rule: AlertRule, opened: Opened, mention_ids: Sequence[int]
) -> None:
    """A window's alert opens once; later it only grows, and nothing is sent again."""
    known = await queries.alert_at(
        work.session, rule.id, subject=opened.subject, window=opened.window
    )
    if known is not None:
        known.facts = {**known.facts, **facts_of(opened.reason)}
        known.count, known.updated_at = facts_of(opened.reason)["count"], work.now
        await _link(work, {known.id: mention_ids})
        return
    last = await queries.last_of_rule(work.session, rule.id) if rule.cooldown_s else None
    if not cools_down(last, cooldown_s=rule.cooldown_s, now=work.now):
        await _open(work, rule, [(opened, mention_ids)])


async def _open(
    work: Evaluation, rule: AlertRule, batch: Sequence[tuple[Opened, Sequence[int]]]
) -> None:
    """Insert alerts and queue their messages, leaving out those whose key is taken.

    A thousand at once: a rule without a cool-down makes an alert of every mention.
    """
    numbered = {work.next_id + place: found for place, found in enumerate(batch)}
    work.next_id += len(batch)
    rows = [_row(work, rule, key, opened) for key, (opened, _) in numbered.items()]
    await insert_ignore(work.session, Alert, rows, on=["rule_id", "subject", "window"])
    stored = await work.session.execute(select(Alert.id).where(Alert.id.in_(list(numbered))))
    mine = {key: numbered[key] for key in sorted(stored.scalars())}
    work.opened += len(mine)
    await _link(work, {key: mention_ids for key, (_, mention_ids) in mine.items()})
    await _tell(work, rule, mine)


def _row(work: Evaluation, rule: AlertRule, key: int, opened: Opened) -> dict[str, Any]:
    facts = facts_of(opened.reason)
    return {
        "id": key, "watchlist_id": rule.watchlist_id, "rule_id": rule.id,
        "subject": opened.subject, "window": opened.window, "brand_id": opened.brand_id,
        "reason": opened.reason.name, "facts": facts, "severity": rule.severity,
        "state": "open", "count": facts["count"], "opened_at": work.now, "updated_at": work.now,
    }  # fmt: skip


async def _join(work: Evaluation, joined: Joined) -> None:
    """Mentions that came during the cool-down are added to the alert without a message."""
    alert = await work.session.get_one(Alert, joined.episode.id)
    labels = dict(alert.facts.get("labels") or {})
    for candidate in joined.reason.candidates:
        labels[candidate.label] = labels.get(candidate.label, 0) + 1
    alert.count += len(joined.reason.candidates)
    alert.facts = {**alert.facts, "count": alert.count, "labels": labels}
    alert.updated_at = work.now
    await _link(work, {alert.id: _ids(joined.reason)})


async def _link(work: Evaluation, mentions: Mapping[int, Sequence[int]]) -> None:
    rows = [
        {"alert_id": alert_id, "mention_id": mention_id}
        for alert_id, mention_ids in mentions.items()
        for mention_id in mention_ids[:KEPT_MENTIONS]
    ]
    await insert_ignore(work.session, AlertMention, rows, on=["alert_id", "mention_id"])


async def _tell(
    work: Evaluation, rule: AlertRule, alerts: Mapping[int, tuple[Opened, Sequence[int]]]
) -> None:
    channels = [int(i) for i in rule.channel_ids if str(i).isdigit()]
    if not channels or not alerts:
        return
    shown = {key: sorted(ids, reverse=True)[:SHOWN_MENTIONS] for key, (_, ids) in alerts.items()}
    wanted = sorted({mention_id for ids in shown.values() for mention_id in ids})
    lines = {
        mention.id: mention_line(mention, item, source, work.brands)
        for mention, item, source in await queries.sample(work.session, wanted)
    }
    posts = []
    for alert_id, (opened, _) in alerts.items():
        scene = Scene(
            alert_id=alert_id, rule=rule, watchlist=work.watchlists[rule.watchlist_id],
            brands=work.brands, public_url=work.public_url, opened_at=work.now,
            lines=[lines[i] for i in shown[alert_id] if i in lines],
        )  # fmt: skip
        message = alert_message(opened.reason, scene)
        posts.append(Post(message=message, dedup_prefix=f"alert:{alert_id}", alert_id=alert_id))
    await enqueue_all(work.session, channels, posts, now=work.now)


def mention_line(
    mention: Mention, item: Any, source: str, brands: Mapping[int, str]
) -> MentionLine:
    """A mention as a message shows it."""
    text = f"{item.title}\n{item.text}" if item.title and item.text else item.title or item.text
    return MentionLine(
        mention_id=str(mention.id), text=text[:2_000], author=item.author_name, url=item.url,
        source=source, brand=brands.get(mention.brand_id, ""), label=mention.label,
        published_at=mention.published_at, first_seen_at=mention.first_seen_at,
    )  # fmt: skip


def _ids(reason: Reason) -> Sequence[int]:
    assert isinstance(reason, NewMentions)
    return sorted((c.mention_id for c in reason.candidates), reverse=True)
