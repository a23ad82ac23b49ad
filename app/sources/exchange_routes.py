"""/sources/opml: feeds in and out."""

from __future__ import annotations

from fastapi import Request, Response

from app.api import Lang, ServicesDep, WatchlistId, Who, api_router
from app.sources import exchange
from app.sources.exchange_schemas import OpmlOut, opml_out

OPML_TYPE = "text/x-opml"

feeds_router = api_router("/sources", "sources")

_EXAMPLE = (
    '<opml version="2.0"><head><title>Vigie</title></head><body><outline type="rss" '
    'text="Le blog" xmlUrl="https://www.example.fr/flux.xml"/></body></opml>'
)
_TEXT = {OPML_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}}


@feeds_router.get(
    "/opml",
    summary="The feeds of a watchlist as OPML",
    response_class=Response,
    responses={200: {"content": _TEXT}},
)
async def export_opml(services: ServicesDep, watchlist: WatchlistId) -> Response:
    text = await exchange.export_opml(services, watchlist)
    named = {"Content-Disposition": 'attachment; filename="vigie.opml"'}
    return Response(text, media_type=OPML_TYPE, headers=named)


@feeds_router.post(
    "/opml",
    summary="Add the feeds of an OPML file; a bad outline is told and stops no other",
    openapi_extra={"requestBody": {"required": True, "content": _TEXT}},
)
async def import_opml(
    services: ServicesDep, principal: Who, request: Request, watchlist: WatchlistId, lang: Lang
) -> OpmlOut:
    report = await exchange.import_opml(
        services, watchlist, await request.body(), actor=principal.actor
    )
    return opml_out(report, lang)
