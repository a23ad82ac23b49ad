"""/me, /keys, /audit."""

from __future__ import annotations

from fastapi import Request, Response

from app.access import service
from app.access.schemas import (
    AuditOut,
    KeyIn,
    KeyMade,
    KeyOut,
    Me,
    audit_out,
    key_made,
    key_out,
    me_out,
)
from app.api import (
    Cursor,
    IdPath,
    Lang,
    Limit,
    Listed,
    Paged,
    ServicesDep,
    Who,
    api_router,
    as_id,
    link_next,
    needs,
    optional_id,
)

me_router = api_router("/me", "me")
keys_router = api_router("/keys", "keys", [needs("admin")])
audit_router = api_router("/audit", "audit", [needs("admin")])


@me_router.get("", summary="Who am I, and what may I do")
async def get_me(principal: Who, lang: Lang) -> Me:
    return me_out(principal, lang)


@keys_router.get("", summary="List the keys, newest first")
async def list_keys(services: ServicesDep) -> Listed[KeyOut]:
    return Listed(data=[key_out(key) for key in await service.list_keys(services)])


@keys_router.post("", status_code=201, summary="Make a key; its secret is shown this once")
async def create_key(services: ServicesDep, principal: Who, body: KeyIn) -> KeyMade:
    made = await service.create_key(
        services, body.name, body.scope, days=body.days, member_id=principal.member_id,
        actor=principal.actor,
    )  # fmt: skip
    return key_made(made.key, made.secret)


@keys_router.delete("/{key_id}", status_code=204, summary="Revoke a key at once")
async def revoke_key(services: ServicesDep, principal: Who, key_id: IdPath) -> Response:
    await service.revoke_key(services, as_id(key_id), actor=principal.actor)
    return Response(status_code=204)


@audit_router.get("", summary="Who changed what, newest first")
async def list_audit(
    services: ServicesDep,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Paged[AuditOut]:
    entries = await service.list_audit(services, before=optional_id(cursor, "cursor"), limit=limit)
    following = str(entries[-1].id) if len(entries) == limit else None
    link_next(request, response, following)
    return Paged(data=[audit_out(entry) for entry in entries], next=following)
