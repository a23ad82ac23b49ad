"""How commands speak: results on standard output, everything else on standard error.

Exit codes: 0 done, 1 done but something was bad (named), 2 wrong use.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.lang import LANGUAGES

DONE, BAD, WRONG_USE = 0, 1, 2


def language(asked: str | None = None) -> str:
    """--lang, then VIGIE_LANG, then the locale, then English."""
    candidates = (asked, os.environ.get("VIGIE_LANG"), locale.getlocale()[0])
    for candidate in candidates:
        code = (candidate or "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


def say(text: str) -> None:
    """One line for people, on standard error."""
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def write_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.buffer.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.flush()


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on standard output; plain tab-separated lines when it is no terminal."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            sys.stdout.write("\t".join(_flat(cell) for cell in row) + "\n")
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*[_flat(cell) for cell in row])
    Console(highlight=False, markup=False).print(table)


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """A record: JSON for machines, `name  value` lines for people."""
    if as_json:
        write_json(value)
        return
    width = max((len(key) for key in value), default=0)
    for key, shown in value.items():
        sys.stdout.write(f"{key:<{width}}  {_flat(shown)}\n")


def fail(message: str, code: int = WRONG_USE) -> NoReturn:
    """End with one line on standard error."""
    say(f"vigie: {message}")
    raise typer.Exit(code)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Progress]:
    """A bar on standard error; nothing when that is no terminal."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=False,
    )  # fmt: skip
    with bar:
        bar.add_task(label, total=total)
        yield bar


def _flat(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)
