"""`query preview`, `query backtest`, `query restore`: a query tried before it is in force, and an
earlier one brought back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.filters import BrandName, QueryText, query_group
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from nlp.query.values import Lang

Day = Annotated[str | None, typer.Option(metavar="DAY", help="A local day, 2026-11-23; included.")]


def register(root: typer.Typer) -> None:
    """The commands are of `query`, which is there already."""
    console.command(
        query_group, "preview", example="vigie query preview -- 'decathlon SAUF emploi'"
    )(preview)
    console.command(
        query_group, "backtest", example="vigie query backtest Decathlon -- 'decathlon SAUF emploi'"
    )(backtest)
    console.command(query_group, "restore", example="vigie query restore Decathlon 3")(restore)


def preview(
    query: QueryText,
    brand: Annotated[
        str | None, typer.Option(help="Whose marks “not about us” estimate the noise.")
    ] = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Try a query on the stored posts: what it says, how many it catches, the newest of them."""
    from app.cli import trying
    from app.cli.running import with_services

    found = with_services(
        lambda services: trying.preview(services, query, brand=brand, watchlist=watchlist)
    )
    trying.tell_preview(found, _lang(), as_json=as_json)


def backtest(
    brand: BrandName,
    query: QueryText,
    since: Day = None,
    until: Day = None,
    examples: Annotated[int, typer.Option(min=0, max=50, help="Posts shown of each kind.")] = 5,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """What a new query would change for a brand: posts newly caught, lost and kept. Changes
    nothing."""
    from app.cli import trying
    from app.cli.running import with_services

    period = _day(since, "--since"), _day(until, "--until")
    found = with_services(
        lambda services: trying.backtest(
            services, brand, query, period=period, examples=examples, watchlist=watchlist
        )
    )
    trying.tell_backtest(found, as_json=as_json)


def restore(
    brand: BrandName,
    number: Annotated[int, typer.Argument(min=1, help="Number of an earlier version.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Bring an earlier query of a brand back, as a new version."""
    from app.cli import wording
    from app.cli.running import with_services

    made = with_services(
        lambda services: wording.restore(services, brand, number, watchlist=watchlist)
    )
    wording.tell(made, as_json=as_json)


def _day(given: str | None, option: str) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        console.fail(
            console.t(
                fr=f"{option} {given} : écrivez un jour, par exemple 2026-11-23",
                en=f"{option} {given}: write a day, for example 2026-11-23",
            )
        )


def _lang() -> Lang:
    return "fr" if console.language() == "fr" else "en"
