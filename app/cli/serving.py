"""What serve does. Importing this loads the whole service."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext

import uvicorn

from app.access.service import setup_link
from app.cli import console
from app.cli.migrating import bring_up_to_date
from app.config import Settings, load_settings
from app.db.scheduler_lock import scheduler_lock
from app.errors import SetupError
from app.jobs.embedded import running_jobs
from app.logs import configure_logs
from app.main import create_app
from app.services import Services, open_services


def serve(*, host: str | None, port: int | None) -> None:
    """Raises SetupError where it cannot start, with the remedy."""
    chosen = {k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    settings = load_settings().model_copy(update=chosen)
    configure_logs(settings)
    bring_up_to_date(settings)
    embedded = settings.mode == "embedded"
    with (
        scheduler_lock(settings.database_url) if embedded else nullcontext(),
        _listening(settings) as door,
    ):
        asyncio.run(_serve(settings, door))


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
    except OSError as error:
        door.close()
        place = f"{settings.host}:{settings.port}"
        raise SetupError(
            f"{place} cannot be used ({error.strerror}): stop what listens there, or choose "
            f"another port: VIGIE_PORT={settings.port + 1} make run",
            fr=f"{place} n’est pas disponible ({error.strerror}) : arrêtez ce qui l’occupe, ou "
            f"choisissez un autre port : VIGIE_PORT={settings.port + 1} make run",
        ) from error
    with door:
        yield door


FORCE_AFTER_S = 1.0


class _Server(uvicorn.Server):
    """uvicorn re-raises a signal after its own shutdown, which would skip ours (R-39)."""

    _asked_at = 0.0

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        # Ctrl-C under make, or a stop of the whole group, may arrive twice at once: only a second
        # signal some time after the first is a person who does not want to wait.
        moment = time.monotonic()
        if self.should_exit and moment - self._asked_at > FORCE_AFTER_S:
            self.force_exit = True
        if not self.should_exit:
            self._asked_at = moment
        self.should_exit = True


async def _serve(settings: Settings, door: socket.socket) -> None:
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings))
        config = uvicorn.Config(
            create_app(services), log_config=None, access_log=False, timeout_graceful_shutdown=5,
            server_header=False,
            # We serve no WebSocket: uvicorn is not to load the library that we listen with.
            ws="none",
        )  # fmt: skip
        server = _Server(config)
        if settings.mode == "embedded":
            await stack.enter_async_context(running_jobs(services))
        await _welcome(services)
        await server.serve(sockets=[door])


async def _welcome(services: Services) -> None:
    """What to do next, in the terminal where `make run` was typed."""
    url = services.settings.public_url
    link = await setup_link(services)
    if console.language() == "fr":
        lines = [f"Vigie est prête : {url}   (arrêt : Ctrl-C)"]
        lines += [f"Première visite ? Ouvrez ce lien, valable une fois : {link}"] if link else []
    else:
        lines = [f"Vigie is ready: {url}   (stop: Ctrl-C)"]
        lines += [f"First visit? Open this link, good for one use: {link}"] if link else []
    for line in lines:
        console.say(line)
