"""demo load, demo clear: a made-up watchlist to look at, and away with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli import console
from app.cli.console import AsJson

if TYPE_CHECKING:
    from app.demo.service import DemoReport
    from app.services import Services

group = console.subgroup("The demo: a made-up watchlist that sends nothing.")


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="demo")


@console.command(group, "load", example="vigie demo load")
def load(as_json: AsJson = False) -> None:
    """Bring the demo: ninety made-up days of a French brand, beside a running service or not.

    Its channel is a console, so nothing leaves the machine. Refused where it is loaded already.
    """
    from app.cli.running import with_services

    report = with_services(_load, make=True)
    if as_json:
        console.write_json(
            {"watchlist_id": str(report.watchlist_id), "items": report.items,
             "mentions": report.mentions, "alerts": report.alerts, "digests": report.digests}
        )  # fmt: skip
        return
    console.write(
        console.t(
            fr=f"démo chargée : {report.items} textes, {report.mentions} mentions, "
            f"{report.alerts} alertes, {report.digests} récaps",
            en=f"demo loaded: {report.items} items, {report.mentions} mentions, "
            f"{report.alerts} alerts, {report.digests} digests",
        )
    )
    console.say(
        console.t(
            fr="Ensuite : `vigie serve` et la page d’accueil ; `vigie demo clear` enlève tout.",
            en="Next: `vigie serve` and its front page; `vigie demo clear` takes all of it away.",
        )
    )


async def _load(services: Services) -> DemoReport:
    from app.demo.service import load_demo

    label = console.t(fr="90 jours de démo", en="90 days of demo")
    with console.progress(label) as bar:
        return await load_demo(services, progress=bar.to)


@console.command(group, "clear", example="vigie demo clear")
def clear(as_json: AsJson = False) -> None:
    """Take the demo away, with all that was said in it."""
    from app.cli.running import with_services
    from app.demo.service import clear_demo

    removed = with_services(clear_demo)
    if as_json:
        console.write_json({"items": removed})
        return
    console.write(
        console.t(fr=f"démo enlevée : {removed} textes", en=f"demo removed: {removed} items")
        if removed
        else console.t(fr="il n’y a pas de démo ici", en="there is no demo here")
    )
