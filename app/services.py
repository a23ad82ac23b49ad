"""What every job, route and command is handed: settings, clock, database, the way out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.clock import Clock, FileClock, SystemClock
from app.config import Settings
from app.db.engine import Database
from app.enrich.brain import Brain
from app.errors import SetupError
from app.secrets import Cipher, load_cipher
from collectors.http import Http, Policy, self_test


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    clock: Clock
    db: Database
    cipher: Cipher
    http: Http
    brain: Brain


@asynccontextmanager
async def open_services(
    settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[Services]:
    """Open everything; close it in the opposite order. Raises SetupError."""
    policy = await _guard(settings)
    db = Database(settings.database_url)
    ticking = clock or default_clock(settings)
    http = Http(
        policy,
        user_agent=settings.user_agent,
        total_timeout=settings.http_timeout_s,
        now=lambda: ticking.now().timestamp(),
    )
    brain = Brain(languages=settings.language_codes)
    try:
        yield Services(
            settings=settings,
            clock=ticking,
            db=db,
            cipher=load_cipher(settings.key_path),
            http=http,
            brain=brain,
        )
    finally:
        await brain.close()
        await http.aclose()
        await db.close()


async def _guard(settings: Settings) -> Policy:
    """The policy of outgoing requests, proved to be in force."""
    try:
        policy = Policy.parse(settings.allow_private)
    except ValueError as error:
        raise SetupError(f"VIGIE_ALLOW_PRIVATE: {error}") from error
    try:
        await self_test()
    except RuntimeError as error:
        raise SetupError(str(error)) from error
    return policy


def default_clock(settings: Settings) -> Clock:
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()
