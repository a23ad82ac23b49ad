"""/trends: volume, sentiment, share of voice, breakdowns; from the roll-ups only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query

from app.api import Lang, ServicesDep, WatchlistId, api_router, near_our_time, optional_id
from app.trends import service
from app.trends.rules import Bucket
from app.trends.schemas import (
    BreakdownOut,
    ShareOut,
    TrendOut,
    breakdown_out,
    share_out,
    trend_out,
)

trends_router = api_router("/trends", "trends")

DEFAULT_SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Period:
    """The period asked for."""

    start: datetime
    end: datetime


def _period(
    services: ServicesDep,
    start: Annotated[
        datetime | None,
        Query(description="With a zone; default: 30 days before the end.",
              examples=["2026-11-01T00:00:00Z"]),
    ] = None,
    end: Annotated[
        datetime | None,
        Query(description="With a zone, not in it; default: now.",
              examples=["2026-11-23T00:00:00Z"]),
    ] = None,
) -> Period:  # fmt: skip
    for value, field in ((start, "start"), (end, "end")):
        if value is not None:
            near_our_time(value, field)
    end = end or services.clock.now()
    return Period(start or end - DEFAULT_SPAN, end)


PeriodDep = Annotated[Period, Depends(_period)]
BucketQuery = Annotated[Bucket, Query(description="Local hours, days or weeks.")]
BrandsQuery = Annotated[
    list[str] | None, Query(description="Ids of brands; default: all.", examples=[None])
]


def _ids(brands: list[str] | None) -> list[int] | None:
    found = [optional_id(each, "brand") for each in brands or ()]
    return [each for each in found if each is not None] or None


@trends_router.get("/volume", summary="Mentions over time, against the period before")
async def get_volume(
    services: ServicesDep,
    watchlist: WatchlistId,
    lang: Lang,
    period: PeriodDep,
    bucket: BucketQuery = "day",
    brand: BrandsQuery = None,
) -> TrendOut:
    found = await service.series(
        services, watchlist, bucket=bucket, start=period.start, end=period.end,
        brand_ids=_ids(brand),
    )  # fmt: skip
    return trend_out(found, lang)


@trends_router.get("/sentiment", summary="Sentiment over time, what was not judged apart")
async def get_sentiment(
    services: ServicesDep,
    watchlist: WatchlistId,
    lang: Lang,
    period: PeriodDep,
    bucket: BucketQuery = "day",
    brand: BrandsQuery = None,
) -> TrendOut:
    return await get_volume(services, watchlist, lang, period, bucket, brand)


@trends_router.get("/share-of-voice", summary="Each brand's share of what was said")
async def get_share_of_voice(
    services: ServicesDep,
    watchlist: WatchlistId,
    lang: Lang,
    period: PeriodDep,
    bucket: BucketQuery = "day",
    by: Annotated[Literal["mentions", "engagement"], Query()] = "mentions",
    of: Annotated[Literal["earned", "all"], Query()] = "earned",
) -> ShareOut:
    found = await service.share_of_voice(
        services, watchlist, bucket=bucket, start=period.start, end=period.end, by=by, of=of
    )
    return share_out(found, lang)


@trends_router.get("/breakdown", summary="Where, or in which languages, it was said")
async def get_breakdown(
    services: ServicesDep,
    watchlist: WatchlistId,
    lang: Lang,
    period: PeriodDep,
    by: Annotated[Literal["source", "lang"], Query()] = "source",
    brand: BrandsQuery = None,
) -> BreakdownOut:
    found = await service.breakdown(
        services, watchlist, by=by, start=period.start, end=period.end, brand_ids=_ids(brand)
    )
    return breakdown_out(found, lang)
