"""What routes, jobs and commands may ask of rules and alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.alerts import queries
from app.alerts.evaluate import evaluate_pending
from app.alerts.inputs import RuleFilter, RuleInput, RuleParams
from app.errors import Invalid, NotFound, Stale
from app.models import Alert, AlertRule, Brand, Channel, Watchlist
from app.services import Services

__all__ = [
    "RuleFilter", "RuleInput", "RuleParams", "Shown", "acknowledge", "add_rule", "edit_rule",
    "evaluate_pending", "get_alert", "get_rule", "list_alerts", "list_rules", "remove_rule",
    "resolve_due",
]  # fmt: skip


AT_ONCE = 1_000
"""Alerts closed by one call: a statement takes only so many keys (32,766 on SQLite)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert with the mentions it is about (the newest hundred)."""

    alert: Alert
    mention_ids: Sequence[int]


async def resolve_due(services: Services) -> int:
    """Close alerts whose window or cool-down is over, `AT_ONCE` at most; returns how many."""
    now = services.clock.now()
    async with services.db.read() as session:
        over = [a.id for a, rule in await queries.open_counts(session) if _over(a, rule, now)]
    if not over:
        return 0
    del over[AT_ONCE:]
    async with services.db.write() as session:
        found = await session.execute(
            select(Alert).where(Alert.id.in_(over), Alert.state == "open")
        )
        alerts = found.scalars().all()
        for alert in alerts:
            alert.state, alert.resolved_at, alert.updated_at = "resolved", now, now
    return len(alerts)


def _over(alert: Alert, rule: AlertRule, now: datetime) -> bool:
    """A count ends with its window; a mention's alert with its cool-down."""
    end = alert.facts.get("window_end")
    if end:
        return now >= datetime.fromisoformat(str(end))
    return now >= alert.opened_at + timedelta(seconds=rule.cooldown_s)


async def add_rule(
    services: Services, watchlist_id: int, rule: RuleInput | Mapping[str, Any]
) -> AlertRule:
    """Make a rule. Raises Invalid (`field` says where) and NotFound for the watchlist."""
    given, now = _checked(rule), services.clock.now()
    async with services.db.write() as session:
        if await session.get(Watchlist, watchlist_id) is None:
            raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")
        await _check_ids(session, watchlist_id, given)
        made = AlertRule(
            watchlist_id=watchlist_id, created_at=now, updated_at=now, **given.stored()
        )
        session.add(made)
    return made


async def edit_rule(
    services: Services,
    rule_id: int,
    rule: RuleInput | Mapping[str, Any],
    *,
    watchlist_id: int,
    version: int,
) -> AlertRule:
    """Replace a rule. Raises Stale where it was changed meanwhile, Invalid, NotFound."""
    given = _checked(rule)
    async with services.db.write() as session:
        stored = await _rule(session, rule_id, watchlist_id)
        if stored.version != version:
            raise Stale(
                "This rule was changed meanwhile: load it again.",
                fr="Cette règle a été modifiée entre-temps : rechargez-la.",
            )
        await _check_ids(session, watchlist_id, given)
        for name, value in given.stored().items():
            setattr(stored, name, value)
        stored.version += 1
        stored.updated_at = services.clock.now()
    return stored


async def remove_rule(services: Services, rule_id: int, *, watchlist_id: int) -> None:
    """Remove a rule with its alerts. Raises NotFound."""
    async with services.db.write() as session:
        stored = await _rule(session, rule_id, watchlist_id)
        await session.execute(delete(AlertRule).where(AlertRule.id == stored.id))


async def get_rule(services: Services, rule_id: int, *, watchlist_id: int) -> AlertRule:
    """One rule. Raises NotFound."""
    async with services.db.read() as session:
        return await _rule(session, rule_id, watchlist_id)


async def list_rules(services: Services, watchlist_id: int) -> Sequence[AlertRule]:
    """A watchlist's rules, the oldest first."""
    async with services.db.read() as session:
        return await queries.rules_of(session, watchlist_id)


async def list_alerts(
    services: Services,
    watchlist_id: int,
    *,
    before: int | None = None,
    limit: int = 50,
    state: str | None = None,
    since: datetime | None = None,
) -> Sequence[Alert]:
    """Newest first, keyset: `before` is the id of the last row of the page before."""
    async with services.db.read() as session:
        return await queries.page_of_alerts(
            session, watchlist_id, before=before, limit=limit, state=state, since=since
        )


async def get_alert(services: Services, alert_id: int, *, watchlist_id: int) -> Shown:
    """One alert and its mentions. Raises NotFound."""
    async with services.db.read() as session:
        alert = await _alert(session, alert_id, watchlist_id)
        return Shown(alert, await queries.mentions_of(session, alert.id))


async def acknowledge(services: Services, alert_id: int, *, watchlist_id: int) -> Alert:
    """Somebody has taken note; saying so twice changes nothing. Raises NotFound."""
    async with services.db.write() as session:
        alert = await _alert(session, alert_id, watchlist_id)
        alert.acknowledged_at = alert.acknowledged_at or services.clock.now()
    return alert


async def _alert(session: AsyncSession, alert_id: int, watchlist_id: int) -> Alert:
    alert = await session.get(Alert, alert_id)
    if alert is None or alert.watchlist_id != watchlist_id:
        raise NotFound("There is no such alert.", fr="Cette alerte n’existe pas.")
    return alert


async def _rule(session: AsyncSession, rule_id: int, watchlist_id: int) -> AlertRule:
    rule = await session.get(AlertRule, rule_id)
    if rule is None or rule.watchlist_id != watchlist_id:
        raise NotFound("There is no such rule.", fr="Cette règle n’existe pas.")
    return rule


def _checked(rule: RuleInput | Mapping[str, Any]) -> RuleInput:
    if isinstance(rule, RuleInput):
        return rule
    try:
        return RuleInput(**rule)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        words = fault["msg"].removeprefix("Value error, ")
        raise Invalid(f"{where}: {words}" if where else words, field=where or None) from None


async def _check_ids(session: AsyncSession, watchlist_id: int, rule: RuleInput) -> None:
    """Brands and channels must be of this watchlist: another's are as if they were not there."""
    for field, wanted, model in (
        ("filter.brands", rule.filter.brands, Brand),
        ("channel_ids", rule.channel_ids, Channel),
    ):
        ids = [int(i) for i in wanted if i.isdigit()]
        found = await session.execute(
            select(model.id).where(model.id.in_(ids), model.watchlist_id == watchlist_id)
        )
        missing = set(wanted) - {str(i) for i in found.scalars()}
        if missing:
            raise Invalid(
                f"There is no {min(missing)} in this watchlist.",
                fr=f"Il n’y a pas de {min(missing)} dans cette veille.", field=field,
            )  # fmt: skip
