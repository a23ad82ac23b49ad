"""RFC 9457: every error of the API is `application/problem+json`, in the reader's language.

`type` is a page of this service (/problems/CODE) that says what the code means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from app.errors import AppError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of problem: its status and its titles."""

    status: int
    en: str
    fr: str

    def title(self, lang: str) -> str:
        return self.fr if lang == "fr" else self.en


KINDS: Mapping[str, Kind] = {
    "unreadable": Kind(400, "The request cannot be read", "La requête est illisible"),
    "unauthorized": Kind(401, "No valid key", "Pas de clé valable"),
    "forbidden": Kind(403, "Not allowed", "Accès refusé"),
    "not-found": Kind(404, "No such thing", "Introuvable"),
    "method": Kind(405, "Not that way", "Méthode refusée"),
    "conflict": Kind(409, "In the way of something", "Conflit"),
    "stale": Kind(412, "Changed meanwhile", "Modifié entre-temps"),
    "too-large": Kind(413, "Too large", "Trop volumineux"),
    "media-type": Kind(415, "Not JSON", "Pas du JSON"),
    "invalid": Kind(422, "Input that cannot be used", "Saisie inutilisable"),
    "too-many": Kind(429, "Too many requests", "Trop de requêtes"),
    "internal": Kind(500, "A fault of ours", "Une erreur de notre part"),
    "setup": Kind(500, "A setting must be changed", "Un réglage est à changer"),
    "store-busy": Kind(503, "The database is busy", "La base est occupée"),
    "store-full": Kind(507, "The disk is full", "Le disque est plein"),
}

_BY_STATUS = {400: "unreadable", 401: "unauthorized", 403: "forbidden", 404: "not-found",
              405: "method", 409: "conflict", 412: "stale", 413: "too-large",
              415: "media-type", 422: "invalid", 429: "too-many"}  # fmt: skip

_DETAILS = {
    "not-found": ("There is nothing at this address.", "Il n’y a rien à cette adresse."),
    "method": (
        "This address does not answer that method: see the Allow field.",
        "Cette adresse n’accepte pas cette méthode : voyez le champ Allow.",
    ),
    "too-large": (
        "The body may hold 1 MiB at most: send it in parts.",
        "Le corps est limité à 1 Mio : envoyez-le en plusieurs fois.",
    ),
    "unreadable": ("The body is not valid JSON.", "Le corps n’est pas du JSON valable."),
    "invalid": (
        "Some fields cannot be used: `errors` names them.",
        "Certains champs sont inutilisables : `errors` les nomme.",
    ),
    "internal": (
        "The fault is written to the log under this request_id.",
        "L’erreur est notée au journal sous ce request_id.",
    ),
}


def _detail(code: str, lang: str, fallback: str = "") -> str:
    pair = _DETAILS.get(code)
    return pair[lang == "fr"] if pair else fallback


def language(request: Request) -> str:
    """What the gate chose for this reader (or English before it had a chance)."""
    return str(getattr(request.state, "lang", "en"))


def wants_page(request: Request) -> bool:
    """A browser that opens a page gets a page; everything else gets a problem."""
    path = request.url.path
    if path.startswith(("/api/", "/metrics", "/openapi.json", "/static/")):
        return False
    return "text/html" in request.headers.get("accept", "")


def problem(
    request: Request,
    code: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """The answer to a request that went wrong: a problem, or a page where a person looks."""
    lang, kind = language(request), KINDS[code]
    body: dict[str, Any] = {
        "type": f"{_base(request)}/problems/{code}",
        "title": kind.title(lang),
        "status": status or kind.status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": str(getattr(request.state, "request_id", "")),
    }
    body |= members or {}
    if errors:
        body["errors"] = [dict(error) for error in errors]
    headers = {"Content-Language": lang, "Vary": "Accept-Language, Accept", **(headers or {})}
    if wants_page(request):
        render = getattr(request.app.state, "render_problem", None)
        if render is not None:
            page: Response = render(request, body, headers)
            return page
    return JSONResponse(
        body, status_code=int(body["status"]), headers=headers, media_type=MEDIA_TYPE
    )


def _base(request: Request) -> str:
    services = getattr(request.app.state, "services", None)
    return services.settings.public_url if services else ""


def from_app_error(request: Request, error: AppError) -> Response:
    """One of ours: its own code, its sentence in the reader's language."""
    headers: dict[str, str] = {}
    if (wait := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(wait)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="vigie"'
    lang = language(request)
    text = error.text(lang)
    errors = [{"field": error.field, "detail": text}] if error.field else []
    return problem(
        request, error.code, text, errors=errors, headers=headers, members=error.members(lang)
    )


def from_bug(request: Request, error: Exception) -> Response:
    """Anything else is a bug: logged with its trace, told without any detail of it."""
    # Only the first part of a path: /setup/… and /unsubscribe/… carry a secret after it.
    area = request.url.path.split("/")[1]
    structlog.get_logger().error("http.bug", method=request.method, area=area, exc_info=error)
    return problem(request, "internal", _detail("internal", language(request)))


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.code == "internal":
        return from_bug(request, error)
    return from_app_error(request, error)


async def _on_http(request: Request, error: Exception) -> Response:
    return from_http(request, error)


def from_http(request: Request, error: Exception) -> Response:
    """The framework's own: no such address, not that method, a body too large."""
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "internal")
    detail = _detail(code, language(request), str(error.detail))
    return problem(
        request, code, detail, headers=dict(error.headers or {}), status=error.status_code
    )


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    lang = language(request)
    errors = [{"field": field_path(each["loc"]), "detail": _plain(each)} for each in error.errors()]
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return problem(request, "unreadable", _detail("unreadable", lang), errors=errors)
    return problem(request, "invalid", _detail("invalid", lang), errors=errors)


def _plain(each: Mapping[str, Any]) -> str:
    # Never the input itself: it may be a secret that was put into the wrong field.
    return str(each["msg"]).removeprefix("Value error, ")


def field_path(location: Sequence[str | int]) -> str:
    """("body", "terms", 0, "text") → "terms[0].text"; a query or path field keeps its name."""
    path = ""
    for part in location[1:] if len(location) > 1 else location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def install(app: FastAPI) -> None:
    """Answer every error of this app with a problem."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
