"""From what a person typed to a row: by id, by name, else an error that names the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from app.errors import Invalid, NotFound

if TYPE_CHECKING:
    from app.models import Watchlist
    from app.services import Services


class Named(Protocol):
    """A row people know by its name."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


Row = TypeVar("Row", bound=Named)


def pick(rows: Sequence[Row], wanted: str, *, fr: str, en: str) -> Row:
    """The row with that id or name, whatever its case.

    fr, en: what such a row is called ("canal", "channel"). Raises NotFound naming the nearest,
    Invalid where several bear the name.
    """
    key = wanted.strip().casefold()
    found = [row for row in rows if str(row.id) == key]
    found = found or [row for row in rows if row.name.casefold() == key]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(row.id) for row in found)
        raise Invalid(
            f"several are called '{wanted}' ({en}): name one by its id: {ids}",
            fr=f"plusieurs s’appellent « {wanted} » ({fr}) : donnez l’identifiant : {ids}",
        )
    raise _unknown(wanted, [row.name for row in rows], fr=fr, en=en)


def _unknown(wanted: str, names: Sequence[str], *, fr: str, en: str) -> NotFound:
    by_form = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(wanted.casefold(), by_form, n=1, cutoff=0.5)
    listed = ", ".join(names[:10])
    if near:
        hint_fr, hint_en = (
            f"vouliez-vous dire « {by_form[near[0]]} » ?",
            (f"did you mean '{by_form[near[0]]}'?"),
        )
    elif names:
        hint_fr, hint_en = f"il y a : {listed}", f"there are: {listed}"
    else:
        hint_fr, hint_en = "il n’y en a pas encore", "there is none yet"
    return NotFound(
        f"no {en} '{wanted}'; {hint_en}", fr=f"« {wanted} » : {fr} introuvable ; {hint_fr}"
    )


def known(value: str, allowed: Sequence[str], *, option: str) -> str:
    """The value, which is one of a few words. Raises Invalid naming the nearest."""
    if value in allowed:
        return value
    near = difflib.get_close_matches(value.casefold(), allowed, n=1, cutoff=0.5)
    if near:
        raise Invalid(
            f"{option} {value}: did you mean '{near[0]}'?",
            fr=f"{option} {value} : vouliez-vous dire « {near[0]} » ?",
        )
    listed = ", ".join(allowed)
    raise Invalid(
        f"{option} {value}: choose one of {listed}", fr=f"{option} {value} : choisissez : {listed}"
    )


def the_watchlist(rows: Sequence[Watchlist], wanted: str | None) -> Watchlist:
    """The named watchlist; without a name the only one, the demo left aside.

    Raises NotFound, Invalid.
    """
    if wanted is not None:
        return pick(rows, wanted, fr="veille", en="watchlist")
    own = [row for row in rows if not row.is_demo] or list(rows)
    if len(own) == 1:
        return own[0]
    if not own:
        raise NotFound(
            "there is no watchlist yet: `vigie watch new NAME`, or `vigie demo load`",
            fr="il n’y a pas encore de veille : `vigie watch new NOM`, ou `vigie demo load`",
        )
    names = ", ".join(row.name for row in own)
    raise Invalid(
        f"say which watchlist, with --watchlist: {names}",
        fr=f"dites quelle veille, avec --watchlist : {names}",
    )


async def watchlist(services: Services, wanted: str | None) -> Watchlist:
    """`the_watchlist` among those stored."""
    from app.watchlists.service import list_watchlists

    return the_watchlist(await list_watchlists(services), wanted)
