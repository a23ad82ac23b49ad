"""How commands speak: results on standard output, everything else on standard error.

Exit codes: 0 done, 1 done but something was bad (named), 2 wrong use.
Whatever is imported here is paid for by `vigie --version`: rich is not.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer

from app.lang import LANGUAGES

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

DONE, BAD, WRONG_USE = 0, 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable answer.")]

Command = TypeVar("Command", bound=Callable[..., Any])

_spoken: ContextVar[str | None] = ContextVar("vigie_language", default=None)


def command(
    group: typer.Typer, name: str | None = None, *, example: str
) -> Callable[[Command], Command]:
    """Register a command with the example that its help ends with."""
    return group.command(name, epilog=f"\b\nExample: {example}")


def subgroup(help_text: str) -> typer.Typer:
    """A group of commands, set up as all of them are."""
    return typer.Typer(
        help=help_text, no_args_is_help=True, rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip


def speak(asked: str | None) -> str:
    """Choose the language of this run: --lang, VIGIE_LANG, the locale, English."""
    chosen = _first_known(asked, os.environ.get("VIGIE_LANG"), *_locale())
    _spoken.set(chosen)
    return chosen


def language() -> str:
    """The language of this run."""
    return _spoken.get() or speak(None)


def t(*, fr: str, en: str) -> str:
    """The sentence in the language of this run."""
    return fr if language() == "fr" else en


def _locale() -> Iterator[str | None]:
    yield locale.getlocale()[0]
    # Python leaves LC_MESSAGES alone at its start, so the environment is asked too.
    yield from (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))


def _first_known(*candidates: str | None) -> str:
    codes = ((candidate or "")[:2].lower() for candidate in candidates)
    return next((code for code in codes if code in LANGUAGES), "en")


def say(text: str) -> None:
    """Words for people, on standard error. Foreign text in them cannot drive the terminal."""
    sys.stderr.write("\n".join(_flat(line) for line in text.split("\n")) + "\n")
    sys.stderr.flush()


def write(text: str) -> None:
    """One line of result on standard output."""
    sys.stdout.write(_flat(text) + "\n")


def write_json(value: object) -> None:
    """One JSON document on standard output. Ids are strings, as in the API."""
    import orjson

    shown = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    sys.stdout.buffer.write(shown + b"\n")
    sys.stdout.flush()


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on standard output; plain tab-separated lines when it is no terminal."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            sys.stdout.write("\t".join(_flat(cell) for cell in row) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*[Text(_flat(cell)) for cell in row])
    Console(highlight=False).print(table)


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """A record: JSON for machines, `name  value` lines for people."""
    if as_json:
        write_json(value)
        return
    width = max((len(key) for key in value), default=0)
    for key, shown in value.items():
        sys.stdout.write(f"{key:<{width}}  {_flat(shown)}\n")


def show_all(
    columns: Sequence[str], records: Sequence[Mapping[str, Any]], *, as_json: bool
) -> None:
    """Records: a JSON list of all they hold, or a table of these columns."""
    if as_json:
        write_json(list(records))
    else:
        write_table(columns, [[record[name] for name in columns] for record in records])


def removed(row: Any, *, as_json: bool, fr: str, en: str) -> None:
    """What a removal answers: the row that was, by id and name."""
    if as_json:
        write_json({"id": str(row.id), "name": row.name})
    else:
        write(t(fr=f"{row.name} : {fr}", en=f"{row.name}: {en}"))


def confirm(question: str, *, refusal: str) -> None:
    """Ask a person; where nobody can answer, refuse as wrong use and name --yes."""
    if not sys.stdin.isatty():
        fail(refusal)
    typer.confirm(_flat(question), abort=True, err=True)


def fail(message: str, code: int = WRONG_USE) -> NoReturn:
    """End with one line on standard error."""
    say(f"vigie: {message}")
    raise typer.Exit(code)


def settle(*, bad: bool) -> None:
    """End with exit code 1 where something was bad; its name has been told."""
    if bad:
        raise typer.Exit(BAD)


@dataclass(frozen=True, slots=True)
class Bar:
    """A progress bar on standard error; silent when that is no terminal."""

    _bar: Progress
    _task: TaskID

    def to(self, done: float, total: float | None = None) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def step(self, label: str) -> None:
        self._bar.update(self._task, advance=1, description=_flat(label))


@contextmanager
def progress(
    label: str, total: float | None = None, *, unit: Literal["steps", "bytes"] = "steps"
) -> Iterator[Bar]:
    """Show how far a long command is. total: None where it is not known before."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    amount = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), amount, TimeElapsedColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True,
    )  # fmt: skip
    with bar:
        yield Bar(bar, bar.add_task(label, total=total))


def write_private(path: Path, value: object) -> None:
    """A JSON document into a new file that only its owner may read. Raises OSError."""
    import orjson

    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2) + b"\n")


def _flat(cell: object) -> str:
    if isinstance(cell, datetime):
        cell = f"{cell:%Y-%m-%d %H:%M:%SZ}"  # the store's times are UTC
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)
