"""What a changelog gained: version numbers, dated entries, headings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from collectors.webpage.lines import Line

_VERSION: Final = re.compile(
    r"(?<![\w.,/])(?:v|version|release|rev)?[ .]?(\d{1,4}(?:\.\d{1,4}){1,3}"
    r"(?:-(?:alpha|beta|rc|pre|preview|dev)[.\d]{0,8})?)"
    r"(?![\w/%€$]|[.,]\d| ?(?:€|\$|£|%|Mo\b|Go\b|MB\b|GB\b|ms\b|s\b))",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"\b(?:v|version|release)[ .]?(\d{1,4})(?![\w.,])", re.IGNORECASE)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv january jan", "février fevrier févr february feb", "mars march mar",
            "avril avr april apr", "mai may", "juin june jun", "juillet juil july jul",
            "août aout august aug", "septembre sept september sep", "octobre oct october",
            "novembre nov november", "décembre decembre déc december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO: Final = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_SLASHED: Final = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b")
_DAY_FIRST: Final = re.compile(
    r"\b(\d{1,2})(?:er|st|nd|rd|th)? ([^\W\d_]{3,9})\.?,? ((?:19|20)\d\d)\b"
)
_MONTH_FIRST: Final = re.compile(
    r"\b([^\W\d_]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """In the page's order, each once."""

    versions: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    headings: tuple[str, ...] = ()


def news_of(added: Iterable[Line], known: Iterable[Line], *, lang: str) -> News:
    """What the added lines of a changelog announce that no line before did."""
    added = list(added)
    old = {one for line in known for one in versions_in(line.text)}
    old_dates = {one for line in known if (one := date_in(line.text, lang=lang))}
    fresh = [one for line in added for one in versions_in(line.text) if one not in old]
    dated = [date_in(line.text, lang=lang) for line in added if len(line.text) <= 80 or line.level]
    return News(
        versions=tuple(dict.fromkeys(fresh)),
        dates=tuple(dict.fromkeys(one for one in dated if one and one not in old_dates)),
        headings=tuple(dict.fromkeys(line.text for line in added if line.level)),
    )


def versions_in(text: str) -> list[str]:
    """Version numbers, dates such as 20.11.2026 left out."""
    without = _SLASHED.sub(" ", _ISO.sub(" ", text))
    found = [one[1] for one in _VERSION.finditer(without)]
    return found + [one[1] for one in _NAMED.finditer(without)]


def date_in(text: str, *, lang: str) -> date | None:
    """The first full date of a line; 03/04/2026 is in April in French, in March in English."""
    if iso := _ISO.search(text):
        return _date(iso[1], iso[2], iso[3])
    if slashed := _SLASHED.search(text):
        first, second = slashed[1], slashed[2]
        day_first = lang == "fr" or "." in slashed[0] or int(first) > 12
        return _date(slashed[3], second, first) if day_first else _date(slashed[3], first, second)
    if found := _DAY_FIRST.search(text):
        return _date(found[3], str(_MONTHS.get(found[2].casefold(), 0)), found[1])
    if found := _MONTH_FIRST.search(text):
        return _date(found[3], str(_MONTHS.get(found[1].casefold(), 0)), found[2])
    return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
