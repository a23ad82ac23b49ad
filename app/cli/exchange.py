"""source export, source import, source rotate-secret."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import console
from app.cli.console import AsJson

InWatchlist = Annotated[
    str | None, typer.Option("--watchlist", "-w", help="Name or id; default: the only one.")
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `source`."""
    console.command(group, "export", example="vigie source export --opml > feeds.opml")(export)
    console.command(group, "import", example="vigie source import feeds.opml")(import_)
    console.command(group, "rotate-secret", example="vigie source rotate-secret CRM")(rotate_secret)


def export(
    opml: Annotated[bool, typer.Option("--opml", help="As OPML, which feed readers take.")] = True,
    watchlist: InWatchlist = None,
) -> None:
    """Write the feeds of a watchlist to standard output; other kinds have no place in OPML."""
    from app.cli import exchanging
    from app.cli.running import with_services

    sys.stdout.write(with_services(lambda services: exchanging.export(services, watchlist)))


def import_(
    file: Annotated[Path, typer.Argument(help="OPML.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file. Exit code 1 where an outline could not be used (named)."""
    from app.cli import exchanging
    from app.cli.running import with_services

    report = with_services(lambda services: exchanging.bring_in(services, file, watchlist))
    exchanging.tell(report, as_json=as_json)
    console.settle(bad=bool(report.refused))


def rotate_secret(
    source: Annotated[str, typer.Argument(help="Name or id.")], as_json: AsJson = False
) -> None:
    """Make a new signing secret for what is pushed in; the one before stays valid meanwhile."""
    from app.cli import exchanging
    from app.cli.running import with_services

    made = with_services(lambda services: exchanging.rotate_secret(services, source))
    console.show(made, as_json=as_json)
