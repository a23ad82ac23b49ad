"""A whole app on a test database, and callers of each role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from app.access import service as access
from app.access.rules import Limiter, Scope
from app.clock import ManualClock
from app.config import Settings
from app.main import create_app
from app.services import Services, open_services

BASE = "http://vigie.test"


@dataclass
class House:
    """An app and its services, with callers made on demand."""

    app: FastAPI
    services: Services
    clock: ManualClock
    _keys: dict[str, str] = field(default_factory=dict)

    def caller(self, headers: Mapping[str, str] | None = None, **options: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url=BASE, headers=dict(headers or {}), **options
        )

    async def key(self, scope: Scope) -> str:
        if scope not in self._keys:
            made = await access.create_key(self.services, f"{scope} key", scope)
            self._keys[scope] = made.secret
        return self._keys[scope]

    @asynccontextmanager
    async def as_key(self, scope: Scope) -> AsyncIterator[httpx.AsyncClient]:
        async with self.caller({"Authorization": f"Bearer {await self.key(scope)}"}) as caller:
            yield caller

    @asynccontextmanager
    async def as_admin_browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that opened the set-up link."""
        link = await access.setup_link(self.services)
        assert link is not None
        async with self.caller({"Accept": "text/html", "Accept-Language": "en"}) as browser:
            answer = await browser.post(link.removeprefix(self.services.settings.public_url))
            assert answer.status_code == 303, answer.text
            yield browser


_BUILT: list[FastAPI] = []


def app_on(services: Services) -> FastAPI:
    """The app of the run, moved to these services: building one takes as long as many requests."""
    if not _BUILT:
        _BUILT.append(create_app(services))
    app = _BUILT[0]
    app.state.services, app.state.limiter = services, Limiter()
    app.state.started_at = services.clock.now()
    app.state.demo_task = None
    return app


@asynccontextmanager
async def open_house(
    database_url: str, folder: Path, clock: ManualClock, **settings: Any
) -> AsyncIterator[House]:
    chosen = Settings(data_dir=folder, database=database_url, base_url=BASE, **settings)
    async with open_services(chosen, clock=clock) as services:
        yield House(app=app_on(services), services=services, clock=clock)
