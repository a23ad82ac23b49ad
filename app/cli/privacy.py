"""privacy export, erase, notice: what people may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from app.services import Services

group = console.subgroup("Privacy: access, erasure, information.")

Author = Annotated[str, typer.Argument(help="Name as shown, with or without @, or platform:id.")]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="privacy")


@console.command(group, "export", example="vigie privacy export @jane --out jane.json")
def export(
    author: Author,
    out: Annotated[Path | None, typer.Option(help="File; default: standard output.")] = None,
) -> None:
    """Write everything that is held of an author, as JSON (GDPR 15)."""
    from app.cli.running import with_services
    from app.privacy.service import export_author

    found = with_services(lambda services: export_author(services, author))
    if out is None:
        console.write_json(found)
        return
    console.write_private(out, found)
    console.say(console.t(fr=f"écrit dans {out}", en=f"written to {out}"))


@console.command(group, "erase", example="vigie privacy erase mastodon:109 --yes")
def erase(
    author: Author,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase an author and never collect them again (GDPR 17, 21). Counts stay."""
    from dataclasses import asdict

    from app.cli.running import ACTOR, with_services
    from app.privacy.service import erase_author

    if not yes:
        _confirm(author)
    done = with_services(lambda services: erase_author(services, author, actor=ACTOR))
    console.show(asdict(done), as_json=as_json)
    if not done.file_clean:
        console.say(
            console.t(
                fr="vigie: d’anciens octets peuvent rester dans le fichier de la base, qu’un "
                "autre processus lisait : relancez cette commande",
                en="vigie: old bytes may remain in the database file, which another process was "
                "reading: run this command again",
            )
        )
    console.settle(bad=not done.file_clean)


def _confirm(author: str) -> None:
    console.confirm(
        console.t(fr=f"Effacer {author} pour toujours ?", en=f"Erase {author} for ever?"),
        refusal=console.t(
            fr="l’effacement ne peut être annulé : confirmez avec --yes",
            en="an erasure cannot be undone: confirm with --yes",
        ),
    )


@console.command(group, "notice", example="vigie privacy notice --watchlist Decathlon")
def notice(watchlist: InWatchlist = None) -> None:
    """Print a watchlist's information notice, in Markdown (GDPR 14)."""
    from app.cli.running import with_services

    typer.echo(with_services(lambda services: _notice(services, watchlist)))


async def _notice(services: Services, wanted: str | None) -> str:
    from app.cli.pick import watchlist
    from app.privacy.service import notice as text

    return await text(services, (await watchlist(services, wanted)).id, console.language())
