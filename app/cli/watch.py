"""watch new, list, remove: from a name to a watchlist that has begun to listen."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import console
from app.cli.console import AsJson

group = console.subgroup("Watchlists: what is watched.")


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="watch")


@console.command(
    group, "new",
    example='vigie watch new "Decathlon" --lang fr --competitor Intersport --site decathlon.fr',
)  # fmt: skip
def new(
    name: Annotated[str, typer.Argument(help="The brand to watch.")],
    lang: Annotated[
        str | None, typer.Option(help="Language of the watchlist: fr or en. Default: yours.")
    ] = None,
    competitor: Annotated[
        list[str] | None, typer.Option(help="A competitor; give it as often as needed.")
    ] = None,
    market: Annotated[
        list[str] | None, typer.Option(help="A market or subject; give it as often as needed.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="The brand's site, for its feeds.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="IANA time zone of its days. Default: VIGIE_ZONE.")
    ] = None,
    purpose: Annotated[
        str, typer.Option(help="Why people's posts are read; shown in the information notice.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Watch a brand: makes the watchlist, its queries and every keyless source that fits, and
    reads them a first time.

    Exit code 1 where some of them could not be reached: they are named.
    """
    from app.cli import watching
    from app.cli.running import with_services

    wanted = watching.Wanted(
        name=name, lang=lang or console.language(), competitors=tuple(competitor or ()),
        markets=tuple(market or ()), site=site, zone=zone, purpose=purpose,
    )  # fmt: skip
    begun = with_services(lambda services: watching.begin(services, wanted), make=True)
    watching.tell(begun, as_json=as_json)
    console.settle(bad=begun.is_bad)


@console.command(group, "list", example="vigie watch list --json")
def list_(as_json: AsJson = False) -> None:
    """List the watchlists."""
    from app.cli.running import with_services
    from app.watchlists.service import list_watchlists

    rows = with_services(list_watchlists)
    records = [
        {"id": str(row.id), "name": row.name, "language": row.language, "zone": row.zone,
         "demo": row.is_demo, "purpose": row.purpose}
        for row in rows
    ]  # fmt: skip
    console.show_all(["id", "name", "language", "zone", "demo"], records, as_json=as_json)


@console.command(group, "remove", example="vigie watch remove Decathlon --yes")
def remove(
    name: Annotated[str, typer.Argument(help="Name or id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a watchlist with its brands, mentions, rules, channels and digests."""
    from app.cli import watching
    from app.cli.running import ACTOR, with_services
    from app.watchlists.service import remove_watchlist

    row = with_services(lambda services: watching.removable(services, name))
    if not yes:
        console.confirm(
            console.t(
                fr=f"Supprimer {row.name} avec ses mentions, règles et canaux, pour toujours ?",
                en=f"Delete {row.name} with its mentions, rules and channels, for ever?",
            ),
            refusal=console.t(
                fr="cette suppression ne peut être annulée : confirmez avec --yes",
                en="a deletion cannot be undone: confirm with --yes",
            ),
        )
    with_services(lambda services: remove_watchlist(services, row.id, actor=ACTOR))
    console.removed(row, as_json=as_json, fr="veille supprimée", en="watchlist deleted")
