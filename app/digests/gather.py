"""Collects the facts of one digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.digests import queries
from app.digests.facts import LABELS, AlertLine, BrandLine, DayLine, Facts, GapLine, PostLine
from app.digests.rules import DAY, Span, told_once
from app.models import Alert, Brand, Item, Mention, Watchlist
from app.sources.service import gaps

MOST_POSTS = 5
MOST_ALERTS = 8
MOST_GAPS = 8
_LOOKED_AT = 60
"""Loud posts that are compared with one another before the first five are told."""
_TEXT = 280


async def gather(
    session: AsyncSession, watchlist: Watchlist, day: Span, *, zone: str, now: datetime
) -> Facts:
    """The facts of a local day of `zone`."""
    brands = await queries.brands_of(session, watchlist.id)
    ids = [brand.id for brand in brands]
    days = queries.eight_days(day.day)
    if zone == watchlist.zone:
        counted = await queries.count_days(session, ids, days[0], days[-1])
    else:
        counted = await queries.count_hours(session, ids, days[0], days[-1], zone=zone)
    lines = tuple(_brand_line(brand, counted, day) for brand in brands)
    own = [b.id for b in brands if b.kind == "own"] or ids
    alerts, all_alerts = await queries.alerts_of(session, watchlist.id, day, limit=MOST_ALERTS)
    blind = await gaps(session, watchlist.id, day.start, day.end, now=now)
    return Facts(
        watchlist=watchlist.name, watchlist_id=str(watchlist.id), zone=zone,
        day=day.day.isoformat(), brands=lines,
        days=tuple(
            DayLine(
                day=d.isoformat(),
                n=sum(_sum(counted, brand_id, d.isoformat()) for brand_id in own),
            )
            for d in days
        ),
        posts=await _posts(session, watchlist.id, day, brands),
        alerts=tuple(_alert_line(alert, rule, brands) for alert, rule in alerts),
        alerts_more=max(0, all_alerts - len(alerts)),
        gaps=tuple(
            GapLine(
                source=gap.source, start=max(gap.start, day.start).isoformat(),
                end=min(gap.end, day.end).isoformat(), fr=gap.words("fr"), en=gap.words("en"),
            )
            for gap in blind[:MOST_GAPS]
        ),
        gaps_more=max(0, len(blind) - MOST_GAPS),
    )  # fmt: skip


def _brand_line(brand: Brand, counted: queries.Counted, day: Span) -> BrandLine:
    iso = day.day.isoformat()
    return BrandLine(
        name=brand.name, kind=brand.kind, n=_sum(counted, brand.id, iso),
        day_before=_sum(counted, brand.id, (day.day - DAY).isoformat()),
        week_before=_sum(counted, brand.id, (day.day - 7 * DAY).isoformat()),
        owned=counted.get((brand.id, iso, "owned"), 0),
        labels={label: counted.get((brand.id, iso, label), 0) for label in LABELS},
    )  # fmt: skip


def _sum(counted: queries.Counted, brand_id: int, day: str) -> int:
    return sum(counted.get((brand_id, day, label), 0) for label in LABELS)


async def _posts(
    session: AsyncSession, watchlist_id: int, day: Span, brands: Sequence[Brand]
) -> tuple[PostLine, ...]:
    names = {brand.id: brand.name for brand in brands}
    found = await queries.loudest_posts(session, watchlist_id, day, list(names), limit=_LOOKED_AT)
    # One post that names two brands is one post: its item's key stands for both.
    seen: set[int] = set()
    told = told_once(
        (
            (item.url, item.text_hash, (mention, item, source))
            for mention, item, source in found
            if item.id not in seen and not seen.add(item.id)  # type: ignore[func-returns-value]  # add() in a filter
        ),
        most=MOST_POSTS,
    )
    return tuple(
        _post_line(mention, item, source, names[mention.brand_id], copies)
        for (mention, item, source), copies in told
    )


def _post_line(mention: Mention, item: Item, source: str, brand: str, copies: int) -> PostLine:
    text = item.title or item.text
    return PostLine(
        text=text[: _TEXT * 2], url=item.url, author=item.author_name, source=source, brand=brand,
        label=mention.label, engagement=mention.engagement,
        published_at=mention.published_at.isoformat(), copies=copies,
    )  # fmt: skip


def _alert_line(alert: Alert, rule: str, brands: Sequence[Brand]) -> AlertLine:
    names = {brand.id: brand.name for brand in brands}
    return AlertLine(
        id=str(alert.id), rule=rule, reason=alert.reason,
        brand=names.get(alert.brand_id or 0, ""), count=alert.count, severity=alert.severity,
        opened_at=alert.opened_at.isoformat(),
        window_start=str(alert.facts.get("window_start", "")),
        window_end=str(alert.facts.get("window_end", "")),
        threshold=int(alert.facts.get("threshold", 0)),
    )  # fmt: skip
