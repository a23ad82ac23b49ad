"""/privacy: for admins. What names a person goes in the body, never in an address or a log."""

from __future__ import annotations

from dataclasses import asdict

from app.access.service import note_change
from app.api import Lang, ServicesDep, WatchlistId, Who, api_router, needs
from app.privacy import service
from app.privacy.schemas import ErasedOut, HeldOut, NoticeOut, WhoIn

privacy_router = api_router("/privacy", "privacy", [needs("admin")])


@privacy_router.get("/notice", summary="The information notice of a watchlist")
async def get_notice(services: ServicesDep, watchlist: WatchlistId, lang: Lang) -> NoticeOut:
    return NoticeOut(markdown=await service.notice(services, watchlist, lang))


@privacy_router.post("/export", summary="Everything held of an author")
async def export_author(services: ServicesDep, principal: Who, body: WhoIn) -> HeldOut:
    found = await service.export_author(services, body.who)
    await note_change(services, principal.actor, "author.export", subject="author")
    return HeldOut(**found)


@privacy_router.post("/erase", summary="Erase an author and block collecting them again")
async def erase_author(services: ServicesDep, principal: Who, body: WhoIn) -> ErasedOut:
    done = await service.erase_author(services, body.who, actor=principal.actor)
    return ErasedOut(**asdict(done))
