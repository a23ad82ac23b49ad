"""Filters: score, query, feed. A stream in, one JSON object a line out, in bounded memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
import typer

from app.cli import console

query_group = typer.Typer(help="Try, explain and check queries.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    root.command()(score)
    root.command()(feed)
    root.add_typer(query_group, name="query")


def _lines() -> Iterator[str]:
    """Standard input, line by line; bytes that are not UTF-8 become U+FFFD, never a crash."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace")


class Complaints:
    """Bad input lines, told on standard error as they come."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, reason: str) -> None:
        self.count += 1
        console.say(f"vigie: line {number}: {reason}")


def _pour(lines: Iterable[str], bad: Complaints) -> None:
    for line in lines:
        sys.stdout.write(line if line.endswith("\n") else line + "\n")
    sys.stdout.flush()
    raise typer.Exit(console.BAD if bad.count else console.DONE)


def score(
    tier: Annotated[str | None, typer.Option(help="fast or best (default).")] = None,
    target: Annotated[str | None, typer.Option(help="Judge what is said of this.")] = None,
) -> None:
    """Judge texts: JSON Lines {"id","text","lang"?,"target"?} in, verdicts out.

    Example: echo '{"id":1,"text":"Un régal !"}' | vigie score
    """
    from nlp.score import score_lines

    if tier not in {None, "fast", "best"}:
        console.fail(f"--tier {tier}: choose fast or best")
    bad = Complaints()
    _pour(score_lines(_lines(), tier=tier, target=target, on_error=bad), bad)


@query_group.command("test")
def query_test(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The query; put -- before it.")],
    all_lines: Annotated[
        bool, typer.Option("--all", help='Write every line, with "match": true or false.')
    ] = False,
    tz: Annotated[str, typer.Option(help="Zone of dates in the query.")] = "Europe/Paris",
) -> None:
    """Which items match: JSON Lines of items in, the matching ones with their spans out.

    Example: vigie query test -- 'decathlon SAUF vélo' < items.jsonl
    """
    from nlp.query.filtering import filter_lines

    from nlp.query import lint

    parsed = _parsed(query, context.obj)
    try:
        zone = ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        console.fail(f"--tz {tz}: unknown time zone")
    for note in lint(parsed):
        console.say(note.message(context.obj))
    bad = Complaints()
    _pour(filter_lines(_lines(), parsed, all_lines=all_lines, tz=zone, on_error=bad), bad)


@query_group.command("explain")
def query_explain(context: typer.Context, query: Annotated[str, typer.Argument()]) -> None:
    """Say in plain words what a query finds."""
    from nlp.query import explain

    typer.echo(explain(_parsed(query, context.obj), context.obj))


@query_group.command("lint")
def query_lint(
    context: typer.Context,
    query: Annotated[str, typer.Argument()],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What in a query is likely not meant."""
    from nlp.query import lint

    notes = lint(_parsed(query, context.obj))
    if as_json:
        console.write_json(
            [{"code": n.code, "position": n.position, "message": n.message("en")} for n in notes]
        )
    for note in () if as_json else notes:
        typer.echo(note.message(context.obj))


def _parsed(query: str, lang: str):  # type: ignore[no-untyped-def]  # nlp's Query, imported late
    from nlp.query import QueryError, parse

    try:
        return parse(query)
    except QueryError as error:
        console.say(error.caret("fr" if lang == "fr" else "en"))
        raise typer.Exit(console.WRONG_USE) from error


def feed(
    places: Annotated[list[str], typer.Argument(metavar="FILE or URL …")],
    as_json: Annotated[bool, typer.Option("--json", help="One item a line.")] = False,
) -> None:
    """Read feeds of any format and write their items as the RSS collector sees them."""
    bad = 0
    for place in places:
        try:
            data, url = _fetch(place)
            bad += not _write_feed(place, data, url, as_json=as_json)
        except (OSError, ValueError) as error:
            console.say(f"{place}: {error}")
            bad += 1
    raise typer.Exit(console.BAD if bad else console.DONE)


def _fetch(place: str) -> tuple[bytes, str]:
    if not place.startswith(("http://", "https://")):
        return Path(place).read_bytes(), ""
    from app.cli.fetching import fetch

    return asyncio.run(fetch(place)), place


def _write_feed(place: str, data: bytes, url: str, *, as_json: bool) -> bool:
    from collectors.errors import CollectorError
    from collectors.rss.feedfile import feed_lines, read_feed

    try:
        parsed = read_feed(data, url=url)
    except CollectorError as error:
        console.say(f"{place}: {error}")
        return False
    count = 0
    for line in feed_lines(parsed):
        count += 1
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(line, default=str) + b"\n")
        else:
            typer.echo(f"{line.get('published_at') or '':<26} {line['title']}  {line['url']}")
    sys.stdout.flush()
    console.say(f"{place}: {parsed.format}, {count} items")
    return True
