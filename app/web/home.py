"""The front page, and the few things that can be done on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import State

from app.access.gate import LANG_COOKIE
from app.api import Lang, ServicesDep, Who, as_id
from app.errors import Invalid, NotFound
from app.lang import LANGUAGES
from app.models import Watchlist
from app.services import Services
from app.sources.service import resume_source
from app.watchlists.service import list_watchlists, new_watch
from app.web.alert import load_alert
from app.web.house import load_house
from app.web.signin import PagesDep, own_form

NOTES_COOKIE = "vigie_notes"
NOTES_LAST_S = 300
MOST_NOTES = 8

home_router = APIRouter(include_in_schema=False, dependencies=[Depends(own_form)])


@home_router.get("/")
async def show_home(
    request: Request,
    services: ServicesDep,
    pages: PagesDep,
    lang: Lang,
    watchlist: str = "",
    new: str = "",
) -> Response:
    """The one form where there is nothing yet, else the state of the house."""
    known = await list_watchlists(services)
    if new or not known:
        response = pages.render(request, "first.html", _form_context(request, known))
    else:
        chosen = _chosen(known, watchlist)
        context = {
            "house": await load_house(services, chosen, lang=lang),
            **_demo_context(request),
            "notes": read_notes(services, request.cookies.get(NOTES_COOKIE, "")),
        }
        response = pages.render(request, "house.html", context)
    _keep_language(request, response)
    return response


def _chosen(known: Sequence[Watchlist], asked: str) -> Watchlist:
    """The watchlist asked for; else the first that is not the demo. Raises NotFound."""
    if not asked:
        return next((each for each in known if not each.is_demo), known[0])
    for each in known:
        if each.id == as_id(asked):
            return each
    raise NotFound("There is no such watchlist.", fr="Cette veille n’existe pas.")


def _keep_language(request: Request, response: Response) -> None:
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        response.set_cookie(
            LANG_COOKIE, asked, max_age=31_536_000, httponly=True, samesite="lax", path="/"
        )


def _form_context(
    request: Request,
    known: Sequence[Watchlist],
    *,
    typed: dict[str, str] | None = None,
    error: Invalid | None = None,
) -> dict[str, Any]:
    return {
        "typed": typed or {"name": "", "site": "", "competitors": "", "language": ""},
        "error": error,
        "first": not known,
        **_demo_context(request),
    }


# A new watch


@home_router.post("/watch")
async def make_watch(
    request: Request,
    services: ServicesDep,
    pages: PagesDep,
    lang: Lang,
    principal: Who,
    name: Annotated[str, Form(max_length=500)] = "",
    site: Annotated[str, Form(max_length=500)] = "",
    competitors: Annotated[str, Form(max_length=5000)] = "",
    language: Annotated[str, Form(max_length=10)] = "fr",
) -> Response:
    typed = {"name": name, "site": site, "competitors": competitors, "language": language}
    try:
        plan = await new_watch(
            services, name=name, lang=language, competitors=split_names(competitors),
            site=site.strip() or None, actor=principal.actor,
        )  # fmt: skip
    except Invalid as error:
        context = _form_context(request, await list_watchlists(services), typed=typed, error=error)
        return pages.render(request, "first.html", context, status=422)
    response = RedirectResponse(f"/?watchlist={plan.watchlist_id}", status_code=303)
    notes = [each.text(lang) for each in plan.unreached]
    if notes:
        response.set_cookie(
            NOTES_COOKIE, write_notes(services, notes), max_age=NOTES_LAST_S, httponly=True,
            samesite="lax", path="/",
        )  # fmt: skip
    return response


def split_names(text: str) -> list[str]:
    """Names typed one a line or with commas between."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return [part for part in parts if part]


def _notes_box(services: Services) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services.cipher.signing_key("notes"))


def write_notes(services: Services, notes: list[str]) -> str:
    """What could not be reached, carried over the redirect in a signed cookie."""
    return str(_notes_box(services).dumps([note[:200] for note in notes[:MOST_NOTES]]))


def read_notes(services: Services, cookie: str) -> list[str]:
    try:
        found = _notes_box(services).loads(cookie, max_age=NOTES_LAST_S)
    except BadSignature:
        return []
    return [str(note) for note in found]


@home_router.post("/sources/{source_id}/resume")
async def resume(
    services: ServicesDep,
    principal: Who,
    source_id: str,
    watchlist: Annotated[str, Form(max_length=30)],
) -> Response:
    """Ask a source again, at once."""
    await resume_source(services, as_id(watchlist), as_id(source_id), actor=principal.actor)
    return RedirectResponse(f"/?watchlist={as_id(watchlist)}#sources", status_code=303)


@home_router.get("/alerts/{alert_id}")
async def show_alert(
    request: Request, services: ServicesDep, pages: PagesDep, lang: Lang, alert_id: str
) -> Response:
    """Where the link of a message leads. The alert names its watchlist."""
    return pages.render(
        request, "alert.html", await load_alert(services, as_id(alert_id), lang=lang)
    )


# The demo

DEMO_MODULE = "app.demo.service"


def _demo_state(request: Request) -> str:
    """none (not offered), offered, loading, failed."""
    services: Services = request.app.state.services
    task: asyncio.Task[object] | None = getattr(request.app.state, "demo_task", None)
    if task is not None and not task.done():
        return "loading"
    if task is not None and (task.cancelled() or task.exception() is not None):
        return "failed"
    return "offered" if services.settings.demo and _has_demo() else "none"


def _demo_context(request: Request) -> dict[str, Any]:
    done, whole = getattr(request.app.state, "demo_steps", (0, 1))
    return {"demo": _demo_state(request), "demo_done": done, "demo_whole": whole}


def _has_demo() -> bool:
    try:
        return find_spec(DEMO_MODULE) is not None
    except ModuleNotFoundError:
        return False


@home_router.post("/demo")
async def try_demo(request: Request, services: ServicesDep) -> Response:
    """Load the demo beside the page, which asks again until it is there."""
    state = _demo_state(request)
    if state == "none":
        raise NotFound("There is no demo here.", fr="Il n’y a pas de démo ici.")
    if state != "loading":
        request.app.state.demo_steps = (0, 1)
        request.app.state.demo_task = asyncio.create_task(_load_demo(request.app.state, services))
    return RedirectResponse("/", status_code=303)


async def _load_demo(state: State, services: Services) -> None:
    def tell(done: int, whole: int) -> None:
        state.demo_steps = (done, whole)

    try:
        # By name, at call: the demo is a part that an installation may leave out.
        await import_module(DEMO_MODULE).load_demo(services, progress=tell)
    except Exception:
        structlog.get_logger().exception("demo.failed")
        raise
