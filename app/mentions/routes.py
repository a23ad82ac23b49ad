"""/mentions and /items."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response

from app.api import (
    Cursor,
    IdPath,
    Limit,
    ServicesDep,
    WatchlistId,
    Who,
    api_router,
    as_id,
    link_next,
    near_our_time,
    optional_id,
)
from app.errors import Invalid
from app.mentions import service
from app.mentions.schemas import (
    CountOut,
    ItemOut,
    ItemsPage,
    MentionOut,
    MentionsPage,
    Triaged,
    TriageIn,
    item_out,
    mention_out,
)
from app.mentions.service import ItemFilter, MentionFilter

mentions_router = api_router("/mentions", "mentions")
items_router = api_router("/items", "items")

Ids = Annotated[list[str] | None, Query(description="May be given several times.")]


def _ids(values: list[str] | None, field: str) -> list[int]:
    found = [optional_id(value, field) for value in values or ()]
    return [value for value in found if value is not None]


def _aware(value: datetime | None, field: str) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise Invalid(
            "Give times with a zone, for example 2026-11-23T00:00:00Z.",
            fr="Donnez les heures avec un fuseau, par exemple 2026-11-23T00:00:00Z.",
            field=field,
        )
    if value is not None:
        near_our_time(value, field)
    return value


Since = Annotated[
    datetime | None, Query(description="Published from then on.", examples=["2026-11-22T00:00:00Z"])
]
Until = Annotated[
    datetime | None, Query(description="Published before.", examples=["2026-11-23T00:00:00Z"])
]

Asked = Annotated[str, Query(max_length=2000, description="A query in Vigie’s language.")]


def _mention_filter(
    brand: Ids = None,
    kind: Annotated[
        Literal["own", "competitor", "market"] | None, Query(description="Of the brand.")
    ] = None,
    source: Ids = None,
    language: Annotated[
        list[str] | None, Query(description="ISO 639-1; empty for unknown.", examples=[["fr"]])
    ] = None,
    sentiment: Annotated[
        list[Literal["positive", "neutral", "negative", "none"]] | None,
        Query(description="none: not judged."),
    ] = None,
    status: Annotated[list[str] | None, Query(examples=[["new"]])] = None,
    assignee: Annotated[str | None, Query()] = None,
    owned: Annotated[bool | None, Query()] = None,
    backfill: Annotated[bool | None, Query()] = None,
    relevant: Annotated[bool | None, Query(description="true hides “not about us”.")] = None,
    since: Since = None,
    until: Until = None,
    q: Asked = "",
) -> MentionFilter:
    return MentionFilter(
        brand_ids=_ids(brand, "brand"), kind=kind, source_ids=_ids(source, "source"),
        languages=language or (), labels=sentiment or (), statuses=status or (),
        assignee_id=optional_id(assignee, "assignee"), owned=owned, backfill=backfill,
        relevant=relevant, since=_aware(since, "since"), until=_aware(until, "until"), q=q,
    )  # fmt: skip


@mentions_router.get("", summary="List mentions, newest first, by many filters")
async def list_mentions(
    services: ServicesDep,
    request: Request,
    response: Response,
    watchlist: WatchlistId,
    wanted: Annotated[MentionFilter, Depends(_mention_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MentionsPage:
    page = await service.list_mentions(services, watchlist, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return MentionsPage(
        data=[mention_out(view) for view in page.rows], next=page.next, searched=page.searched,
        complete=page.complete,
    )  # fmt: skip


@mentions_router.get("/count", summary="Count mentions, by the same filters")
async def count_mentions(
    services: ServicesDep,
    watchlist: WatchlistId,
    wanted: Annotated[MentionFilter, Depends(_mention_filter)],
) -> CountOut:
    return CountOut.model_validate(await service.count_mentions(services, watchlist, wanted))


@mentions_router.post("/triage", summary="Set the status or the assignee of mentions")
async def triage_mentions(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, body: TriageIn
) -> Triaged:
    rows = await service.triage(
        services, watchlist, [as_id(each) for each in body.ids], status=body.status,
        assignee_id=optional_id(body.assignee_id, "assignee_id"), unassign=body.unassign,
        actor=principal.actor,
    )  # fmt: skip
    return Triaged(ids=[str(row.id) for row in rows])


@mentions_router.get("/{mention_id}", summary="Read a mention")
async def get_mention(
    services: ServicesDep, watchlist: WatchlistId, mention_id: IdPath
) -> MentionOut:
    return mention_out(await service.get_mention(services, watchlist, as_id(mention_id)))


def _item_filter(
    source: Ids = None, since: Since = None, until: Until = None, q: Asked = ""
) -> ItemFilter:
    return ItemFilter(
        source_ids=_ids(source, "source"), since=_aware(since, "since"),
        until=_aware(until, "until"), q=q,
    )  # fmt: skip


@items_router.get("", summary="List what the sources read, matched or not, newest first")
async def list_items(
    services: ServicesDep,
    request: Request,
    response: Response,
    watchlist: WatchlistId,
    wanted: Annotated[ItemFilter, Depends(_item_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ItemsPage:
    page = await service.list_items(services, watchlist, wanted, cursor=cursor, limit=limit)
    link_next(request, response, page.next)
    return ItemsPage(
        data=[item_out(view) for view in page.rows], next=page.next, searched=page.searched,
        complete=page.complete,
    )  # fmt: skip


@items_router.get("/count", summary="Count what the sources read, by the same filters")
async def count_items(
    services: ServicesDep,
    watchlist: WatchlistId,
    wanted: Annotated[ItemFilter, Depends(_item_filter)],
) -> CountOut:
    return CountOut.model_validate(await service.count_items(services, watchlist, wanted))


@items_router.get("/{item_id}", summary="Read an item, where it was seen and whom it mentions")
async def get_item(services: ServicesDep, watchlist: WatchlistId, item_id: IdPath) -> ItemOut:
    return item_out(await service.get_item(services, watchlist, as_id(item_id)))
