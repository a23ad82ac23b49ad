"""Opening the service's parts for one command, beside a running service or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from app.config import Settings, load_settings
from app.db.migrate import migrate, version_of
from app.errors import SetupError
from app.logs import configure_logs
from app.services import Services, default_clock, open_services

T = TypeVar("T")

ACTOR = "cli"
"""How the audit names what was done here."""


def with_services(work: Callable[[Services], Awaitable[T]], *, make: bool = False) -> T:
    """Run `work` on an up-to-date database. Raises SetupError with the next step.

    make: the command is somebody's first one, so a missing database is made.
    """
    settings = ready_settings(make=make)

    async def run() -> T:
        async with open_services(settings) as services:
            return await work(services)

    return asyncio.run(run())


def ready_settings(*, make: bool = False, quiet: bool = True) -> Settings:
    """Settings, with logs set up and the database's version checked (never migrated here).

    quiet: the command speaks for itself; of the logs only errors are shown.
    """
    settings = load_settings()
    if quiet and settings.log_level in ("INFO", "WARNING"):
        configure_logs(settings.model_copy(update={"log_level": "ERROR"}))
    else:
        configure_logs(settings)
    found, wanted = version_of(settings.database_url)
    if found is None and make:
        migrate(settings.database_url, backups=settings.data_dir / "backups", now=_now(settings))
    elif found is None:
        raise SetupError(
            "there is no database yet: run `vigie migrate`, or `vigie serve`",
            fr="il n’y a pas encore de base : lancez `vigie migrate`, ou `vigie serve`",
        )
    elif found != wanted:
        raise SetupError(
            f"the database is at version {found}, this Vigie wants {wanted}: run `vigie migrate`",
            fr=f"la base est en version {found}, ce Vigie veut {wanted} : lancez `vigie migrate`",
        )
    return settings


def _now(settings: Settings) -> datetime:
    return default_clock(settings).now()
