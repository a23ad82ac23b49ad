"""check rollups, backup, restore: keeping what was collected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.console import AsJson
from app.cli.source import InWatchlist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.check import Checked
    from app.services import Services
    from app.trends.rollup import Difference

checks = console.subgroup("Checks of what is stored.")

SHOWN = 20
"""Differences told one by one."""


def register(root: typer.Typer) -> None:
    root.add_typer(checks, name="check")
    console.command(root, example="vigie backup /mnt/safe/vigie.db")(backup)
    console.command(root, example="vigie restore var/backups/vigie-20261123T090000.db")(restore)


@console.command(checks, "rollups", example="vigie check rollups --watchlist Decathlon")
def rollups(watchlist: InWatchlist = None, as_json: AsJson = False) -> None:
    """Prove the counts equal to a recount of every mention. Exit code 1 where one differs."""
    from app.cli.running import with_services

    found = with_services(lambda services: _differences(services, watchlist))
    if as_json:
        console.write_json(
            [
                {"table": one.table, "key": list(one.key), "stored": list(one.stored),
                 "counted": list(one.counted)}
                for one in found
            ]
        )  # fmt: skip
    else:
        _tell(found)
    console.settle(bad=bool(found))


@console.command(checks, "search", example="vigie check search --rebuild")
def search(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove that the search index holds the words of every item. Exit code 1 where it does not."""
    from app.cli.running import with_services

    found = with_services(lambda services: _checked(services, rebuild=rebuild))
    if as_json:
        console.write_json(
            {
                "items": found.items, "waiting": found.waiting, "broken": found.broken,
                **{name: [str(one) for one in getattr(found, name)] for name in _FAULTS},
            }
        )  # fmt: skip
    else:
        _tell_search(found)
    console.settle(bad=found.bad)


_FAULTS = ("missing", "wrong", "stray")


async def _checked(services: Services, *, rebuild: bool) -> Checked:
    from app.search import check

    if rebuild:
        await check.rebuild(services)
    return await check.check(services)


def _tell_search(found: Checked) -> None:
    waiting = found.waiting
    if not found.bad:
        console.write(
            console.t(
                fr=f"{found.items} publications, index juste ({waiting} en attente)",
                en=f"{found.items} posts, the index is right ({waiting} waiting)",
            )
        )
        return
    counts = ", ".join(f"{name}: {len(getattr(found, name))}" for name in _FAULTS)
    console.say(
        console.t(
            fr=f"vigie: l’index de recherche diffère ({found.broken or counts}) : "
            "`vigie check search --rebuild`",
            en=f"vigie: the search index differs ({found.broken or counts}): "
            "`vigie check search --rebuild`",
        )
    )


async def _differences(services: Services, wanted: str | None) -> Sequence[Difference]:
    from app.cli.pick import watchlist
    from app.trends.rollup import check_rollups

    one = None if wanted is None else (await watchlist(services, wanted)).id
    return await check_rollups(services, one)


def _tell(found: Sequence[Difference]) -> None:
    if not found:
        console.write(console.t(fr="les comptes sont justes", en="the counts equal a recount"))
    for one in found[:SHOWN]:
        console.say(
            console.t(
                fr=f"vigie: {one.table} {one.key} : compté {one.stored}, recompté {one.counted}",
                en=f"vigie: {one.table} {one.key}: stored {one.stored}, recounted {one.counted}",
            )
        )
    if len(found) > SHOWN:
        rest = len(found) - SHOWN
        console.say(console.t(fr=f"vigie: et {rest} autres", en=f"vigie: and {rest} more"))


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; default: a new file in DATA_DIR/backups.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a whole, checked copy of the database, beside the running service (SQLite)."""
    from app.cli import backups

    made = backups.backup(file)
    if as_json:
        console.write_json({"file": made.file, "bytes": made.size, "key_file": made.key_file})
        return
    console.write(str(made.file))
    console.say(
        console.t(
            fr=f"{made.size / 1e6:.1f} Mo. La clé des secrets n’y est pas : gardez aussi une "
            f"copie de {made.key_file}, ailleurs",
            en=f"{made.size / 1e6:.1f} MB. The key of the secrets is not in it: keep a copy of "
            f"{made.key_file} too, elsewhere",
        )
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A copy made by `vigie backup`.")],
    as_json: AsJson = False,
) -> None:
    """Put a copy in the place of the database; what was there is kept beside it.

    Refuses while a service runs, and a copy that is broken or of a newer Vigie.
    """
    from app.cli import backups

    kept = backups.restore(file)
    if as_json:
        console.write_json({"kept": kept})
        return
    console.say(
        console.t(
            fr=f"base remise en place ; l’ancienne : {kept or 'aucune'}. Ensuite : `vigie migrate`",
            en=f"database restored; the one before: {kept or 'none'}. Next: `vigie migrate`",
        )
    )
