"""What `source export`, `source import` and `source rotate-secret` do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import console, listening
from app.cli.pick import watchlist as find
from app.cli.running import ACTOR
from app.errors import Invalid
from app.intake import service as intake
from app.sources.exchange import OpmlReport, export_opml, import_opml

if TYPE_CHECKING:
    from app.services import Services


async def export(services: Services, watchlist: str | None) -> str:
    """Raises NotFound, Invalid."""
    return await export_opml(services, (await find(services, watchlist)).id)


async def bring_in(services: Services, file: Path, watchlist: str | None) -> OpmlReport:
    """Raises Invalid (unreadable), NotFound."""
    where = await find(services, watchlist)
    raw = _read(file)
    with console.progress(file.name) as bar:
        return await import_opml(services, where.id, raw, actor=ACTOR, progress=bar.to)


async def rotate_secret(services: Services, wanted: str) -> dict[str, Any]:
    """The source with its new secret. Raises NotFound, Invalid."""
    where, row = await listening.located(services, wanted)
    row, made = await intake.rotate(services, where, row.id, actor=ACTOR)
    return listening.made_record(services, row, made)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(
            f"{file}: cannot be read ({error.strerror}).",
            fr=f"{file} : lecture impossible ({error.strerror}).",
            field="file",
        ) from error


def tell(report: OpmlReport, *, as_json: bool) -> None:
    """Counts on standard output, each refused outline on standard error."""
    language = console.language()
    if as_json:
        refused = [
            {"number": one.number, "name": one.name, "reason": one.reason.text(language)}
            for one in report.refused
        ]
        console.write_json(
            {"added": report.added, "duplicates": report.duplicates, "refused": refused}
        )
        return
    console.write(
        console.t(
            fr=f"{report.added} ajoutées, {report.duplicates} déjà là, "
            f"{len(report.refused)} refusées",
            en=f"{report.added} added, {report.duplicates} there already, "
            f"{len(report.refused)} refused",
        )
    )
    for one in report.refused:
        console.say(f"vigie: {one.number}. {one.name}: {one.reason.text(language)}")
