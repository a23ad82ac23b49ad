"""What `query set` and `query show` do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from app.cli import console
from app.cli.pick import pick
from app.cli.pick import watchlist as the_only
from app.cli.running import ACTOR
from app.errors import NotFound
from app.models import Brand, QueryVersion
from app.services import Services
from app.watchlists.service import (
    current_query,
    list_brands,
    restore_query,
    search_of_version,
    set_query,
)


@dataclass(frozen=True, slots=True)
class Worded:
    """A brand and its query. is_new: it was given just now."""

    brand: Brand
    version: QueryVersion
    is_new: bool = False


async def show(services: Services, wanted: str, *, watchlist: str | None) -> Worded:
    """Raises NotFound, Invalid."""
    brand = await _brand(services, wanted, watchlist)
    version = await current_query(services, brand.watchlist_id, brand.id)
    if version is None:
        raise NotFound(
            f"{brand.name} has no query yet: `vigie query set`",
            fr=f"{brand.name} n’a pas encore de requête : `vigie query set`",
        )
    return Worded(brand, version)


async def set_(services: Services, wanted: str, text: str, *, watchlist: str | None) -> Worded:
    """Raises NotFound, Invalid."""
    brand = await _brand(services, wanted, watchlist)
    before = await current_query(services, brand.watchlist_id, brand.id)
    made = await set_query(services, brand.watchlist_id, brand.id, text, actor=ACTOR)
    return Worded(brand, made, is_new=before is None or before.id != made.id)


async def restore(services: Services, wanted: str, number: int, *, watchlist: str | None) -> Worded:
    """Raises NotFound, Invalid."""
    brand = await _brand(services, wanted, watchlist)
    before = await current_query(services, brand.watchlist_id, brand.id)
    made = await restore_query(services, brand.watchlist_id, brand.id, number, actor=ACTOR)
    return Worded(brand, made, is_new=before is None or before.id != made.id)


async def _brand(services: Services, wanted: str, watchlist: str | None) -> Brand:
    where = await the_only(services, watchlist)
    return pick(await list_brands(services, where.id), wanted, fr="marque", en="brand")


def tell(found: Worded, *, as_json: bool) -> None:
    """The query on standard output, the words about it on standard error."""
    version = found.version
    if as_json:
        console.write_json(
            {"brand": {"id": str(found.brand.id), "name": found.brand.name},
             "number": version.number, "query": version.text, "author": version.author,
             "created_at": version.created_at, "searched_at": version.rematched_at,
             "search": _search(version), "is_new": found.is_new}
        )  # fmt: skip
        return
    console.write(version.text)
    at, name = search_of_version(version), shlex.quote(found.brand.name)
    if version.rematched_at is None:
        console.say(
            console.t(
                fr=f"version {version.number} : le passé est en cours de recherche, par le service "
                f"(`vigie serve`) : {at.percent} %, {_changed(version)} ; pour voir où cela en "
                f"est : `vigie query show {name}`",
                en=f"version {version.number}: the past is being searched, by the service "
                f"(`vigie serve`): {at.percent}%, {_changed(version)}; to see how far it is: "
                f"`vigie query show {name}`",
            )
        )
    elif not found.is_new:
        changed = f" ({_changed(version)})" if at.is_counted else ""
        console.say(
            console.t(
                fr=f"version {version.number}, en vigueur ; le passé a été parcouru{changed}",
                en=f"version {version.number}, in force; the past has been searched{changed}",
            )
        )


def _search(version: QueryVersion) -> dict[str, object]:
    at = search_of_version(version)
    return {
        "state": at.state, "searched": at.searched, "total": at.total, "percent": at.percent,
        "added": version.rematch_added if at.is_counted else None,
        "removed": version.rematch_removed if at.is_counted else None,
        "kept": version.rematch_kept if at.is_counted else None,
    }  # fmt: skip


def _changed(version: QueryVersion) -> str:
    return f"mentions +{version.rematch_added} −{version.rematch_removed}"
