"""/sources, /collectors, /listening."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Response

from app.api import (
    EXAMPLE_ID,
    IdPath,
    IfMatch,
    Lang,
    Listed,
    ServicesDep,
    WatchlistId,
    Who,
    api_router,
    as_id,
    expected_version,
    tag_version,
)
from app.errors import NotFound
from app.intake import service as intake
from app.intake.routes import with_address
from app.models import Source
from app.services import Services
from app.sources import service
from app.sources.schemas import (
    CheckIn,
    CheckOut,
    CollectorOut,
    ComparedOut,
    ForecastIn,
    ForecastOut,
    GapOut,
    HeardOut,
    HistoryIn,
    HistoryOut,
    ProposalsOut,
    SourceChange,
    SourceIn,
    SourceOut,
    SpentOut,
    VersionOut,
    check_out,
    collector_out,
    compared_out,
    forecast_out,
    gap_out,
    heard_out,
    history_out,
    proposals_out,
    source_out,
    spent_out,
    version_out,
)
from app.watchlists.service import require_watchlist

sources_router = api_router("/sources", "sources")
collectors_router = api_router("/collectors", "collectors")
listening_router = api_router("/listening", "listening")


@collectors_router.get("", summary="The kinds of source that are installed, with their forms")
async def list_collectors(lang: Lang) -> Listed[CollectorOut]:
    # Loading a collector imports its code: not in the event loop.
    kinds = await asyncio.to_thread(service.kinds)
    return Listed(data=[collector_out(kind, lang) for kind in kinds])


@collectors_router.get("/{kind}", summary="One kind of source, with its form")
async def get_collector(kind: str, lang: Lang) -> CollectorOut:
    for each in await asyncio.to_thread(service.kinds):
        if each.kind == kind:
            return collector_out(each, lang)
    raise NotFound("No such collector is installed.", fr="Aucun collecteur de ce nom.")


@sources_router.get("", summary="List the sources of a watchlist with their health")
async def list_sources(services: ServicesDep, watchlist: WatchlistId) -> Listed[SourceOut]:
    rows = await service.list_sources(services, watchlist)
    walks = await service.histories(services, [row.id for row in rows])
    return Listed(data=[source_out(row, walks.get(row.id)) for row in rows])


@sources_router.post("", status_code=201, summary="Add a source; it is polled at once")
async def add_source(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    body: SourceIn,
) -> SourceOut:
    config, made = intake.with_secret(body.kind, body.config)
    row = await service.add_source(
        services, kind=body.kind, name=body.name, config=config, watchlist_id=watchlist,
        interval_s=body.interval_s, history_days=body.history_days, actor=principal.actor,
    )  # fmt: skip
    tag_version(response, row.version)
    return with_address(services, await _shown(services, row), secret=made)


async def _shown(services: Services, row: Source) -> SourceOut:
    """A source with its walk into the past."""
    walks = await service.histories(services, [row.id])
    return source_out(row, walks.get(row.id))


@sources_router.post("/forecast", summary="What a source would spend, before it is added")
async def forecast_source(
    services: ServicesDep, watchlist: WatchlistId, body: ForecastIn
) -> ForecastOut:
    narrowing = await service.narrowing_of_watchlist(services, watchlist, body.query)
    return forecast_out(
        await service.forecast_for(
            services, kind=body.kind, config=body.config, narrowing=narrowing,
            interval_s=body.interval_s, ask=body.ask,
        )
    )  # fmt: skip


@sources_router.get("/spending", summary="What the sources spent since the first of the month")
async def list_spending(services: ServicesDep, watchlist: WatchlistId) -> Listed[SpentOut]:
    return Listed(data=[spent_out(one) for one in await service.spent(services, watchlist)])


@sources_router.get("/proposals", summary="Sources that would fit a brand, ready to accept")
async def list_proposals(
    services: ServicesDep,
    watchlist: WatchlistId,
    brand: Annotated[str, Query(description="Id of the brand.", examples=[EXAMPLE_ID])],
) -> ProposalsOut:
    return proposals_out(await service.propose_for(services, watchlist, as_id(brand)))


@sources_router.post("/check", summary="Try a configuration before it is added")
async def check_config(services: ServicesDep, body: CheckIn) -> CheckOut:
    return check_out(await service.check_config(services, kind=body.kind, config=body.config))


@sources_router.get("/{source_id}", summary="Read a source")
async def get_source(
    services: ServicesDep, response: Response, watchlist: WatchlistId, source_id: IdPath
) -> SourceOut:
    row = await service.get_source(services, watchlist, as_id(source_id))
    tag_version(response, row.version)
    return await _shown(services, row)


@sources_router.get("/{source_id}/versions", summary="Versions of watched pages, newest first")
async def list_versions(
    services: ServicesDep, watchlist: WatchlistId, source_id: IdPath
) -> Listed[VersionOut]:
    rows = await service.versions(services, watchlist, as_id(source_id))
    return Listed(data=[version_out(row) for row in rows])


@sources_router.get(
    "/{source_id}/versions/{version_id}", summary="One version, beside the one before it"
)
async def get_version(
    services: ServicesDep, watchlist: WatchlistId, source_id: IdPath, version_id: IdPath
) -> ComparedOut:
    return compared_out(
        await service.version(services, watchlist, as_id(source_id), as_id(version_id))
    )


@sources_router.post(
    "/{source_id}/history", status_code=202, summary="Read what was before, so many days back"
)
async def start_history(
    services: ServicesDep,
    principal: Who,
    watchlist: WatchlistId,
    source_id: IdPath,
    body: HistoryIn,
) -> HistoryOut:
    run = await service.start_history(
        services, watchlist, as_id(source_id), days=body.days, actor=principal.actor
    )
    return history_out(run)


@sources_router.delete("/{source_id}/history", summary="Read no further back; what came stays")
async def stop_history(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, source_id: IdPath
) -> HistoryOut:
    run = await service.stop_history(services, watchlist, as_id(source_id), actor=principal.actor)
    return history_out(run)


@sources_router.patch("/{source_id}", summary="Change a source")
async def edit_source(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    source_id: IdPath,
    body: SourceChange,
    if_match: IfMatch = None,
) -> SourceOut:
    row = await service.edit_source(
        services, watchlist, as_id(source_id), name=body.name, config=body.config,
        interval_s=body.interval_s, version=expected_version(if_match), actor=principal.actor,
    )  # fmt: skip
    tag_version(response, row.version)
    return source_out(row)


@sources_router.delete("/{source_id}", status_code=204, summary="Take a source out")
async def remove_source(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, source_id: IdPath
) -> Response:
    await service.remove_source(services, watchlist, as_id(source_id), actor=principal.actor)
    return Response(status_code=204)


@sources_router.post("/{source_id}/check", summary="Make one cheap call: does it work?")
async def check_source(
    services: ServicesDep, watchlist: WatchlistId, source_id: IdPath
) -> CheckOut:
    return check_out(await service.check_source(services, watchlist, as_id(source_id)))


@sources_router.post("/{source_id}/pause", summary="Stop asking until somebody resumes it")
async def pause_source(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, source_id: IdPath
) -> SourceOut:
    row = await service.pause_source(services, watchlist, as_id(source_id), actor=principal.actor)
    return source_out(row)


@sources_router.post("/{source_id}/resume", summary="Ask again, at once")
async def resume_source(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, source_id: IdPath
) -> SourceOut:
    row = await service.resume_source(services, watchlist, as_id(source_id), actor=principal.actor)
    return source_out(row)


@listening_router.get("", summary="When sources were blind: no news is not no listening")
async def list_gaps(
    services: ServicesDep,
    watchlist: WatchlistId,
    lang: Lang,
    hours: Annotated[int, Query(ge=1, le=24 * 92, description="How far back.", examples=[24])] = 24,
) -> Listed[GapOut]:
    now = services.clock.now()
    async with services.db.read() as session:
        await require_watchlist(session, watchlist)
        found = await service.gaps(session, watchlist, now - timedelta(hours=hours), now, now=now)
    return Listed(data=[gap_out(gap, lang) for gap in found])


@listening_router.get("/hours", summary="What was asked and got, by source and hour")
async def list_hours(
    services: ServicesDep,
    watchlist: WatchlistId,
    hours: Annotated[int, Query(ge=1, le=24 * 92, description="How far back.", examples=[24])] = 24,
    source: Annotated[str | None, Query(description="Of this source only.")] = None,
) -> Listed[HeardOut]:
    rows = await service.listening_hours(
        services, watchlist, hours=hours, source_id=as_id(source) if source else None
    )
    return Listed(data=[heard_out(row) for row in rows])
