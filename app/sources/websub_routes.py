"""/websub: where hubs verify a subscription and tell of news. Open, guarded by an unguessable path
and a signature; bodies over a mebibyte are refused by the shell, and the next poll reads them."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from app.api import ServicesDep
from app.errors import NotFound, TooMany
from app.sources import websub

websub_router = APIRouter(prefix="/websub", include_in_schema=False)
_CHALLENGE = 2_000


@websub_router.get("/{source_id}/{token}")
async def verify(
    request: Request,
    services: ServicesDep,
    source_id: int,
    token: str,
    mode: Annotated[str, Query(alias="hub.mode", max_length=40)] = "",
    topic: Annotated[str, Query(alias="hub.topic", max_length=4_000)] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=_CHALLENGE)] = "",
    lease: Annotated[str, Query(alias="hub.lease_seconds", max_length=20)] = "",
) -> PlainTextResponse:
    _not_too_often(request)
    try:
        await websub.verify(services, source_id, token, mode=mode, topic=topic, lease=lease)
    except NotFound:
        _guessed(request)
        raise
    return PlainTextResponse(challenge)


@websub_router.post("/{source_id}/{token}", status_code=202)
async def push(request: Request, services: ServicesDep, source_id: int, token: str) -> Response:
    _not_too_often(request)
    body = await request.body()
    signature = request.headers.get("x-hub-signature", "")
    try:
        told = await websub.pushed(services, source_id, token, signature=signature, body=body)
    except NotFound:
        _guessed(request)
        raise
    if told == "unsigned":
        _guessed(request)
    return Response(status_code=202)


def _not_too_often(request: Request) -> None:
    """Raises TooMany where an address has guessed wrongly too often."""
    wait = request.app.state.limiter.wait(f"websub {_address(request)}", at=time.monotonic())
    if wait:
        raise TooMany(
            f"Too many wrong calls from this address: wait {wait} seconds.",
            fr=f"Trop d’appels faux depuis cette adresse : attendez {wait} secondes.",
            retry_after=wait,
        )


def _guessed(request: Request) -> None:
    request.app.state.limiter.failed(f"websub {_address(request)}", at=time.monotonic())


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
