"""channel add, list, test, remove: where Vigie tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import Config, InWatchlist

if TYPE_CHECKING:
    from app.models import Channel

group = console.subgroup("Channels: where alerts and digests go.")


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="channel")


@console.command(
    group, "add",
    example="vigie channel add email --name Team --config recipients=team@example.org",
)  # fmt: skip
def add(
    kind: Annotated[str, typer.Argument(help="slack, webhook, email, console …")],
    name: Annotated[str | None, typer.Option(help="Its name; default: the kind.")] = None,
    config: Config = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel to a watchlist. Secrets in --config are stored encrypted."""
    from app.cli import telling
    from app.cli.running import with_services

    added = with_services(
        lambda services: telling.add(
            services, kind=kind, name=name or kind, given=config or (), watchlist=watchlist
        )
    )
    console.show(_record(added.channel), as_json=as_json)
    if added.next_step:
        console.say(
            console.t(
                fr=f"Ensuite, une première règle : `{added.next_step}`",
                en=f"Next, a first rule: `{added.next_step}`",
            )
        )


@console.command(group, "list", example="vigie channel list --json")
def list_(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """List the channels; without --watchlist, those of all watchlists."""
    from app.cli import telling
    from app.cli.running import with_services

    rows = with_services(lambda services: telling.all_channels(services, watchlist))
    columns = ["id", "kind", "name", "state", "last_ok_at", "last_error"]
    console.show_all(columns, [_record(row) for row in rows], as_json=as_json)


@console.command(group, "test", example="vigie channel test 'Team'")
def try_out(
    channel: Annotated[
        str | None, typer.Argument(help="Name or id; default: the only one.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="The demo's channel, on this machine.")
    ] = False,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Send a test message now. Exit code 1 where it does not arrive, with the exact answer."""
    from app.cli import telling
    from app.cli.running import with_services

    row, trial = with_services(
        lambda services: telling.test(services, channel=channel, demo=demo, watchlist=watchlist)
    )
    if as_json:
        from dataclasses import asdict

        console.write_json({"channel": {"id": str(row.id), "name": row.name}, **asdict(trial)})
    elif trial.ok:
        console.write(
            console.t(
                fr=f"{row.name} ({row.kind}) : message de test envoyé en {trial.took_ms} ms",
                en=f"{row.name} ({row.kind}): test message sent in {trial.took_ms} ms",
            )
        )
    else:
        console.say(f"vigie: {row.name} ({row.kind}): {trial.error or trial.outcome}")
    console.settle(bad=not trial.ok)


@console.command(group, "remove", example="vigie channel remove 'Team'")
def remove(
    channel: Annotated[str, typer.Argument(help="Name or id.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Remove a channel with its history and digests; what waited for it is not sent."""
    from app.cli import telling
    from app.cli.running import with_services

    row, mute = with_services(
        lambda services: telling.remove(services, channel, watchlist=watchlist)
    )
    console.removed(row, as_json=as_json, fr="canal retiré", en="channel removed")
    if mute:
        names = ", ".join(mute)
        console.say(
            console.t(
                fr=f"vigie: ces règles n’écrivent plus à personne : {names}",
                en=f"vigie: these rules tell nobody any more: {names}",
            )
        )


def _record(row: Channel) -> dict[str, Any]:
    """What may be shown of a channel: no secret is in it."""
    return {
        "id": str(row.id), "watchlist_id": str(row.watchlist_id), "kind": row.kind,
        "name": row.name, "state": row.state, "config": row.config,
        "last_ok_at": row.last_ok_at, "last_error": row.last_error,
    }  # fmt: skip
