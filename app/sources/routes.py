"""/sources, /collectors, /listening."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Response

from app.api import (
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
from app.sources import service
from app.sources.schemas import (
    CheckIn,
    CheckOut,
    CollectorOut,
    GapOut,
    SourceChange,
    SourceIn,
    SourceOut,
    check_out,
    collector_out,
    gap_out,
    source_out,
)
from app.watchlists.service import require_watchlist

sources_router = api_router("/sources", "sources")
collectors_router = api_router("/collectors", "collectors")
listening_router = api_router("/listening", "listening")


@collectors_router.get("", summary="The kinds of source that are installed, with their forms")
async def list_collectors() -> Listed[CollectorOut]:
    # Loading a collector imports its code: not in the event loop.
    return Listed(data=[collector_out(kind) for kind in await asyncio.to_thread(service.kinds)])


@collectors_router.get("/{kind}", summary="One kind of source, with its form")
async def get_collector(kind: str) -> CollectorOut:
    for each in await asyncio.to_thread(service.kinds):
        if each.kind == kind:
            return collector_out(each)
    raise NotFound("No such collector is installed.", fr="Aucun collecteur de ce nom.")


@sources_router.get("", summary="List the sources of a watchlist with their health")
async def list_sources(services: ServicesDep, watchlist: WatchlistId) -> Listed[SourceOut]:
    rows = await service.list_sources(services, watchlist)
    return Listed(data=[source_out(row) for row in rows])


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
        interval_s=body.interval_s, actor=principal.actor,
    )  # fmt: skip
    tag_version(response, row.version)
    return with_address(services, source_out(row), secret=made)


@sources_router.post("/check", summary="Try a configuration before it is added")
async def check_config(services: ServicesDep, body: CheckIn) -> CheckOut:
    return check_out(await service.check_config(services, kind=body.kind, config=body.config))


@sources_router.get("/{source_id}", summary="Read a source")
async def get_source(
    services: ServicesDep, response: Response, watchlist: WatchlistId, source_id: IdPath
) -> SourceOut:
    row = await service.get_source(services, watchlist, as_id(source_id))
    tag_version(response, row.version)
    return source_out(row)


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
