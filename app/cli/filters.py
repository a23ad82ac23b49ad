"""Filters: score, query, feed. A stream in, one JSON object a line out, in bounded memory.

`query set` and `query show` are of the same group: the query of a brand.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from nlp.query import Note, Query

query_group = console.subgroup("Try, explain, check and set queries.")


def register(root: typer.Typer) -> None:
    console.command(root, example="""echo '{"id":1,"text":"Un régal !"}' | vigie score""")(score)
    console.command(root, example="vigie feed feed.xml https://example.org/rss --json")(feed)
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
        console.say(console.t(fr=f"ligne {number} : {reason}", en=f"line {number}: {reason}"))


def _pour(lines: Iterable[str], bad: Complaints) -> None:
    out = sys.stdout.buffer
    for line in lines:
        # A locale's own encoding must not change what JSON says, nor fail on it.
        out.write(line.rstrip("\n").encode("utf-8", "replace") + b"\n")
    out.flush()
    console.settle(bad=bad.count > 0)


def score(
    tier: Annotated[
        str | None, typer.Option(help="fast: language and sentiment. best (default): names too.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Judge what is said of this.")] = None,
) -> None:
    """Judge texts: JSON Lines {"id","text","lang"?,"target"?} in, verdicts out."""
    from nlp.score import score_lines

    if tier not in {None, "fast", "best"}:
        console.fail(
            console.t(
                fr=f"--tier {tier} : choisissez fast ou best",
                en=f"--tier {tier}: choose fast or best",
            )
        )
    bad = Complaints()
    _pour(score_lines(_lines(), tier=tier, target=target, on_error=bad), bad)


QueryText = Annotated[str, typer.Argument(metavar="QUERY", help="The query; put -- before it.")]


@console.command(
    query_group, "test", example="vigie query test -- 'decathlon SAUF vélo' < items.jsonl"
)
def query_test(
    query: QueryText,
    all_lines: Annotated[
        bool, typer.Option("--all", help='Write every line, with "match": true or false.')
    ] = False,
    tz: Annotated[str, typer.Option(help="Zone of dates without one.")] = "Europe/Paris",
) -> None:
    """Which items match: JSON Lines of items in, the matching ones with their spans out."""
    from nlp.query import filter_lines, lint

    parsed = _parsed(query)
    zone = _zone(tz)
    for note in lint(parsed):
        console.say(note.message(_lang()))
    bad = Complaints()
    _pour(filter_lines(_lines(), parsed, all_lines=all_lines, tz=zone, on_bad_line=bad), bad)


@console.command(query_group, "explain", example="vigie query explain -- 'a AND (b OR c)'")
def query_explain(query: QueryText) -> None:
    """Say in plain words what a query finds."""
    from nlp.query import explain

    typer.echo(explain(_parsed(query), _lang()))


@console.command(query_group, "lint", example="vigie query lint -- 'orange NOT fruit'")
def query_lint(
    query: QueryText,
    brand: Annotated[
        str | None,
        typer.Option(help="Measure on the stored posts, with the marks of this brand."),
    ] = None,
    watchlist: InWatchlist = None,
    as_json: AsJson = False,
) -> None:
    """What in a query is likely not meant.

    With --brand or --watchlist also what the stored posts say: exclusions that take nothing away,
    and terms to add that separate what people marked relevant from noise.
    """
    from nlp.query import lint

    tree = _parsed(query)
    if brand is None and watchlist is None:
        _tell_notes(query, lint(tree), as_json=as_json)
        return
    from app.cli import trying
    from app.cli.running import with_services

    found = with_services(
        lambda services: trying.preview(services, query, brand=brand, watchlist=watchlist)
    )
    if as_json:
        trying.write_lint(found, _lang())
        return
    _tell_notes(query, found.notes, as_json=False)
    trying.tell_suggestions(found, _lang())


def _tell_notes(query: str, notes: Sequence[Note], *, as_json: bool) -> None:
    from nlp.query.pointing import pointed

    if as_json:
        console.write_json([_as_json(note) for note in notes])
    for note in () if as_json else notes:
        shown = pointed(query, note.position, note.message(_lang()), end=note.end)
        for line in shown.split("\n"):
            console.write(line)


def _as_json(note: Note) -> dict[str, object]:
    return {
        "code": note.code,
        "position": note.position,
        "end": note.end,
        "message": note.message(_lang()),
        "suggestion": note.suggestion,
    }


@console.command(
    query_group,
    "translate",
    example="vigie query translate --from brandwatch -- 'apple NEAR/2f juice NOT {BT}'",
)
def query_translate(
    query: QueryText,
    dialect: Annotated[
        str, typer.Option("--from", help="auto, brandwatch, mention or talkwalker.")
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Put a query of another tool into Vigie's language, and say what is not carried over.

    The result on standard output; the explanation, with the parts underlined, on standard error.
    Exit code 0 where it finds the same, 1 where something differs, 2 where it cannot be read.
    """
    from nlp.query.translate import DIALECTS, translate, underlined

    if dialect not in DIALECTS:
        console.fail(
            console.t(
                fr=f"--from {dialect} : choisissez auto, brandwatch, mention ou talkwalker",
                en=f"--from {dialect}: choose auto, brandwatch, mention or talkwalker",
            )
        )
    made = translate(query, dialect)
    console.say(made.because.message(_lang()))
    if made.parts:
        console.say(underlined(query, made, _lang()))
    if as_json:
        console.write_json(dataclasses.asdict(made))
    elif made.query:
        console.write(made.query)
    if not made.readable:
        raise typer.Exit(console.WRONG_USE)
    console.settle(bad=not made.exact)


BrandName = Annotated[str, typer.Argument(metavar="BRAND", help="Name or id of a brand.")]


@console.command(query_group, "show", example="vigie query show Decathlon")
def query_show(brand: BrandName, watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """Print the query of a brand."""
    from app.cli import wording
    from app.cli.running import with_services

    found = with_services(lambda services: wording.show(services, brand, watchlist=watchlist))
    wording.tell(found, as_json=as_json)


@console.command(query_group, "set", example="vigie query set Decathlon -- 'decathlon SAUF emploi'")
def query_set(
    brand: BrandName, query: QueryText, watchlist: InWatchlist = None, as_json: AsJson = False
) -> None:
    """Give a brand a new query; the stored posts are searched with it too."""
    from app.cli import wording
    from app.cli.running import with_services
    from nlp.query import lint

    for note in lint(_parsed(query)):
        console.say(note.message(_lang()))
    made = with_services(lambda services: wording.set_(services, brand, query, watchlist=watchlist))
    wording.tell(made, as_json=as_json)


def _lang() -> Literal["fr", "en"]:
    return "fr" if console.language() == "fr" else "en"


def _parsed(text: str) -> Query:
    from nlp.query import QueryError, parse

    try:
        return parse(text)
    except QueryError as error:
        console.say(error.caret(_lang()))
        raise typer.Exit(console.WRONG_USE) from error


def _zone(name: str) -> ZoneInfo:
    from app.watchlists.rules import zone_problem

    if problem := zone_problem(name):
        console.fail(f"--tz: {problem.fr if _lang() == 'fr' else problem.en}")
    return ZoneInfo(name)


def feed(
    places: Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="Feeds to read.")],
    as_json: Annotated[bool, typer.Option("--json", help="One item a line.")] = False,
) -> None:
    """Read feeds of any format and write their items as the RSS collector sees them.

    Goes on after a file that is not a feed, names it, and ends with exit code 1.
    """
    import asyncio

    from app.cli import feeds

    bad = asyncio.run(feeds.write_all(places, as_json=as_json))
    console.settle(bad=bad > 0)
