"""Pages that answer without a session: the set-up link, unsubscribing; and signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from app.access import service
from app.access.gate import COOKIE, check_csrf, check_origin
from app.api import Lang, ServicesDep
from app.digests.service import unsubscribe, unsubscribe_page
from app.errors import NotFound
from app.services import Services
from app.web.pages import Pages


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(_pages)]


async def own_form(request: Request) -> None:
    """Every form of a signed-in browser carries its token (R-41). Raises Forbidden."""
    principal = request.state.principal
    if principal is not None and principal.kind == "session" and request.method == "POST":
        form = await request.form()
        check_csrf(principal, str(form.get("csrf", "")))


def set_session_cookie(
    response: Response, request: Request, services: Services, token: str
) -> None:
    """HttpOnly, SameSite=Lax, Secure where the service is reached by https."""
    secure = request.url.scheme == "https" or services.settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")


signin_router = APIRouter(include_in_schema=False, dependencies=[Depends(own_form)])


@signin_router.get("/setup/{token}")
async def show_setup(
    request: Request, services: ServicesDep, pages: PagesDep, token: str
) -> Response:
    """Looking uses nothing up: mail scanners and link previews look too."""
    good = await service.link_is_good(services, token)
    return pages.render(request, "setup.html", {"good": good}, status=200 if good else 404)


@signin_router.post("/setup/{token}")
async def use_setup(
    request: Request,
    services: ServicesDep,
    pages: PagesDep,
    lang: Lang,
    token: str,
    name: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    check_origin(request, services)
    try:
        done = await service.redeem_link(
            services, token, name=name, lang=lang, old_session=request.cookies.get(COOKIE, "")
        )
    except NotFound:
        return pages.render(request, "setup.html", {"good": False}, status=404)
    response = RedirectResponse("/", status_code=303)
    set_session_cookie(response, request, services, done.token)
    return response


@signin_router.post("/sign-out")
async def sign_out(request: Request, services: ServicesDep) -> Response:
    await service.sign_out(services, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


@signin_router.get("/unsubscribe/{token}")
async def show_unsubscribe(request: Request, pages: PagesDep, lang: Lang, token: str) -> Response:
    """RFC 8058: a GET must change nothing, so it does not even look at the token."""
    words = unsubscribe_page(lang)
    return pages.render(request, "unsubscribe.html", {"words": words, "line": words.line})


@signin_router.post("/unsubscribe/{token}")
async def use_unsubscribe(
    request: Request, services: ServicesDep, pages: PagesDep, lang: Lang, token: str
) -> Response:
    """One click, no cookie, no login, and doing it twice is the same as once (R-30)."""
    words, done = unsubscribe_page(lang), await unsubscribe(services, token)
    context = {"words": words, "line": words.done if done else words.bad, "over": True}
    return pages.render(request, "unsubscribe.html", context, status=200 if done else 404)
