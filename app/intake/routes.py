"""/intake: no key and no cookie, each call is signed with the secret of its source."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from app.access.gate import address_of
from app.access.rules import Limiter
from app.api import IdPath, ServicesDep, WatchlistId, Who, api_router, as_id
from app.errors import NotFound, TooMany, Unauthorized
from app.ingest.rules import INTAKE_KIND
from app.intake import service
from app.intake.rules import Call, Rate
from app.intake.schema import batch_schema, post_schema
from app.intake.schemas import ReceiptOut, receipt_out
from app.services import Services
from app.sources.schemas import SourceOut, source_out

intake_router = api_router("/intake", "intake")
secrets_router = api_router("/sources", "sources")

_BODY = {"content": {"application/json": {"schema": post_schema()}}, "required": True}
_OPEN: dict[str, Any] = {"security": []}

_Signed = Annotated[str, Header(description="Standard Webhooks.")]


async def _call(
    request: Request,
    webhook_id: _Signed = "",
    webhook_timestamp: _Signed = "",
    webhook_signature: _Signed = "",
) -> Call:
    return Call(webhook_id, webhook_timestamp, webhook_signature, await request.body())


@intake_router.get(
    "/schema", summary="JSON Schema of what may be pushed in", openapi_extra=dict(_OPEN)
)
async def intake_schema(services: ServicesDep) -> dict[str, Any]:
    return batch_schema(f"{services.settings.public_url}/api/v1/intake/schema")


@intake_router.post(
    "/{source_id}",
    status_code=202,
    summary="Push posts in: one, or at most 500, signed after Standard Webhooks",
    openapi_extra={**_OPEN, "requestBody": _BODY},
)
async def push_in(
    request: Request,
    services: ServicesDep,
    source_id: IdPath,
    call: Annotated[Call, Depends(_call)],
) -> ReceiptOut:
    keyed = await _admitted(request, services, source_id, call)
    rate: Rate = request.app.state.intake_rate
    if wait := rate.wait(keyed.source.id, most=keyed.most, at=time.monotonic()):
        raise TooMany(
            f"More than {keyed.most} calls in a minute: wait {wait} seconds, or send batches.",
            fr=f"Plus de {keyed.most} appels en une minute : attendez {wait} secondes, ou groupez "
            "les publications.",
            retry_after=wait,
        )
    return receipt_out(await service.accept(services, keyed.source, call))


@secrets_router.post(
    "/{source_id}/rotate-secret",
    summary="A new signing secret, shown once; the one before stays valid until the next",
)
async def rotate_secret(
    services: ServicesDep, principal: Who, watchlist: WatchlistId, source_id: IdPath
) -> SourceOut:
    row, made = await service.rotate(services, watchlist, as_id(source_id), actor=principal.actor)
    return with_address(services, source_out(row), secret=made)


def with_address(services: Services, shown: SourceOut, *, secret: str | None) -> SourceOut:
    """A source just made, or given another secret, with what its sender needs."""
    if shown.kind != INTAKE_KIND:
        return shown
    push_to = service.address_of(services, int(shown.id))
    return shown.model_copy(update={"push_to": push_to, "signing_secret": secret})


async def _admitted(
    request: Request, services: ServicesDep, source_id: str, call: Call
) -> service.Keyed:
    """The verified source. An address that keeps sending wrong signatures has to wait."""
    limiter: Limiter = request.app.state.limiter
    address, name, at = address_of(request), f"intake:{source_id}", time.monotonic()
    if wait := limiter.wait(address, key_hash=name, at=at):
        raise TooMany(
            f"Too many wrong signatures from this address: wait {wait} seconds.",
            fr=f"Trop de signatures fausses depuis cette adresse : attendez {wait} secondes.",
            retry_after=wait,
        )
    try:
        keyed = await service.verify(services, _id(source_id), call)
    except Unauthorized:
        limiter.failed(address, at=at)
        raise
    limiter.welcome(address, name)
    return keyed


def _id(text: str) -> int:
    """The number in an id; one that is nobody's where it is none: both are answered alike."""
    try:
        return as_id(text)
    except NotFound:
        return 0
