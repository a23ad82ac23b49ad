"""Feeds of a watchlist out of and into OPML. Each is added as by `add_source`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import AppError, Invalid, StoreBusy, StoreFull
from app.sources.opml import NotOpml, Outline, read_opml, write_opml
from app.sources.service import add_source, list_sources
from app.watchlists.service import get_watchlist

if TYPE_CHECKING:
    from app.services import Services

FEED_KIND = "rss"

Progress = Callable[[int, int], None]
"""Called with the outlines done and those in all."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An outline that gave no source. number: of the feeds in the file, from 1."""

    number: int
    name: str
    reason: AppError


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlReport:
    """What became of a list. duplicates: in the watchlist already, or twice in the file."""

    added: int
    duplicates: int
    refused: Sequence[Refused] = ()


async def export_opml(services: Services, watchlist_id: int) -> str:
    """The feeds of a watchlist; sources of other kinds have no place in OPML. Raises NotFound."""
    rows = await list_sources(services, watchlist_id)
    watchlist = await get_watchlist(services, watchlist_id)
    feeds = [(row.name, str(row.config["url"])) for row in rows if row.kind == FEED_KIND]
    return write_opml(f"Vigie: {watchlist.name}", feeds)


async def import_opml(
    services: Services,
    watchlist_id: int,
    raw: bytes,
    *,
    actor: str = "system",
    progress: Progress | None = None,
) -> OpmlReport:
    """Add the feeds of a list, due at once. A bad outline is told and stops no other.

    Raises Invalid where the file cannot be used, NotFound, StoreBusy, StoreFull; started again,
    what was added counts as a duplicate.
    """
    outlines = await asyncio.to_thread(_read, raw)
    known = {row.id for row in await list_sources(services, watchlist_id)}
    added, refused = 0, list[Refused]()
    for done, outline in enumerate(outlines, start=1):
        one = await _added(services, watchlist_id, outline, actor)
        if isinstance(one, Refused):
            refused.append(one)
        elif one not in known:
            known.add(one)
            added += 1
        if progress:
            progress(done, len(outlines))
    return OpmlReport(added=added, duplicates=len(outlines) - added - len(refused), refused=refused)


async def _added(
    services: Services, watchlist_id: int, outline: Outline, actor: str
) -> int | Refused:
    """The id of the source, new or known; or why there is none."""
    try:
        if not outline.url:
            raise _no_address()
        row = await add_source(
            services, kind=FEED_KIND, name=outline.name, config={"url": outline.url},
            watchlist_id=watchlist_id, actor=actor,
        )  # fmt: skip
    except (StoreBusy, StoreFull):
        raise
    except Invalid as error:
        return Refused(outline.number, outline.name, error)
    return row.id


def _read(raw: bytes) -> list[Outline]:
    try:
        return read_opml(raw)
    except NotOpml as error:
        raise Invalid(f"OPML: {error}.", fr=f"OPML : {error.fr}.", field="body") from error


def _no_address() -> Invalid:
    return Invalid("no address of a feed (xmlUrl)", fr="pas d’adresse de flux (xmlUrl)")
