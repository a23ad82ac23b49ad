"""Opening the service's parts for one command, beside a running service or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.config import Settings, load_settings
from app.db.migrate import version_of
from app.errors import SetupError
from app.logs import configure_logs
from app.services import Services, open_services

T = TypeVar("T")


def with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    """Run `work` on an up-to-date database. Raises SetupError with the next step."""
    settings = ready_settings()

    async def run() -> T:
        async with open_services(settings) as services:
            return await work(services)

    return asyncio.run(run())


def ready_settings() -> Settings:
    """Settings, with logs set up and the database's version checked (never migrated here)."""
    settings = load_settings()
    configure_logs(settings)
    found, wanted = version_of(settings.database_url)
    if found is None:
        raise SetupError(
            "there is no database yet: run `vigie migrate`, or `vigie serve`",
            fr="il n’y a pas encore de base : lancez `vigie migrate`, ou `vigie serve`",
        )
    if found != wanted:
        raise SetupError(
            f"the database is at version {found}, this Vigie wants {wanted}: run `vigie migrate`",
            fr=f"la base est en version {found}, ce Vigie veut {wanted} : lancez `vigie migrate`",
        )
    return settings
