"""`vigie` and its groups of commands."""

from __future__ import annotations

import sys
from typing import Annotated

import click
import typer

from app.cli import console, filters, service
from app.errors import AppError

root = typer.Typer(
    name="vigie",
    help="Vigie: who speaks of your brand and of its competitors, told in time.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
service.register(root)
filters.register(root)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vigie {version('vigie-veille')}")
        raise typer.Exit


@root.callback()
def _options(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="Language of messages: fr or en.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = console.language(lang)


def run() -> None:
    """Run the command line; every expected error is one line and an exit code."""
    try:
        code = root(standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as wrong:
        wrong.show()
        code = console.WRONG_USE
    except click.Abort:
        code = 130
    except AppError as error:
        console.say(f"vigie: {error.text(console.language())}")
        code = console.WRONG_USE
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong.
        sys.stderr.close()
        code = console.DONE
    sys.exit(code if isinstance(code, int) else console.DONE)
