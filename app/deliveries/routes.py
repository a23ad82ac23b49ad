"""/channels and /deliveries."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Query, Request, Response

from app.access.service import note_change
from app.api import (
    Cursor,
    IdPath,
    IfMatch,
    Limit,
    Listed,
    Paged,
    ServicesDep,
    WatchlistId,
    Who,
    api_router,
    as_id,
    expected_version,
    link_next,
    optional_id,
    tag_version,
)
from app.deliveries import service
from app.deliveries.schemas import (
    ChannelChange,
    ChannelIn,
    ChannelKindOut,
    ChannelOut,
    DeliveryOut,
    DeliveryShown,
    TrialOut,
    channel_kind_out,
    channel_out,
    delivery_out,
    shown_out,
    trial_out,
)

channels_router = api_router("/channels", "channels")
deliveries_router = api_router("/deliveries", "deliveries")


@channels_router.get("", summary="List the channels of a watchlist")
async def list_channels(services: ServicesDep, watchlist: WatchlistId) -> Listed[ChannelOut]:
    rows = await service.list_channels(services, watchlist)
    return Listed(data=[channel_out(row) for row in rows])


@channels_router.get("/kinds", summary="The kinds of channel that are installed, with their forms")
async def list_channel_kinds() -> Listed[ChannelKindOut]:
    found = await asyncio.to_thread(service.channel_kinds)
    return Listed(data=[channel_kind_out(kind) for kind in found])


@channels_router.post("", status_code=201, summary="Make a channel; its secrets never come out")
async def add_channel(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    body: ChannelIn,
) -> ChannelOut:
    row = await service.add_channel(
        services, watchlist_id=watchlist, kind=body.kind, name=body.name, config=body.config,
        never_twice=body.never_twice,
    )  # fmt: skip
    await note_change(
        services, principal.actor, "channel.add", subject="channel", subject_id=row.id
    )
    tag_version(response, row.version)
    return channel_out(row)


@channels_router.get("/{channel_id}", summary="Read a channel")
async def get_channel(
    services: ServicesDep, response: Response, watchlist: WatchlistId, channel_id: IdPath
) -> ChannelOut:
    row = await service.get_channel(services, as_id(channel_id), watchlist_id=watchlist)
    tag_version(response, row.version)
    return channel_out(row)


@channels_router.patch("/{channel_id}", summary="Change, pause or reopen a channel")
async def edit_channel(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    channel_id: IdPath,
    body: ChannelChange,
    if_match: IfMatch = None,
) -> ChannelOut:
    asked = expected_version(if_match)
    if asked is None:
        seen = await service.get_channel(services, as_id(channel_id), watchlist_id=watchlist)
        asked = seen.version
    row = await service.edit_channel(
        services, as_id(channel_id), watchlist_id=watchlist, version=asked, name=body.name,
        config=body.config, never_twice=body.never_twice, state=body.state,
    )  # fmt: skip
    await note_change(
        services, principal.actor, "channel.edit", subject="channel", subject_id=row.id
    )
    tag_version(response, row.version)
    return channel_out(row)


@channels_router.delete("/{channel_id}", status_code=204, summary="Remove a channel")
async def remove_channel(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, channel_id: IdPath
) -> Response:
    await service.remove_channel(services, as_id(channel_id), watchlist_id=watchlist)
    await note_change(
        services, principal.actor, "channel.remove", subject="channel", subject_id=channel_id
    )
    return Response(status_code=204)


@channels_router.post("/{channel_id}/test", summary="Send a test message now, once")
async def test_channel(
    services: ServicesDep, watchlist: WatchlistId, channel_id: IdPath
) -> TrialOut:
    trial = await service.test_channel(services, as_id(channel_id), watchlist_id=watchlist)
    return trial_out(trial)


@deliveries_router.get("", summary="List deliveries, newest first")
async def list_deliveries(
    services: ServicesDep,
    request: Request,
    response: Response,
    watchlist: WatchlistId,
    state: Annotated[str | None, Query(max_length=20, examples=["dead"])] = None,
    channel: Annotated[str | None, Query(description="Id of a channel.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Paged[DeliveryOut]:
    rows = await service.list_deliveries(
        services, watchlist, before=optional_id(cursor, "cursor"), limit=limit, state=state,
        channel_id=optional_id(channel, "channel"),
    )  # fmt: skip
    following = str(rows[-1].id) if len(rows) == limit else None
    link_next(request, response, following)
    return Paged(data=[delivery_out(row) for row in rows], next=following)


@deliveries_router.get("/{delivery_id}", summary="Read a delivery with all its tries")
async def get_delivery(
    services: ServicesDep, watchlist: WatchlistId, delivery_id: IdPath
) -> DeliveryShown:
    return shown_out(
        await service.get_delivery(services, as_id(delivery_id), watchlist_id=watchlist)
    )


@deliveries_router.post("/{delivery_id}/replay", summary="Queue a delivery again, same id")
async def replay_delivery(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, delivery_id: IdPath
) -> DeliveryOut:
    row = await service.replay(services, as_id(delivery_id), watchlist_id=watchlist)
    await note_change(
        services, principal.actor, "delivery.replay", subject="delivery", subject_id=row.id
    )
    return delivery_out(row)
