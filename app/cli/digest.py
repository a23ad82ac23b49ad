"""digest preview, send, subscribe, unsubscribe, list: the daily mail."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist
from app.lang import LANGUAGES

if TYPE_CHECKING:
    from app.models import DigestSubscription

group = console.subgroup("Daily digests: seen, sent, subscribed to.")

Subscription = Annotated[
    str | None, typer.Option(help="Id of a subscription; see `vigie digest list`.")
]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="digest")


@console.command(group, "preview", example="vigie digest preview --date 2026-11-23 --out d.html")
def preview(
    watchlist: InWatchlist = None,
    subscription: Subscription = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Date it is sent on, YYYY-MM-DD; default: today.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="fr or en; default: the reader's.")] = None,
    out: Annotated[Path | None, typer.Option(help="File; default: standard output.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Plain text instead of HTML.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the digest that would be sent, as HTML, without sending it."""
    from app.cli import digests
    from app.cli.running import with_services

    if lang is not None and lang not in LANGUAGES:
        console.fail("--lang: fr | en")
    wanted = _date(day)
    made = with_services(
        lambda services: digests.preview(
            services, watchlist=watchlist, subscription=subscription, day=wanted, lang=lang
        )
    )
    if as_json:
        console.write_json({"subject": made.subject, "html": made.html, "text": made.text})
        return
    body = made.text if text else made.html
    if out is None:
        typer.echo(body)
        return
    out.write_text(body, "utf-8")
    console.say(console.t(fr=f"{made.subject} : écrit dans {out}",
                          en=f"{made.subject}: written to {out}"))  # fmt: skip


def _date(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        console.fail(
            console.t(
                fr=f"--date {given} : écrivez AAAA-MM-JJ", en=f"--date {given}: write YYYY-MM-DD"
            )
        )


@console.command(group, "send", example="vigie digest send --watchlist Decathlon")
def send(
    watchlist: InWatchlist = None, subscription: Subscription = None, as_json: AsJson = False
) -> None:
    """Send today's digest once more, now. Exit code 1 where it did not leave, with the reason."""
    from app.cli import digests
    from app.cli.running import with_services

    sent = with_services(
        lambda services: digests.send(services, watchlist=watchlist, subscription=subscription)
    )
    if as_json:
        console.write_json([{"id": one.id, "state": one.state, "error": one.error} for one in sent])
    for one in () if as_json else sent:
        (console.write if one.state == "sent" else console.say)(
            f"{one.id} {one.state} {one.error}".strip()
        )
    console.settle(bad=any(one.state != "sent" for one in sent))


@console.command(group, "subscribe", example="vigie digest subscribe --channel Team --at 07:30")
def subscribe(
    channel: Annotated[str | None, typer.Option(help="Name or id; default: the only one.")] = None,
    at: Annotated[str, typer.Option(help="Local time, HH:MM.")] = "08:00",
    zone: Annotated[str | None, typer.Option(help="Time zone; default: the watchlist's.")] = None,
    lang: Annotated[str | None, typer.Option(help="fr or en; default: the watchlist's.")] = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Send a digest to a channel every day."""
    from app.cli import digests
    from app.cli.running import with_services

    row = with_services(
        lambda services: digests.subscribe(
            services, watchlist=watchlist, channel=channel, at=at, zone=zone, lang=lang
        )
    )
    console.show(_record(row), as_json=as_json)


@console.command(group, "unsubscribe", example="vigie digest unsubscribe 481949183253580786")
def unsubscribe(
    subscription: Annotated[
        str | None,
        typer.Argument(help="Its id; see `vigie digest list`. Default: the only one."),
    ] = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """Stop a daily digest. Those already sent stay; `digest subscribe` begins anew."""
    from app.cli import digests
    from app.cli.running import with_services

    row = with_services(
        lambda services: digests.unsubscribe(
            services, watchlist=watchlist, subscription=subscription
        )
    )
    console.show(_record(row), as_json=as_json)


@console.command(group, "list", example="vigie digest list --json")
def list_(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """List a watchlist's subscriptions."""
    from app.cli import digests
    from app.cli.running import with_services

    rows = with_services(lambda services: digests.subscriptions(services, watchlist))
    columns = ["id", "channel_id", "language", "zone", "send_at", "active", "next_due_at"]
    console.show_all(columns, [_record(row) for row in rows], as_json=as_json)


def _record(row: DigestSubscription) -> dict[str, Any]:
    return {
        "id": str(row.id), "watchlist_id": str(row.watchlist_id),
        "channel_id": str(row.channel_id), "language": row.language, "zone": row.zone,
        "send_at": row.send_at, "active": row.active and row.unsubscribed_at is None,
        "next_due_at": row.next_due_at,
    }  # fmt: skip
