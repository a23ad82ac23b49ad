"""What a watchlist and a brand may be called and hold. Pure; problems are values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

NAME_LIMIT = 120
LANGUAGES = ("fr", "en")
KINDS = ("own", "competitor", "market")
_LIST_LIMIT = 50
_HOST = re.compile(r"^(?=.{4,253}$)([\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}$")


SearchState = Literal["waiting", "running", "done", "stopped"]
"""Of the search of the past; stopped: a newer wording took its place, or the brand was put away."""


@dataclass(frozen=True, slots=True)
class Search:
    """How far the search of the stored posts with a wording is.

    total: posts stored when it began, None where that is not known (yet); percent: share of them,
    100 only at the end.
    """

    state: SearchState
    searched: int
    total: int | None
    percent: int

    @property
    def is_counted(self) -> bool:
        """False where it was over before there were counters: what it changed is not known."""
        return self.state != "done" or self.total is not None


def search_of(*, begun: bool, ended: bool, searched: int, total: int | None) -> Search:
    """What the marks of a wording say. begun: a window has been searched."""
    known = max(total or 0, searched)
    share = min(searched * 100 // known, 99) if known else 0
    if not ended:
        return Search("running" if begun else "waiting", searched, total, share)
    if total is not None and searched < total:
        return Search("stopped", searched, total, share)
    return Search("done", searched, total, 100)


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be accepted: the field, and a sentence in each language."""

    field: str
    en: str
    fr: str


def clean_name(name: str) -> str:
    """White space collapsed, control characters out."""
    return " ".join("".join(c for c in name if c.isprintable() or c.isspace()).split())


def name_problem(name: str) -> Problem | None:
    if 1 <= len(name) <= NAME_LIMIT:
        return None
    return Problem(
        "name",
        f"Give a name of 1 to {NAME_LIMIT} characters.",
        f"Donnez un nom de 1 à {NAME_LIMIT} caractères.",
    )


def zone_problem(zone: str) -> Problem | None:
    known = available_timezones()
    if zone in known:
        return None
    near = nearest_zone(zone, known)
    return Problem(
        "zone",
        f"Unknown time zone “{zone}”" + (f": did you mean {near}?" if near else ": try UTC."),
        f"Fuseau horaire inconnu : « {zone} »"
        + (f" ; vouliez-vous dire {near} ?" if near else " ; essayez UTC."),
    )


def nearest_zone(zone: str, known: Iterable[str]) -> str | None:
    """The known zone that somebody most likely meant: by its whole name, else by its city."""
    by_form = {name.casefold(): name for name in sorted(known)}
    wanted = zone.strip().casefold().replace(" ", "_")
    near = difflib.get_close_matches(wanted, by_form, n=1, cutoff=0.7)
    if near:
        return by_form[near[0]]
    by_city = {name.casefold().rsplit("/", 1)[-1]: name for name in sorted(known)}
    city = difflib.get_close_matches(wanted.rsplit("/", 1)[-1], by_city, n=1, cutoff=0.7)
    return by_city[city[0]] if city else None


def choice_problem(field: str, value: str, allowed: Sequence[str]) -> Problem | None:
    if value in allowed:
        return None
    choices = ", ".join(allowed)
    return Problem(field, f"“{value}”: choose one of {choices}.", f"« {value} » : {choices}.")


def clean_domain(domain: str) -> str:
    """`https://www.Example.fr/x` → `example.fr`."""
    text = domain.strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    return host.removeprefix("www.").rstrip(".")


def domain_problem(domain: str) -> Problem | None:
    if _HOST.match(domain):
        return None
    return Problem(
        "domains",
        f"“{domain}” is not a site name: write for example example.fr.",
        f"« {domain} » n’est pas un nom de site : écrivez par exemple exemple.fr.",
    )


def clean_handle(handle: str) -> str:
    """`@Decathlon` → `decathlon`."""
    return handle.strip().lstrip("@").casefold()


def clean_list(values: Iterable[str]) -> list[str]:
    """Trimmed, blanks out, each once, at most fifty."""
    kept = dict.fromkeys(clean_name(value) for value in values)
    return [value for value in kept if value][:_LIST_LIMIT]
