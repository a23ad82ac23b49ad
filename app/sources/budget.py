"""What sources may spend, will spend and have spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.models import Source, Spending, WatchlistSource
from app.sources import config as configs
from app.sources.kinds import collector_class
from app.sources.rules import Line, forecast, poll_interval
from app.watchlists.service import require_watchlist
from collectors.api import Counts, Metered, Narrowing, Volume
from collectors.desk import Quota
from collectors.errors import CollectorError

if TYPE_CHECKING:
    from app.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a source would cost. counted: what the platform says there is to read, if asked."""

    polls_per_day: float
    lines: Sequence[Line]
    counted: Volume | None = None
    message: str = ""
    """Why the platform did not tell, where it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one source spent of one quota since the first of the month (UTC)."""

    source_id: int
    source: str
    name: str
    amount: int
    cost: float
    currency: str


async def forecast_for(
    services: Services, *, kind: str, config: Mapping[str, Any],
    narrowing: Narrowing, interval_s: int | None = None, ask: bool = False,
) -> Forecast:  # fmt: skip
    """What a source would spend before it is added.

    narrowing: what would be asked for. ask: let the platform count what there is, where it can,
    which may cost a call. Raises Invalid.
    """
    found = collector_class(kind)
    read = configs.confined(configs.read(found.Config, config), services.settings.drop_path)
    collector = found(read)
    wanted = timedelta(seconds=interval_s) if interval_s else None
    interval = poll_interval(wanted=wanted, least=found.capabilities.min_interval)
    quotas: Sequence[Quota] = ()
    per_poll: Mapping[str, float] = {}
    if isinstance(collector, Metered):
        quotas = collector.quotas()
        per_poll = collector.forecast(narrowing)
    counted, message = None, ""
    if ask and isinstance(collector, Counts):
        http = services.http.budget(found.capabilities.max_requests)
        try:
            counted = await collector.count(narrowing, http)
        except CollectorError as error:
            message = str(error)
    return Forecast(
        polls_per_day=round(timedelta(days=1) / interval, 2),
        lines=forecast(quotas, per_poll, interval=interval, per_day=_read_a_day(quotas, counted)),
        counted=counted, message=message,
    )  # fmt: skip


def _read_a_day(quotas: Sequence[Quota], counted: Volume | None) -> Mapping[str, float]:
    """What is counted by the item, where the platform told how many there are."""
    if counted is None or not counted.days:
        return {}
    daily = counted.items / counted.days
    return {quota.name: daily for quota in quotas if quota.of_items}


async def spent(services: Services, watchlist_id: int) -> Sequence[Spent]:
    """The month-to-date line of a watchlist's sources. Raises NotFound."""
    month = services.clock.now().strftime("%Y-%m-01")
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        rows = await session.execute(
            select(
                Spending.source_id, Source.name.label("source"), Spending.name,
                Spending.currency, func.sum(Spending.amount).label("amount"),
                func.sum(Spending.cost).label("cost"),
            )
            .join(Source, Source.id == Spending.source_id)
            .join(WatchlistSource, WatchlistSource.source_id == Spending.source_id)
            .where(WatchlistSource.watchlist_id == watchlist_id, Spending.day >= month)
            .group_by(Spending.source_id, Source.name, Spending.name, Spending.currency)
            .order_by(func.sum(Spending.cost).desc(), Source.name, Spending.name)
        )  # fmt: skip
        return [
            Spent(
                source_id=row.source_id, source=row.source, name=row.name,
                amount=int(row.amount), cost=round(float(row.cost), 4), currency=row.currency,
            )
            for row in rows
        ]  # fmt: skip
