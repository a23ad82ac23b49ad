"""source history, forecast, spending, propose: what a source may, will and did bring and cost."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import Config, InWatchlist, group


def register(root: typer.Typer) -> None:
    """The commands hang on the group of app/cli/source.py, which is registered there."""


@console.command(group, "history", example="vigie source history 'Hacker News' --days 90")
def history(
    source: Annotated[str, typer.Argument(help="Name or id.")],
    days: Annotated[int | None, typer.Option(min=1, help="Read so many days back, anew.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Read no further back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how far a source has read its past; begin it anew or stop it."""
    from app.cli import sourcing
    from app.cli.running import with_services

    if stop and days is not None:
        console.fail(
            console.t(fr="--days ou --stop, pas les deux", en="--days or --stop, not both")
        )
    run = with_services(lambda services: sourcing.history(services, source, days=days, stop=stop))
    if run is None:
        console.say(
            console.t(
                fr="cette source ne lit pas son passé (ou pas encore : --days 90)",
                en="this source reads no past (or not yet: --days 90)",
            )
        )
        return
    console.show(sourcing.history_record(run), as_json=as_json)


@console.command(
    group, "forecast", example="vigie source forecast youtube --config api_key=KEY --every 3600"
)
def forecast(
    kind: Annotated[str, typer.Argument(help="The kind of source.")],
    config: Config = None,
    query: Annotated[str | None, typer.Option(help="Default: the watchlist's queries.")] = None,
    every: Annotated[int | None, typer.Option(min=60, help="Seconds between two polls.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Let the platform count; may cost.")] = False,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a source would spend of its quotas. Exit code 1 where it does not fit."""
    from dataclasses import asdict

    from app.cli import sourcing
    from app.cli.running import with_services

    found = with_services(
        lambda services: sourcing.forecast(
            services, kind=kind, given=config or (), wanted=watchlist, query=query, every=every,
            ask=ask,
        )
    )  # fmt: skip
    if as_json:
        console.write_json(asdict(found))
    for line in () if as_json else sourcing.forecast_words(found):
        console.write(line)
    console.settle(bad=not all(line.fits for line in found.lines))


@console.command(group, "spending", example="vigie source spending --watchlist Decathlon")
def spending(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """Show what the sources spent since the first of the month."""
    from dataclasses import asdict

    from app.cli import sourcing
    from app.cli.running import with_services

    rows = with_services(lambda services: sourcing.spending(services, watchlist))
    records = [{**asdict(row), "source_id": str(row.source_id)} for row in rows]
    console.show_all(["source", "name", "amount", "cost", "currency"], records, as_json=as_json)


@console.command(group, "propose", example="vigie source propose Decathlon --accept")
def propose(
    brand: Annotated[str | None, typer.Argument(help="Name or id; default: the only one.")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Add all that are new and need no key.")
    ] = False,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Find sources that would fit a brand: feeds of its site, tags, accounts, pages."""
    from dataclasses import asdict

    from app.cli import sourcing
    from app.cli.running import with_services

    with console.progress(console.t(fr="recherche", en="looking")):
        offer = with_services(
            lambda services: sourcing.propose(services, brand, wanted=watchlist, accept=accept)
        )
    records = [asdict(one) for one in offer.proposals.found]
    console.show_all(["kind", "name", "there", "needs_key", "why"], records, as_json=as_json)
    for kind, reason in offer.proposals.failed.items():
        console.say(f"{kind}: {reason}")
    if offer.added:
        console.say(console.t(fr="ajoutées : ", en="added: ") + ", ".join(offer.added))


@console.command(group, "versions", example="vigie source versions 'Acme, tarifs'")
def versions(
    source: Annotated[str, typer.Argument(help="Name or id.")],
    version: Annotated[str | None, typer.Argument(help="Id of a version to compare.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the versions of watched pages; with an id, what changed from the one before."""
    from app.cli import sourcing
    from app.cli.running import with_services

    if version is None:
        rows = with_services(lambda services: sourcing.versions(services, source))
        console.show_all(["id", "at", "size", "name"], rows, as_json=as_json)
        return
    chosen = version
    found = with_services(lambda services: sourcing.version(services, source, chosen))
    if as_json:
        console.write_json(found)
    for line in () if as_json else found["changes"] or found["text"].splitlines():
        console.write(line)
