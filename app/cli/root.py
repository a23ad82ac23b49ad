"""`vigie` and its groups of commands. Modules of commands import what they need when they run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Annotated

import typer

from app.cli import console
from app.cli.usage import in_french
from app.errors import AppError, StoreBusy, StoreFull
from app.lang import LANGUAGES

MODULES = (
    "processes", "doctor", "demo", "watch", "source", "sources_more", "account", "channel", "rule",
    "digest", "access", "filters", "trial", "relevance", "importing", "keeping", "privacy",
)  # fmt: skip
"""Each has `register(root)`. The order is that of `vigie --help`."""

BROKEN_PIPE, INTERRUPTED = 0, 130


def build() -> typer.Typer:
    """The whole command line."""
    root = typer.Typer(
        name="vigie",
        help="Vigie: who speaks of your brand and of its competitors, told in time.",
        no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
        rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    root.callback()(_options)
    for name in MODULES:
        import_module(f"app.cli.{name}").register(root)
    return root


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vigie {version('vigie-veille')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="Language of messages: fr or en.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if lang is not None and lang not in LANGUAGES:
        raise typer.BadParameter("fr | en", param_hint="--lang")
    context.obj = console.speak(lang)


def _early_lang(arguments: Sequence[str]) -> str | None:
    """--lang before the command: a wrong command must be refused in that language too."""
    for given, value in pairwise([*arguments, ""]):
        if not given.startswith("-"):
            return None
        if given == "--lang":
            return value
        if given.startswith("--lang="):
            return given.removeprefix("--lang=")
    return None


def run() -> None:
    """Run the command line; every expected error is one line and an exit code."""
    console.speak(_early_lang(sys.argv[1:]))
    try:
        code = build()(standalone_mode=False)
    except typer.TyperException as wrong:
        code = _wrong_use(wrong)
    except typer.Abort:
        code = INTERRUPTED
    except (StoreBusy, StoreFull) as passing:
        # Nothing is wrong with what was asked; it could not be done now.
        console.say(f"vigie: {passing.text(console.language())}")
        code = console.BAD
    except AppError as error:
        console.say(f"vigie: {error.text(console.language())}")
        code = console.WRONG_USE
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong. Python would complain
        # when it flushes at the end, so there is nothing left to flush to.
        sys.stdout = None
        code = BROKEN_PIPE
    except OSError as error:
        console.say(f"vigie: {_os_words(error)}")
        code = console.BAD
    sys.exit(code if isinstance(code, int) else console.DONE)


def _wrong_use(wrong: typer.TyperException) -> int:
    message = wrong.format_message()
    if "\n" in message:  # a group without a command: its help
        sys.stderr.write(message + "\n")
        return console.WRONG_USE
    said = message.rstrip(".")
    path = getattr(getattr(wrong, "ctx", None), "command_path", "vigie") or "vigie"
    hint = console.t(fr=f"voir `{path} --help`", en=f"see `{path} --help`")
    console.say(f"vigie: {in_french(said) if console.language() == 'fr' else said} ({hint})")
    return console.WRONG_USE


def _os_words(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or type(error).__name__}"
