"""/digests: subscriptions, what was sent, what would be."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

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
    near_our_time,
    optional_id,
    tag_version,
)
from app.digests import service
from app.digests.schemas import (
    DigestOut,
    DigestShown,
    MailOut,
    SentOut,
    SubscriptionChange,
    SubscriptionIn,
    SubscriptionOut,
    digest_out,
    digest_shown,
    mail_out,
    subscription_out,
)
from app.errors import Invalid

digests_router = api_router("/digests", "digests")


def _channel(value: str) -> int:
    found = optional_id(value, "channel_id")
    if found is None:
        raise Invalid("Name a channel.", fr="Indiquez un canal.", field="channel_id")
    return found


@digests_router.get("/subscriptions", summary="Who wants the daily digest")
async def list_subscriptions(
    services: ServicesDep, watchlist: WatchlistId
) -> Listed[SubscriptionOut]:
    rows = await service.list_subscriptions(services, watchlist)
    return Listed(data=[subscription_out(row) for row in rows])


@digests_router.post("/subscriptions", status_code=201, summary="Send a digest each day")
async def add_subscription(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    body: SubscriptionIn,
) -> SubscriptionOut:
    row = await service.subscribe(
        services, watchlist, channel_id=_channel(body.channel_id), language=body.language,
        zone=body.zone, send_at=body.send_at, skip_quiet=body.skip_quiet,
    )  # fmt: skip
    await note_change(
        services, principal.actor, "subscription.add", subject="subscription", subject_id=row.id
    )
    tag_version(response, row.version)
    return subscription_out(row)


@digests_router.get("/subscriptions/{subscription_id}", summary="Read a subscription")
async def get_subscription(
    services: ServicesDep, response: Response, watchlist: WatchlistId, subscription_id: IdPath
) -> SubscriptionOut:
    row = await service.get_subscription(services, as_id(subscription_id), watchlist_id=watchlist)
    tag_version(response, row.version)
    return subscription_out(row)


@digests_router.patch("/subscriptions/{subscription_id}", summary="Change a subscription")
async def edit_subscription(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    subscription_id: IdPath,
    body: SubscriptionChange,
    if_match: IfMatch = None,
) -> SubscriptionOut:
    asked = expected_version(if_match)
    if asked is None:
        seen = await service.get_subscription(
            services, as_id(subscription_id), watchlist_id=watchlist
        )
        asked = seen.version
    row = await service.edit_subscription(
        services, as_id(subscription_id), watchlist_id=watchlist, version=asked,
        channel_id=_channel(body.channel_id) if body.channel_id else None,
        language=body.language, zone=body.zone, send_at=body.send_at,
        skip_quiet=body.skip_quiet, active=body.active,
    )  # fmt: skip
    await note_change(
        services, principal.actor, "subscription.edit", subject="subscription", subject_id=row.id
    )
    tag_version(response, row.version)
    return subscription_out(row)


@digests_router.delete(
    "/subscriptions/{subscription_id}", status_code=204, summary="Remove a subscription"
)
async def remove_subscription(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, subscription_id: IdPath
) -> Response:
    await service.remove_subscription(services, as_id(subscription_id), watchlist_id=watchlist)
    await note_change(
        services, principal.actor, "subscription.remove", subject="subscription",
        subject_id=subscription_id,
    )  # fmt: skip
    return Response(status_code=204)


@digests_router.post(
    "/subscriptions/{subscription_id}/send", summary="Send today's digest once more, now"
)
async def send_digest_now(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, subscription_id: IdPath
) -> SentOut:
    queued = await service.send_now(services, as_id(subscription_id), watchlist_id=watchlist)
    await note_change(
        services, principal.actor, "digest.send", subject="subscription",
        subject_id=subscription_id,
    )  # fmt: skip
    return SentOut(queued=queued)


@digests_router.get("/preview", summary="The digest that would be sent, without sending it")
async def preview_digest(
    services: ServicesDep,
    watchlist: WatchlistId,
    subscription: Annotated[str | None, Query(description="Id of a subscription.")] = None,
    day: Annotated[
        date | None, Query(description="Local date of sending.", examples=["2026-11-23"])
    ] = None,
    language: Annotated[Literal["fr", "en"] | None, Query()] = None,
) -> MailOut:
    if day is not None:
        near_our_time(day, "day")
    found = await service.preview(
        services, subscription_id=optional_id(subscription, "subscription"),
        watchlist_id=watchlist, day=day, lang=language,
    )  # fmt: skip
    return mail_out(found)


@digests_router.get("", summary="List the digests, newest first")
async def list_digests(
    services: ServicesDep,
    request: Request,
    response: Response,
    watchlist: WatchlistId,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Paged[DigestOut]:
    rows = await service.list_digests(
        services, watchlist, before=optional_id(cursor, "cursor"), limit=limit
    )
    following = str(rows[-1].id) if len(rows) == limit else None
    link_next(request, response, following)
    return Paged(data=[digest_out(row) for row in rows], next=following)


@digests_router.get("/{digest_id}", summary="Read a digest with its figures")
async def get_digest(
    services: ServicesDep, watchlist: WatchlistId, digest_id: IdPath
) -> DigestShown:
    return digest_shown(
        await service.get_digest(services, as_id(digest_id), watchlist_id=watchlist)
    )


@digests_router.get("/{digest_id}/mail", summary="A digest as it was read")
async def show_digest(services: ServicesDep, watchlist: WatchlistId, digest_id: IdPath) -> MailOut:
    return mail_out(await service.show_digest(services, as_id(digest_id), watchlist_id=watchlist))
