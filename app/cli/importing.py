"""import: a file of posts, through the same pipeline, as history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from app.ingest.service import ImportReport
    from app.services import Services


def register(root: typer.Typer) -> None:
    console.command(root, "import", example="vigie import posts.csv --map created_at=published_at")(
        import_
    )


def import_(
    file: Annotated[Path, typer.Argument(help="JSON Lines or CSV.")],
    watchlist: InWatchlist = None,
    source: Annotated[str, typer.Option(help="Name shown as their source.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="A key of the file and ours."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring in a file of posts. Counted in trends by their date; never alerts.

    Works beside the running service; started again after a stop it goes on where it was.
    Unreadable records go to FILE.rejected.jsonl with line and reason, and the exit code is 1.
    """
    from app.cli.running import with_services

    keys = _keys(mapping or ())
    report = with_services(
        lambda services: _import(services, file, watchlist=watchlist, source=source, keys=keys)
    )
    _tell(report, as_json=as_json)
    console.settle(bad=report.rejected > 0)


def _keys(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for theirs, equals, ours in pairs:
        if not (equals and theirs and ours):
            console.fail(
                console.t(
                    fr=f"--map {theirs}{equals}{ours} : écrivez LEUR_CLÉ=LA_NÔTRE",
                    en=f"--map {theirs}{equals}{ours}: write THEIR_KEY=OUR_KEY",
                )
            )
    return {theirs: ours for theirs, _, ours in pairs}


async def _import(
    services: Services, file: Path, *, watchlist: str | None, source: str, keys: dict[str, str]
) -> ImportReport:
    from app.cli.pick import watchlist as find
    from app.ingest.service import import_file

    where = await find(services, watchlist)
    with console.progress(file.name, unit="bytes") as bar:
        return await import_file(
            services, file, watchlist_id=where.id, source_name=source, mapping=keys,
            progress=lambda done, total: bar.to(done, total),
        )  # fmt: skip


def _tell(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        console.write_json(asdict(report))
        return
    again = console.t(
        fr=f" (repris à {report.resumed_at})", en=f" (resumed at {report.resumed_at})"
    )
    console.write(
        console.t(
            fr=f"{report.records} lus, {report.stored} nouveaux, {report.duplicates} déjà connus, "
            f"{report.rejected} refusés, {report.mentions} mentions",
            en=f"{report.records} read, {report.stored} new, {report.duplicates} known, "
            f"{report.rejected} rejected, {report.mentions} mentions",
        )
        + (again if report.resumed_at else "")
    )
    if report.rejected:
        console.say(
            console.t(
                fr=f"vigie: {report.rejected} enregistrements illisibles : voir "
                f"{report.rejected_file}",
                en=f"vigie: {report.rejected} unreadable records: see {report.rejected_file}",
            )
        )
