"""/watchlists, /brands and the queries of brands."""

from __future__ import annotations

from fastapi import Response

from app.api import (
    IdPath,
    IfMatch,
    IfNoneMatch,
    Lang,
    Listed,
    ServicesDep,
    WatchlistId,
    Who,
    api_router,
    as_id,
    expected_version,
    needs,
    tag_version,
    versioned,
)
from app.errors import NotFound
from app.watchlists import service
from app.watchlists.schemas import (
    BrandChange,
    BrandIn,
    BrandOut,
    QueryIn,
    QueryOut,
    RestoreIn,
    WatchIn,
    WatchlistChange,
    WatchlistIn,
    WatchlistOut,
    WatchOut,
    brand_out,
    query_out,
    watchlist_out,
)
from app.watchlists.service import NewBrand, NewWatchlist

watchlists_router = api_router("/watchlists", "watchlists")
brands_router = api_router("/brands", "brands")


@watchlists_router.get("", summary="List the watchlists, by name")
async def list_watchlists(services: ServicesDep) -> Listed[WatchlistOut]:
    return Listed(data=[watchlist_out(row) for row in await service.list_watchlists(services)])


@watchlists_router.post("", status_code=201, summary="Make an empty watchlist")
async def create_watchlist(
    services: ServicesDep, principal: Who, response: Response, body: WatchlistIn
) -> WatchlistOut:
    row = await service.create_watchlist(
        services, NewWatchlist(**body.model_dump()), actor=principal.actor
    )
    tag_version(response, row.version)
    return watchlist_out(row)


@watchlists_router.post(
    "/watch", status_code=201, summary="Make a whole watch from a name: brands, queries, sources"
)
async def create_watch(
    services: ServicesDep, principal: Who, lang: Lang, body: WatchIn
) -> WatchOut:
    plan = await service.new_watch(
        services, name=body.name, lang=body.language, competitors=body.competitors,
        site=body.site or None, markets=body.markets, zone=body.zone, purpose=body.purpose,
        actor=principal.actor,
    )  # fmt: skip
    return WatchOut(
        watchlist_id=str(plan.watchlist_id),
        source_ids=[str(each) for each in plan.source_ids],
        unreached=[each.text(lang) for each in plan.unreached],
    )


@watchlists_router.get("/{watchlist_id}", summary="Read a watchlist", response_model=WatchlistOut)
async def get_watchlist(
    services: ServicesDep,
    response: Response,
    watchlist_id: IdPath,
    if_none_match: IfNoneMatch = None,
) -> WatchlistOut | Response:
    row = await service.get_watchlist(services, as_id(watchlist_id))
    return versioned(response, row.version, if_none_match, lambda: watchlist_out(row))


@watchlists_router.patch("/{watchlist_id}", summary="Change a watchlist")
async def edit_watchlist(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist_id: IdPath,
    body: WatchlistChange,
    if_match: IfMatch = None,
) -> WatchlistOut:
    row = await service.edit_watchlist(
        services, as_id(watchlist_id), body.model_dump(exclude_none=True),
        version=expected_version(if_match), actor=principal.actor,
    )  # fmt: skip
    tag_version(response, row.version)
    return watchlist_out(row)


@watchlists_router.delete(
    "/{watchlist_id}",
    status_code=204,
    dependencies=[needs("admin")],
    summary="Delete a watchlist with all that hangs on it",
)
async def remove_watchlist(services: ServicesDep, principal: Who, watchlist_id: IdPath) -> Response:
    await service.remove_watchlist(services, as_id(watchlist_id), actor=principal.actor)
    return Response(status_code=204)


@brands_router.get("", summary="List the brands of a watchlist")
async def list_brands(services: ServicesDep, watchlist: WatchlistId) -> Listed[BrandOut]:
    return Listed(data=[brand_out(row) for row in await service.list_brands(services, watchlist)])


@brands_router.post("", status_code=201, summary="Add a brand; its past is searched at once")
async def add_brand(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    body: BrandIn,
) -> BrandOut:
    row = await service.add_brand(
        services, watchlist, NewBrand(**body.model_dump()), actor=principal.actor
    )
    tag_version(response, row.version)
    return brand_out(row)


@brands_router.get("/{brand_id}", summary="Read a brand", response_model=BrandOut)
async def get_brand(
    services: ServicesDep,
    response: Response,
    watchlist: WatchlistId,
    brand_id: IdPath,
    if_none_match: IfNoneMatch = None,
) -> BrandOut | Response:
    row = await service.get_brand(services, watchlist, as_id(brand_id))
    return versioned(response, row.version, if_none_match, lambda: brand_out(row))


@brands_router.patch("/{brand_id}", summary="Change a brand")
async def edit_brand(
    services: ServicesDep,
    principal: Who,
    response: Response,
    watchlist: WatchlistId,
    brand_id: IdPath,
    body: BrandChange,
    if_match: IfMatch = None,
) -> BrandOut:
    row = await service.edit_brand(
        services, watchlist, as_id(brand_id), body.model_dump(exclude_none=True),
        version=expected_version(if_match), actor=principal.actor,
    )  # fmt: skip
    tag_version(response, row.version)
    return brand_out(row)


@brands_router.delete(
    "/{brand_id}", status_code=204, summary="Delete a brand with its mentions and counts"
)
async def remove_brand(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, brand_id: IdPath
) -> Response:
    await service.remove_brand(services, watchlist, as_id(brand_id), actor=principal.actor)
    return Response(status_code=204)


@brands_router.get("/{brand_id}/query", summary="Read the query in force")
async def get_query(services: ServicesDep, watchlist: WatchlistId, brand_id: IdPath) -> QueryOut:
    found = await service.current_query(services, watchlist, as_id(brand_id))
    if found is None:
        raise NotFound(
            "This brand has no query yet: PUT one.",
            fr="Cette marque n’a pas encore de requête : donnez-en une par PUT.",
        )
    return query_out(found)


@brands_router.put("/{brand_id}/query", summary="Give a brand a new query")
async def set_query(
    services: ServicesDep,
    principal: Who,
    watchlist: WatchlistId,
    brand_id: IdPath,
    body: QueryIn,
    if_match: IfMatch = None,
) -> QueryOut:
    """`If-Match` takes the ETag of the brand."""
    made = await service.set_query(
        services, watchlist, as_id(brand_id), body.text, version=expected_version(if_match),
        actor=principal.actor,
    )  # fmt: skip
    return query_out(made)


@brands_router.post("/{brand_id}/query/restore", summary="Bring an earlier query back")
async def restore_query(
    services: ServicesDep,
    principal: Who,
    watchlist: WatchlistId,
    brand_id: IdPath,
    body: RestoreIn,
    if_match: IfMatch = None,
) -> QueryOut:
    """It comes as a new version. `If-Match` takes the ETag of the brand."""
    made = await service.restore_query(
        services, watchlist, as_id(brand_id), body.number, version=expected_version(if_match),
        actor=principal.actor,
    )  # fmt: skip
    return query_out(made)


@brands_router.get("/{brand_id}/query/versions", summary="Every wording a query had, newest first")
async def list_query_versions(
    services: ServicesDep, watchlist: WatchlistId, brand_id: IdPath
) -> Listed[QueryOut]:
    rows = await service.query_history(services, watchlist, as_id(brand_id))
    return Listed(data=[query_out(row) for row in rows])
