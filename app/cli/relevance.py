"""`vigie query suggest` and `vigie mention`: what people say is not about a brand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.filters import query_group
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.mentions.service import MentionView
    from app.relevance.service import Suggested
    from app.services import Services

mention_group = console.subgroup("Say which mentions are about the brand.")

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of mentions.")]


def register(root: typer.Typer) -> None:
    root.add_typer(mention_group, name="mention")


@console.command(query_group, "suggest", example="vigie query suggest Decathlon")
def query_suggest(
    brand: Annotated[str, typer.Argument(metavar="BRAND", help="Name or id of a brand.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Terms that separate the mentions people marked relevant from noise."""
    from app.cli.running import with_services

    found = with_services(lambda services: _suggested(services, brand, watchlist))
    _tell(found, as_json=as_json)


@console.command(mention_group, "irrelevant", example="vigie mention irrelevant 1234567890")
def mention_irrelevant(ids: Ids, watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """Not about the brand: left out of every count, never deleted."""
    _mark(ids, watchlist, relevant=False, as_json=as_json)


@console.command(mention_group, "relevant", example="vigie mention relevant 1234567890")
def mention_relevant(ids: Ids, watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """About the brand, whatever its filter says."""
    _mark(ids, watchlist, relevant=True, as_json=as_json)


def _mark(ids: Sequence[str], watchlist: str | None, *, relevant: bool, as_json: bool) -> None:
    from app.cli.running import with_services

    for one in ids:
        if not (one.isascii() and one.isdigit() and len(one) <= 19):
            console.fail(console.t(fr=f"{one} n’est pas un identifiant", en=f"{one} is not an id"))

    async def work(services: Services) -> Sequence[MentionView]:
        from app.cli.pick import watchlist as the_only
        from app.cli.running import ACTOR
        from app.relevance.service import mark

        where = await the_only(services, watchlist)
        wanted = [int(one) for one in ids]
        return await mark(services, where.id, wanted, relevant=relevant, actor=ACTOR)

    done = with_services(work)
    console.show_all(
        ["id", "brand", "relevant"],
        [{"id": str(one.mention.id), "brand": one.brand, "relevant": one.mention.relevant}
         for one in done],
        as_json=as_json,
    )  # fmt: skip


async def _suggested(services: Services, brand: str, watchlist: str | None) -> Suggested:
    from app.cli.pick import pick
    from app.cli.pick import watchlist as the_only
    from app.relevance.service import suggestions
    from app.watchlists.service import list_brands

    where = await the_only(services, watchlist)
    row = pick(await list_brands(services, where.id), brand, fr="marque", en="brand")
    return await suggestions(services, where.id, row.id)


def _tell(found: Suggested, *, as_json: bool) -> None:
    if as_json:
        from app.relevance.schemas import suggestions_out

        console.write_json(suggestions_out(found, console.language()).model_dump())
        return
    terms = [("NOT", term) for term in found.found.exclusions]
    terms += [("AND", term) for term in found.found.context]
    console.show_all(
        ["use", "term", "noise", "relevant", "unmarked"],
        [{"use": use, "term": term.text, "noise": term.noise, "relevant": term.relevant,
          "unmarked": term.unmarked} for use, term in terms],
        as_json=False,
    )  # fmt: skip
    console.say(found.found.sentence(console.language()))
    if found.found.exclusions:
        console.say(found.found.applied(found.query))
