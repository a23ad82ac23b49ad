"""/api/v1: one router per noun (DESIGN §2), in the order the reference shows them."""

from __future__ import annotations

from fastapi import APIRouter

from app.access.routes import audit_router, keys_router, me_router
from app.accounts.routes import accounts_router
from app.alerts.routes import alerts_router, rules_router
from app.deliveries.routes import channels_router, deliveries_router
from app.digests.routes import digests_router
from app.intake.routes import intake_router, secrets_router
from app.mentions.routes import items_router, mentions_router
from app.privacy.routes import privacy_router
from app.querylab.routes import queries_router
from app.relevance.routes import filters_router, marks_router
from app.sources.exchange_routes import feeds_router
from app.sources.routes import collectors_router, listening_router, sources_router
from app.trends.routes import trends_router
from app.watchlists.routes import brands_router, watchlists_router


def api_v1() -> APIRouter:
    """Every noun below /api/v1."""
    api = APIRouter(prefix="/api/v1")
    for router in (
        intake_router, secrets_router, feeds_router,  # its /sources/opml before /sources/{id}
        watchlists_router, brands_router, queries_router, filters_router, mentions_router,
        marks_router, items_router, trends_router, sources_router, collectors_router,
        listening_router, accounts_router, rules_router, alerts_router, channels_router,
        deliveries_router, digests_router, privacy_router, me_router, keys_router, audit_router,
    ):  # fmt: skip
        api.include_router(router)
    return api
