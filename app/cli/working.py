"""What worker does."""

from __future__ import annotations

import asyncio
import os
import socket

from app.cli import console
from app.cli.running import ready_settings
from app.config import Settings
from app.errors import SetupError
from app.services import open_services


def work(name: str) -> None:
    """Raises SetupError where there is no PostgreSQL to work on."""
    settings = ready_settings(quiet=False)
    if settings.database_url.startswith("sqlite"):
        raise SetupError(
            "`vigie worker` needs PostgreSQL (VIGIE_DATABASE=postgresql://…); "
            "on SQLite `vigie serve` does the work",
            fr="`vigie worker` demande PostgreSQL (VIGIE_DATABASE=postgresql://…) ; "
            "avec SQLite, `vigie serve` fait le travail",
        )
    asyncio.run(_work(settings, name or f"worker-{socket.gethostname()}-{os.getpid()}"))


async def _work(settings: Settings, name: str) -> None:
    from app.jobs.queue import run_worker

    async with open_services(settings) as services:
        console.say(f"{name}: working")
        await run_worker(services, name=name)
