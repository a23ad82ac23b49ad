"""Default deny: an ASGI layer that lets nobody in who is not known.

It stands before the router, so a route that is added tomorrow is closed without anybody having
to remember it: safe methods need `read`, the others `write`; a route may ask for more
(`app.api.needs`). A signed-in browser must also show that the request is its own page's
(Origin, and a token in a field or in the form).
"""

from __future__ import annotations

import hmac
import time

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app import lang
from app.access import rules, service
from app.access.rules import Limiter, Principal
from app.access.tokens import digest
from app.errors import AppError, Forbidden, TooMany, Unauthorized
from app.problems import from_app_error
from app.services import Services

COOKIE = "vigie_session"
LANG_COOKIE = "vigie_lang"
CSRF_HEADER = "x-csrf-token"


class Gate:
    """Knows who asks before anything else runs; `request.state.principal` is who.

    The app's state holds the `services` and the `limiter`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.principal = None
        request.state.lang = self._language(request, None)
        try:
            await self._admit(request)
        except AppError as error:
            await from_app_error(request, error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, request: Request) -> None:
        """Raises Unauthorized, Forbidden or TooMany."""
        # The path that is routed: `request.url` is put together with the Host that was sent.
        if rules.is_public(request.scope["path"]):
            return
        principal = await self._who(request)
        request.state.principal = principal
        request.state.lang = self._language(request, principal)
        need = rules.scope_for(request.method)
        if not rules.covers(principal.scope, need):
            raise scope_too_small(principal, need)
        if principal.kind == "session" and need != "read":
            self._check_own_page(request, principal)

    async def _who(self, request: Request) -> Principal:
        key = rules.presented_key(
            authorization=request.headers.get("authorization", ""),
            x_api_key=request.headers.get("x-api-key", ""),
        )
        if key is not None:
            return await self._by_key(request, key)
        token = request.cookies.get(COOKIE, "")
        services = _services(request)
        found = await service.principal_of_session(services, token) if token else None
        if found is None:
            raise Unauthorized(
                "Send an API key (Authorization: Bearer vgk_…), made by `vigie key create`, or "
                "open the link that `vigie serve` or `vigie access link` prints.",
                fr="Envoyez une clé d’API (Authorization: Bearer vgk_…), faite par `vigie key "
                "create`, ou ouvrez le lien affiché par `vigie serve` ou `vigie access link`.",
            )
        return found

    async def _by_key(self, request: Request, key: str) -> Principal:
        limiter: Limiter = request.app.state.limiter
        address, hashed, at = address_of(request), digest(key), time.monotonic()
        if wait := limiter.wait(address, key_hash=hashed, at=at):
            raise TooMany(
                f"Too many wrong keys from this address: wait {wait} seconds.",
                fr=f"Trop de clés fausses depuis cette adresse : attendez {wait} secondes.",
                retry_after=wait,
            )
        found = await service.principal_of_key(_services(request), key)
        if found is None:
            limiter.failed(address, at=at)
            raise Unauthorized(
                "This key is wrong, revoked or over: make a new one with `vigie key create`.",
                fr="Cette clé est fausse, révoquée ou expirée : faites-en une autre par "
                "`vigie key create`.",
            )
        limiter.welcome(address, hashed)
        return found

    def _check_own_page(self, request: Request, principal: Principal) -> None:
        """The Origin always; the token here for the API, in the form for the pages."""
        check_origin(request, _services(request))
        if request.scope["path"].startswith("/api/") or CSRF_HEADER in request.headers:
            check_csrf(principal, request.headers.get(CSRF_HEADER, ""))

    def _language(self, request: Request, principal: Principal | None) -> str:
        return lang.choose(
            asked=request.query_params.get("lang", ""),
            member=request.cookies.get(LANG_COOKIE, "") or (principal.lang if principal else ""),
            header=request.headers.get("accept-language", ""),
            default=_services(request).settings.language,
        )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def address_of(request: Request) -> str:
    """The peer's address; behind a proxy that uvicorn trusts, the one the proxy names."""
    return request.client.host if request.client else ""


def check_origin(request: Request, services: Services) -> None:
    """Raises Forbidden where another site's page sends the request."""
    if not rules.is_same_origin(
        origin=request.headers.get("origin", ""),
        host=request.headers.get("host", ""),
        fetch_site=request.headers.get("sec-fetch-site", ""),
        public_url=services.settings.public_url,
    ):
        raise Forbidden(
            "This request comes from a page of another site.",
            fr="Cette requête vient d’une page d’un autre site.",
        )


def check_csrf(principal: Principal, token: str) -> None:
    """Raises Forbidden where the page's token is missing or old."""
    if not hmac.compare_digest(principal.csrf.encode(), token.encode("utf-8", "replace")):
        raise Forbidden(
            "The page's token is missing or old: reload the page and send it again "
            "(the API expects it in X-CSRF-Token).",
            fr="Le jeton de la page manque ou est périmé : rechargez la page et renvoyez "
            "(l’API l’attend dans X-CSRF-Token).",
        )


def scope_too_small(principal: Principal, need: str) -> Forbidden:
    return Forbidden(
        f"This needs the scope '{need}'; yours is '{principal.scope}'.",
        fr=f"Il faut la portée « {need} » ; la vôtre est « {principal.scope} ».",
    )
