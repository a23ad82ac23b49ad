"""rule add, list, remove; alert list: when Vigie tells, and what it told."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

rules = console.subgroup("Rules: when an alert is made.")
alerts = console.subgroup("Alerts: what was told.")


def register(root: typer.Typer) -> None:
    root.add_typer(rules, name="rule")
    root.add_typer(alerts, name="alert")


@console.command(
    rules, "add",
    example="vigie rule add 'Busy hour' --kind count --over 250 --window 1h --cooldown 2h",
)  # fmt: skip
def add(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    kind: Annotated[
        str, typer.Option(help="mention: each new one. count: too many in a window.")
    ] = "mention",
    over: Annotated[
        int | None, typer.Option(min=0, help="count: more distinct posts than this.")
    ] = None,
    window: Annotated[
        str | None, typer.Option(help="count: in how long, on the clock: 15m, 1h, 1d. Default: 1h.")
    ] = None,
    brand: Annotated[
        list[str] | None, typer.Option(help="Only of this brand, by name or id; repeatable.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Only of this tone: positive, neutral, negative, none; repeatable."),
    ] = None,
    text_lang: Annotated[
        list[str] | None, typer.Option(help="Only in this language, such as fr; repeatable.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only from this source, by name or id; repeatable.")
    ] = None,
    min_followers: Annotated[
        int, typer.Option(min=0, help="Only of authors with so many followers.")
    ] = 0,
    min_engagement: Annotated[
        int, typer.Option(min=0, help="Only with so many likes, replies and the like.")
    ] = 0,
    owned: Annotated[
        bool | None,
        typer.Option("--owned/--not-owned", help="Only the brands' own posts; --not-owned: none."),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(help="Who is told, by name or id; repeatable. Default: the only one."),
    ] = None,
    cooldown: Annotated[
        str, typer.Option(help="How long before the same subject is told again: 30m, 2h, 1d.")
    ] = "0s",
    severity: Annotated[str, typer.Option(help="info, warning or critical.")] = "info",
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Make a rule. It looks at what comes in from now on; history never alerts."""
    from app.cli import ruling
    from app.cli.running import with_services

    wanted = ruling.Wanted(
        name=name, kind=kind, over=over, window=window, brands=brand or (), labels=label or (),
        langs=text_lang or (), sources=source or (), min_followers=min_followers,
        min_engagement=min_engagement, owned=owned, channels=channel or (), cooldown=cooldown,
        severity=severity,
    )  # fmt: skip
    made = with_services(lambda services: ruling.add(services, wanted, watchlist=watchlist))
    console.show(made.record(), as_json=as_json)
    if not made.channels:
        console.say(
            console.t(
                fr="vigie: cette règle n’écrit à personne, ses alertes sont sur la page ; d’abord "
                "`vigie channel add`, puis refaites-la",
                en="vigie: this rule tells nobody, its alerts are on the page; first "
                "`vigie channel add`, then make it again",
            )
        )


@console.command(rules, "list", example="vigie rule list --json")
def list_(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """List the rules; without --watchlist, those of all watchlists."""
    from app.cli import ruling
    from app.cli.running import with_services

    found = with_services(lambda services: ruling.all_rules(services, watchlist))
    records = [one.record() for one in found]
    if not as_json:
        records = [one | {"channels": ", ".join(one["channels"])} for one in records]
    columns = ["id", "name", "kind", "when", "severity", "channels", "active"]
    console.show_all(columns, records, as_json=as_json)


@console.command(rules, "remove", example="vigie rule remove 'Busy hour'")
def remove(
    rule: Annotated[str, typer.Argument(help="Name or id.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Remove a rule with its alerts."""
    from app.cli import ruling
    from app.cli.running import with_services

    row = with_services(lambda services: ruling.remove(services, rule, watchlist=watchlist))
    console.removed(
        row, as_json=as_json,
        fr="règle retirée, avec ses alertes", en="rule removed, with its alerts",
    )  # fmt: skip


@console.command(alerts, "list", example="vigie alert list --state open")
def list_alerts(
    state: Annotated[str | None, typer.Option(help="open or resolved; default: both.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 50,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """List a watchlist's alerts, open and resolved, newest first."""
    from app.cli import ruling
    from app.cli.running import with_services

    found = with_services(
        lambda services: ruling.list_alerts(services, watchlist=watchlist, state=state, limit=limit)
    )
    columns = ["id", "opened_at", "state", "severity", "rule", "brand", "count", "resolved_at"]
    console.show_all(columns, [one.record() for one in found], as_json=as_json)
