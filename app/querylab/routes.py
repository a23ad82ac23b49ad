"""/queries: a query is tried before it is put in force. Nothing is changed here."""

from __future__ import annotations

from app.api import (
    Lang,
    ServicesDep,
    WatchlistId,
    api_router,
    as_id,
    near_our_time,
    optional_id,
)
from app.querylab import service
from app.querylab.schemas import (
    BacktestIn,
    BacktestOut,
    PreviewIn,
    PreviewOut,
    TranslateIn,
    TranslateOut,
    backtest_out,
    preview_out,
    translate_out,
)

queries_router = api_router("/queries", "queries")


@queries_router.post("/preview", summary="Try a query: what it says and what it catches")
async def preview_query(
    services: ServicesDep, lang: Lang, watchlist: WatchlistId, body: PreviewIn
) -> PreviewOut:
    """Looks through the stored posts, newest first, for two seconds at most."""
    found = await service.preview(
        services, watchlist, body.query, brand_id=optional_id(body.brand_id, "brand_id")
    )
    return preview_out(found, "fr" if lang == "fr" else "en")


@queries_router.post("/backtest", summary="What a new wording would change for a brand")
async def backtest_query(
    services: ServicesDep, watchlist: WatchlistId, body: BacktestIn
) -> BacktestOut:
    """Compares it with the query in force over the stored posts, newest first, for four seconds
    at most; `searched` says how far that reached."""
    for name, value in (("since", body.since), ("until", body.until)):
        if value is not None:
            near_our_time(value, name)
    found = await service.backtest(
        services, watchlist, as_id(body.brand_id), body.query, since=body.since, until=body.until,
        examples=body.examples,
    )  # fmt: skip
    return backtest_out(found)


@queries_router.post("/translate", summary="A query of another tool in Vigie's language")
async def translate_query(lang: Lang, body: TranslateIn) -> TranslateOut:
    """Brandwatch, Mention or Talkwalker. What cannot be carried over as it stands is named part
    by part, and why."""
    found = await service.translated(body.query, body.tool)
    return translate_out(found, body.query, "fr" if lang == "fr" else "en")
