"""Numbers, dates and foreign text as a French or an English reader expects them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

_MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
           "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}  # fmt: skip
_DAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
_THIN = "\u202f"


def safe_link(url: str) -> str:
    """The address where it is http(s) with a host, else "": what `javascript:` becomes."""
    try:
        parts = urlsplit(url.strip())
        return url.strip() if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """The host of a safe link, for people to see where it leads."""
    safe = safe_link(url)
    return (urlsplit(safe).hostname or "").removeprefix("www.") if safe else ""


@dataclass(frozen=True, slots=True)
class Formats:
    """What templates call; `lang` is fr or en."""

    lang: str

    def number(self, value: float) -> str:
        text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
        if self.lang == "fr":
            return text.replace(",", _THIN).replace(".", ",")
        return text

    def percent(self, part: float, *, digits: int = 0) -> str:
        """0.123 → "12 %" or "12%"."""
        text = f"{part * 100:.{digits}f}"
        return f"{text.replace('.', ',')}{_THIN}%" if self.lang == "fr" else f"{text}%"

    def signed_percent(self, part: float) -> str:
        sign = "+" if part > 0 else "−" if part < 0 else "±"
        return sign + self.percent(abs(part))

    def points(self, part: float) -> str:
        """0.031 → "+3,1 pt": a difference of percentages."""
        sign = "+" if part > 0.0005 else "−" if part < -0.0005 else "±"
        text = f"{abs(part) * 100:.1f}"
        return f"{sign}{text.replace('.', ',') if self.lang == 'fr' else text}{_THIN}pt"

    def day(self, day: date | str) -> str:
        """23 nov. / 23 Nov."""
        day = date.fromisoformat(day) if isinstance(day, str) else day
        return f"{day.day} {_MONTHS[self.lang][day.month - 1]}"

    def long_day(self, day: date) -> str:
        return f"{_DAYS[self.lang][day.weekday()]} {self.day(day)} {day.year}"

    def moment(self, at: datetime, zone: str) -> str:
        """23 nov., 10:42 in that zone."""
        local = at.astimezone(ZoneInfo(zone))
        return f"{self.day(local.date())}, {local:%H:%M}"

    def ago(self, at: datetime, now: datetime) -> str:
        """How long since, in one unit."""
        seconds = max(int((now - at).total_seconds()), 0)
        for size, fr, en in (
            (86_400, "j", "d"), (3_600, "h", "h"), (60, "min", "min")
        ):  # fmt: skip
            if seconds >= size:
                unit = fr if self.lang == "fr" else en
                text = f"{seconds // size}{_THIN}{unit}"
                return f"il y a {text}" if self.lang == "fr" else f"{text} ago"
        return "à l’instant" if self.lang == "fr" else "just now"
