"""`python -m app.cli.reference` prints docs/reference/commands.md from the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from app.cli.root import build


def commands(node: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command with its full name, in the order of the help."""
    node = node or typer.main.get_command(build())
    path = path or ("vigie",)
    children = getattr(node, "commands", None)
    if children is None:
        yield " ".join(path), node
        return
    for name, child in children.items():
        yield from commands(child, (*path, name))


def page() -> str:
    """The reference page of all commands, in Markdown."""
    lines = [
        "# Commands\n",
        "<!-- made by `python -m app.cli.reference`; a test keeps it true -->\n",
        "Results go to standard output, all other words to standard error, in French or English",
        "(`vigie --lang fr …`, `VIGIE_LANG`, then the locale). Exit codes: 0 done, 1 done but",
        "something was bad (it is named) or could not be done now, 2 wrong use.\n",
    ]
    for name, command in commands():
        lines += [f"## {name}\n", *_section(command)]
    return "\n".join(lines).rstrip() + "\n"


def _section(command: Any) -> Iterator[str]:
    yield " ".join((command.help or "").split()) + "\n"
    yield f"```sh\n{example(command)}\n```\n"
    parameters = [one for one in command.params if one.name != "help"]
    if parameters:
        yield "| parameter | default | meaning |"
        yield "|---|---|---|"
        yield from (_row(one) for one in parameters)
        yield ""


def example(command: Any) -> str:
    """The example that a command's help ends with; "" where it has none."""
    _, found, text = (command.epilog or "").partition("Example: ")
    return text.strip() if found else ""


def _row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    names = parameter.name.upper() if is_argument else ", ".join(parameter.opts)
    if parameter.metavar:
        names = parameter.metavar if is_argument else f"{names} {parameter.metavar}"
    blank = parameter.default in (None, "", False, [], ()) or callable(parameter.default)
    default = "" if blank else f"`{parameter.default}`"
    cells = (f"`{names}`", default, parameter.help or "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
