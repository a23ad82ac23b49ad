"""serve, worker, migrate: the processes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.cli import console
from app.cli.console import AsJson


def register(root: typer.Typer) -> None:
    console.command(root, example="vigie serve --port 8080")(serve)
    console.command(root, example="VIGIE_DATABASE=postgresql://vigie@db/vigie vigie worker")(worker)
    console.command(root, example="vigie migrate")(migrate)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Start the service: API, pages and, unless scaled out, the jobs."""
    with _loading():
        from app.cli import serving

    serving.serve(host=host, port=port)


def worker(
    name: Annotated[str, typer.Option(help="Name shown in logs.")] = "",
) -> None:
    """Work on the jobs of a scaled-out Vigie (PostgreSQL); start as many as you like."""
    from app.cli import working

    working.work(name)


def migrate(as_json: AsJson = False) -> None:
    """Bring the database to this version; backs it up first, refuses a newer one."""
    from app.cli import migrating

    migrating.migrate(as_json=as_json)


@contextmanager
def _loading() -> Iterator[None]:
    """What is loaded here stays for good: the garbage collector, which would walk through all of
    it dozens of times meanwhile, need never look at it. A tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
