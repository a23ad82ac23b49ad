"""/mentions/…/relevance and /brands/{id}/relevance."""

from __future__ import annotations

from app.api import IdPath, Lang, ServicesDep, WatchlistId, Who, api_router, as_id
from app.mentions.schemas import MentionOut, mention_out
from app.relevance import service
from app.relevance.schemas import (
    Marked,
    RelevanceIn,
    RelevanceMany,
    RelevanceOut,
    Switch,
    relevance_out,
)

marks_router = api_router("/mentions", "mentions")
filters_router = api_router("/brands", "brands")


@marks_router.post("/relevance", summary="Say of mentions that they are about the brand, or not")
async def mark_mentions(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, body: RelevanceMany
) -> Marked:
    rows = await service.mark(
        services, watchlist, [as_id(each) for each in body.ids], relevant=body.relevant,
        actor=principal.actor,
    )  # fmt: skip
    return Marked(ids=[str(view.mention.id) for view in rows])


@marks_router.post(
    "/{mention_id}/relevance", summary="Say that a mention is about the brand, or not"
)
async def mark_mention(
    services: ServicesDep,
    principal: Who,
    watchlist: WatchlistId,
    mention_id: IdPath,
    body: RelevanceIn,
) -> MentionOut:
    """Nothing is deleted: a mention that is not about the brand leaves every count; null or true
    brings it back. The brand's filter learns from it soon after."""
    rows = await service.mark(
        services, watchlist, [as_id(mention_id)], relevant=body.relevant, actor=principal.actor
    )
    return mention_out(rows[0])


@filters_router.get(
    "/{brand_id}/relevance", summary="Read what the relevance filter of a brand would do"
)
async def get_relevance(
    services: ServicesDep, lang: Lang, watchlist: WatchlistId, brand_id: IdPath
) -> RelevanceOut:
    view = await service.relevance(services, watchlist, as_id(brand_id))
    found = await service.suggestions(services, watchlist, as_id(brand_id))
    return relevance_out(view, found, lang)


@filters_router.put("/{brand_id}/relevance", summary="Switch the relevance filter on or off")
async def switch_relevance(
    services: ServicesDep,
    principal: Who,
    lang: Lang,
    watchlist: WatchlistId,
    brand_id: IdPath,
    body: Switch,
) -> RelevanceOut:
    """Refused while no precision can be shown. Off brings everything back that it hid."""
    view = await service.switch(
        services, watchlist, as_id(brand_id), on=body.on, actor=principal.actor
    )
    found = await service.suggestions(services, watchlist, as_id(brand_id))
    return relevance_out(view, found, lang)
