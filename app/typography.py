"""Numbers, dates and quotation marks as French and English readers expect them. Pure.

French: narrow no-break space in thousands and before ; ! ? %, no-break space before : and inside
« », comma for decimals. English: comma for thousands, “ ”. Dates are given with their zone
already applied.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

NARROW = "\u202f"
FIXED = "\u00a0"

_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip

_SHORT_FR = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip
_SHORT_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def known(lang: str) -> str:
    """The language to write in: French where asked for, else English."""
    return "fr" if lang.lower().startswith("fr") else "en"


def number(value: float, lang: str, *, digits: int = 0) -> str:
    """1234.5 → "1 234,5" or "1,234.5" (with `digits` decimals); the minus is a real one."""
    shown = f"{abs(value):,.{digits}f}"
    sign = "−" if value < 0 and float(shown.replace(",", "")) else ""
    if known(lang) == "fr":
        shown = shown.replace(",", NARROW).replace(".", ",")
    return sign + shown


def signed(value: float, lang: str, *, digits: int = 0) -> str:
    """A difference: always with its sign, but a plain 0."""
    shown = number(value, lang, digits=digits)
    return f"+{shown}" if value > 0 and shown.strip("0.,") else shown


def percent(share: float, lang: str, *, digits: int = 0) -> str:
    """0.256 → "26 %" or "26%"."""
    shown = number(share * 100, lang, digits=digits)
    return f"{shown}{NARROW}%" if known(lang) == "fr" else f"{shown}%"


def signed_percent(share: float, lang: str, *, digits: int = 0) -> str:
    """0.25 → "+25 %" or "+25%"."""
    shown = signed(share * 100, lang, digits=digits)
    return f"{shown}{NARROW}%" if known(lang) == "fr" else f"{shown}%"


def quoted(text: str, lang: str) -> str:
    """« text » or “text”."""
    return f"«{FIXED}{text}{FIXED}»" if known(lang) == "fr" else f"“{text}”"


def colon(lang: str) -> str:
    """The colon with the spaces it wants around it."""
    return f"{FIXED}: " if known(lang) == "fr" else ": "


def weekday(day: date, lang: str) -> str:
    return _DAYS[known(lang)][day.weekday()]


def long_date(day: date, lang: str) -> str:
    """ "dimanche 22 novembre 2026" or "Sunday 22 November 2026"; the first is "1er" in French."""
    number_of_day = "1er" if known(lang) == "fr" and day.day == 1 else str(day.day)
    month = _MONTHS[known(lang)][day.month - 1]
    return f"{weekday(day, lang)} {number_of_day}{FIXED}{month} {day.year}"


def short_date(day: date, lang: str) -> str:
    """ "22 nov." or "22 Nov"; French months of up to five letters keep their whole name."""
    month = (_SHORT_FR if known(lang) == "fr" else _SHORT_EN)[day.month - 1]
    return f"{day.day}{FIXED}{month}"


def clock_time(at: datetime, zone: str) -> str:
    """ "09:05" in the zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def moment(at: datetime, zone: str, lang: str) -> str:
    """ "22 nov. à 09:05" or "22 Nov at 09:05", in the zone."""
    local = at.astimezone(ZoneInfo(zone))
    joint = "à" if known(lang) == "fr" else "at"
    return f"{short_date(local.date(), lang)} {joint}{FIXED}{local:%H:%M}"
