"""Jinja pages: one environment per app, autoescaping on, no inline script or style anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.types import Scope

from app.web import formats
from app.web.words import count, say

STATIC = Path(__file__).parent / "static"

Words = Callable[..., str]


class KeptFiles(StaticFiles):
    """Static files: kept for a year where the address holds their digest, else asked again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if kept else "no-cache"
        )
        return response


class Pages:
    """Renders templates for one request's reader."""

    def __init__(self) -> None:
        self._jinja = Environment(
            loader=PackageLoader("app.web", "templates"), autoescape=True,
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._jinja.globals["asset"] = partial(asset, _digests())
        self._jinja.filters["code"] = with_code

    def render(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        lang = str(request.state.lang)
        principal = request.state.principal
        values = {
            "lang": lang,
            "t": partial(say, lang),
            "tn": partial(count, lang),
            "fmt": formats.Formats(lang),
            "principal": principal,
            "csrf": principal.csrf if principal else "",
            "here": request.url.path,
            **(context or {}),
        }
        body = self._jinja.get_template(template).render(values)
        fields = {"Content-Language": lang, "Vary": "Accept-Language, Cookie", **(headers or {})}
        return HTMLResponse(body, status_code=status, headers=fields)

    def problem(
        self, request: Request, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> HTMLResponse:
        """The page of an error: the same title and sentence that the API would give."""
        return self.render(
            request, "problem.html", {"problem": body}, status=int(body["status"]), headers=headers
        )


def with_code(text: str) -> Markup:
    """A sentence of ours in which `commands` stand between back-ticks, escaped part by part."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _digests() -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in STATIC.iterdir()
        if path.is_file()
    }


def asset(digests: Mapping[str, str], name: str) -> str:
    """A static file's address with its digest, so that a browser may keep it for a year."""
    return f"/static/{name}?v={digests[name]}"
