"""doctor: is everything well, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli import console
from app.cli.console import AsJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.doctor.service import Finding


def register(root: typer.Typer) -> None:
    console.command(root, example="vigie doctor --json")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look at everything Vigie needs: a line each, with what to do. Exit code 1 where something
    is bad. Changes nothing."""
    found = _examined()
    if as_json:
        console.write_json(
            [
                {"check": one.check, "state": one.state, "message": one.text(console.language())}
                for one in found
            ]
        )
    for one in () if as_json else found:
        console.write(f"{one.state:<5} {one.check:<9} {one.text(console.language())}")
    console.settle(bad=any(one.state == "bad" for one in found))


def _examined() -> Sequence[Finding]:
    import asyncio

    import app
    from app.cli.shadow import shadowed
    from app.config import load_settings
    from app.doctor import rules
    from app.doctor.service import examine, examine_machine
    from app.errors import SetupError
    from app.logs import configure_logs

    found = examine_machine(shadowed(app.__file__))
    try:
        settings = load_settings()
    except SetupError as error:
        return [*found, rules.settings(error.fr, error.message)]
    configure_logs(settings.model_copy(update={"log_level": "ERROR"}))
    with console.progress("doctor") as bar:
        return [*found, *asyncio.run(examine(settings, bar.step))]
