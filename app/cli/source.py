"""source add, list, check, poll, pause, resume, remove."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import console, exchange
from app.cli.console import AsJson

group = console.subgroup("Sources: where Vigie listens.")

InWatchlist = Annotated[
    str | None, typer.Option("--watchlist", "-w", help="Name or id; default: the only one.")
]
Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config", "-c", metavar="KEY=VALUE|JSON", help="Its settings; repeatable, or one object."
    ),
]


def register(root: typer.Typer) -> None:
    exchange.register(group)
    root.add_typer(group, name="source")


@console.command(
    group, "add", example="vigie source add rss --config url=https://example.org/feed.xml"
)
def add(
    kind: Annotated[
        str | None, typer.Argument(help="rss, bluesky, mastodon …: `vigie source kinds`.")
    ] = None,
    config: Config = None,
    name: Annotated[str | None, typer.Option(help="Its name; default: kind and place.")] = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Add a source to a watchlist; the service reads it at once.

    On a terminal what is missing is asked for; a secret is not shown while it is typed.
    """
    import sys

    from app.cli import listening, sourcing
    from app.cli.running import with_services

    asking = sys.stdin.isatty() and not as_json
    if kind is None:
        if not asking:
            console.fail(console.t(fr="nommez un type de source", en="name a kind of source"))
        kind = str(typer.prompt(console.t(fr="type de source", en="kind of source"), err=True))
    chosen = kind
    if asking:
        config = sourcing.ask_config(chosen, config or ())
    made = with_services(
        lambda services: listening.add(
            services, kind=chosen, name=name, given=config or (), watchlist=watchlist
        )
    )
    console.show(made, as_json=as_json)


@console.command(group, "list", example="vigie source list --watchlist Decathlon")
def list_(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """List the sources and how they are; without --watchlist, all of them."""
    from app.cli import listening
    from app.cli.running import with_services

    rows = with_services(lambda services: listening.all_sources(services, watchlist))
    columns = ["id", "kind", "name", "state", "last_ok_at", "next_poll_at", "last_error"]
    console.show_all(columns, [listening.record(row) for row in rows], as_json=as_json)


@console.command(group, "kinds", example="vigie source kinds --json")
def kinds_(as_json: AsJson = False) -> None:
    """List the kinds of sources that are installed, with their settings."""
    from dataclasses import asdict

    from app.sources.service import kinds

    records = [asdict(kind) for kind in kinds()]
    for record in records:
        record["settings"] = ", ".join(record["config_schema"].get("properties", {}))
    console.show_all(["kind", "summary", "settings"], records, as_json=as_json)


@console.command(group, "check", example="vigie source check --kind rss --config url=URL")
def check(
    source: Annotated[str | None, typer.Argument(help="Name or id of a stored source.")] = None,
    kind: Annotated[str | None, typer.Option(help="Check this kind before adding it.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make one cheap call: does the source work? Exit code 1 where it does not."""
    from app.cli import listening
    from app.cli.running import with_services

    if (source is None) == (kind is None):
        console.fail(
            console.t(
                fr="nommez une source, ou un type avec --kind et --config",
                en="name a source, or a kind with --kind and --config",
            )
        )
    checked = with_services(
        lambda services: listening.check(services, source=source, kind=kind, given=config or ())
    )
    if as_json:
        console.write_json({"ok": checked.ok, "message": checked.message})
    elif checked.ok:
        console.write(console.t(fr="la source répond", en="the source answers"))
    else:
        console.say(f"vigie: {checked.message}")
    console.settle(bad=not checked.ok)


@console.command(group, "poll", example="vigie source poll --all")
def poll(
    source: Annotated[str | None, typer.Argument(help="Name or id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every source.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be stored; store nothing.")
    ] = False,
    kind: Annotated[
        str | None, typer.Option(help="With --dry-run: this kind, before it is added.")
    ] = None,
    config: Config = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Read sources now, whatever their due time. Exit code 1 where one could not be read."""
    from app.cli import listening
    from app.cli.running import with_services

    if dry_run:
        _dry_run(source, kind=kind, config=config, watchlist=watchlist, as_json=as_json)
        return
    if (source is None) != everything:
        console.fail(console.t(fr="nommez une source, ou --all", en="name a source, or give --all"))
    polls = with_services(
        lambda services: listening.poll(services, source=source, watchlist=watchlist)
    )
    if as_json:
        console.write_json([one.record() for one in polls])
    for one in () if as_json else polls:
        (console.write if one.answered else console.say)(one.line())
    console.settle(bad=not all(one.answered for one in polls))


@console.command(group, "pause", example="vigie source pause 'Hacker News'")
def pause(
    source: Annotated[str, typer.Argument(help="Name or id.")], as_json: AsJson = False
) -> None:
    """Stop reading a source until it is resumed."""
    _set_state(source, resume=False, as_json=as_json)


@console.command(group, "resume", example="vigie source resume 'Hacker News'")
def resume(
    source: Annotated[str, typer.Argument(help="Name or id.")], as_json: AsJson = False
) -> None:
    """Read a source again, after a pause or after what was wrong has been put right."""
    _set_state(source, resume=True, as_json=as_json)


@console.command(group, "remove", example="vigie source remove 'Hacker News'")
def remove(
    source: Annotated[str, typer.Argument(help="Name or id.")],
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Take a source out of a watchlist; what it brought stays."""
    from app.cli import listening
    from app.cli.running import with_services

    row = with_services(lambda services: listening.remove(services, source, watchlist=watchlist))
    console.removed(
        row, as_json=as_json,
        fr="source retirée ; ce qu’elle a apporté reste",
        en="source removed; what it brought stays",
    )  # fmt: skip


def _set_state(source: str, *, resume: bool, as_json: bool) -> None:
    from app.cli import listening
    from app.cli.running import with_services

    row = with_services(lambda services: listening.set_state(services, source, resume=resume))
    console.show(listening.record(row), as_json=as_json)


def _dry_run(
    source: str | None, *, kind: str | None, config: list[str] | None, watchlist: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    from app.cli import sourcing
    from app.cli.running import with_services
    from collectors.errors import CollectorError

    if (source is None) == (kind is None):
        told = console.t(
            fr="nommez une source, ou un type avec --kind et --config",
            en="name a source, or a kind with --kind and --config",
        )
        console.fail(told)
    try:
        run = with_services(
            lambda services: sourcing.dry_run(
                services, source=source, kind=kind, given=config or (), wanted=watchlist
            )
        )
    except CollectorError as error:
        console.fail(str(error), console.BAD)
    records = sourcing.dry_run_records(run)
    console.show_all(["new", "published_at", "brands", "title", "url"], records, as_json=as_json)
    new = sum(record["new"] for record in records)
    console.say(
        console.t(
            fr=f"{len(records)} lus en {run.asked} requêtes, {new} nouveaux, "
            f"{len(run.skipped)} illisibles ; rien n’a été enregistré",
            en=f"{len(records)} read in {run.asked} requests, {new} new, "
            f"{len(run.skipped)} unreadable; nothing was stored",
        )
    )
