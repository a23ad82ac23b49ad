"""create_app: the HTTP side of Vigie. Importing does nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from app import openapi, problems
from app.access.gate import Gate
from app.access.rules import Limiter
from app.api_v1 import api_v1
from app.health import health_router
from app.intake.rules import Rate
from app.metrics import Metrics, metrics_router
from app.services import Services
from app.shell import Shell
from app.sources.websub_routes import websub_router
from app.web.home import home_router
from app.web.pages import STATIC, KeptFiles, Pages
from app.web.reference import reference_router
from app.web.signin import signin_router

Jobs = Callable[[Services], AbstractAsyncContextManager[object]]
"""Runs the background jobs while its block lasts (app.jobs.embedded.running_jobs)."""


def create_app(services: Services, *, jobs: Jobs | None = None) -> FastAPI:
    """The whole HTTP service on open services; `jobs` runs beside it. Does no I/O."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if jobs is None:
            yield
            return
        async with jobs(services):
            yield

    app = FastAPI(
        title="Vigie", docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        lifespan=lifespan, redirect_slashes=False,
    )  # fmt: skip
    metrics, pages = Metrics(), Pages()
    app.state.services, app.state.pages, app.state.limiter = services, pages, Limiter()
    app.state.intake_rate = Rate()
    app.state.started_at = services.clock.now()
    app.state.render_problem = pages.problem
    problems.install(app)
    openapi.install(app, version=_version())
    app.include_router(health_router(app))
    app.include_router(metrics_router(metrics))
    app.include_router(signin_router)
    app.include_router(home_router)
    app.include_router(reference_router)
    app.include_router(websub_router)
    app.include_router(api_v1())
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    # The last one added is the outermost.
    app.add_middleware(Gate)
    app.add_middleware(Shell, observer=metrics)
    return app


def _version() -> str:
    try:
        return version("vigie-veille")
    except PackageNotFoundError:
        return "0"
