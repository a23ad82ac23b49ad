"""/accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from app.accounts import service
from app.accounts.schemas import AccountIn, AccountOut, account_out
from app.accounts.service import Followed
from app.api import IdPath, Listed, ServicesDep, WatchlistId, Who, api_router, as_id

accounts_router = api_router("/accounts", "accounts")

Days = Annotated[int, Query(ge=1, le=400, description="Days to show.", examples=[30])]


@accounts_router.get("", summary="The accounts that are followed, with their last days")
async def list_accounts(
    services: ServicesDep,
    watchlist: WatchlistId,
    days: Days = 30,
    brand: Annotated[str | None, Query(description="Of this brand only.")] = None,
) -> Listed[AccountOut]:
    brand_id = as_id(brand) if brand else None
    rows = await service.list_accounts(services, watchlist, days=days, brand_id=brand_id)
    return Listed(data=[account_out(row) for row in rows])


@accounts_router.post("", status_code=201, summary="Follow an account; it is read at once")
async def add_account(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, body: AccountIn
) -> AccountOut:
    row = await service.add_account(
        services, watchlist, brand_id=as_id(body.brand_id), platform=body.platform,
        handle=body.handle, url=body.url, actor=principal.actor,
    )  # fmt: skip
    return account_out(Followed(row, ()))


@accounts_router.get("/{account_id}", summary="An account with its days")
async def get_account(
    services: ServicesDep, watchlist: WatchlistId, account_id: IdPath, days: Days = 90
) -> AccountOut:
    return account_out(await service.get_account(services, watchlist, as_id(account_id), days=days))


@accounts_router.delete("/{account_id}", status_code=204, summary="Follow it no longer")
async def remove_account(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, account_id: IdPath
) -> Response:
    await service.remove_account(services, watchlist, as_id(account_id), actor=principal.actor)
    return Response(status_code=204)
