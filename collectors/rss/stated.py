"""When a feed itself asks not to be read: `ttl`, `sy:updatePeriod`, `skipHours`, `skipDays`. Pure.

Sources: RSS 2.0 (https://www.rssboard.org/rss-specification), and the syndication module of RSS 1.0
(https://web.resource.org/rss/1.0/modules/syndication/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

DAY: Final = timedelta(hours=24)
_HOUR: Final = timedelta(hours=1)
_SOON: Final = timedelta(minutes=15)
"""When a feed without a ttl is asked again at the earliest: whether that hour is one to skip."""
_PERIODS: Final = {
    "hourly": _HOUR,
    "daily": DAY,
    "weekly": DAY * 7,
    "monthly": DAY * 30,
    "yearly": DAY * 365,
}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HEAD_LIMIT: Final = 65_536
_LIST_LIMIT: Final = 2_048
_NUMBER: Final = re.compile(rb"<hour>\s{0,20}(\d{1,2})\s{0,20}</hour>", re.IGNORECASE)
_NAME: Final = re.compile(rb"<day>\s{0,20}([A-Za-z]{6,9})\s{0,20}</day>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """ttl: seconds, at most a day; hours (UTC, 0..23) and days (Monday is 0) to skip."""

    ttl: int = 0
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    def wait(self, now: datetime) -> float:
        """Seconds in which the feed says that nothing is to be had; 0.0 where it says nothing."""
        at = now + timedelta(seconds=self.ttl)
        if not (self.hours or self.days):
            return float(self.ttl)
        asked = max(at, now + _SOON)
        while self._skips(asked) and asked < now + DAY:
            asked = asked.replace(minute=0, second=0, microsecond=0) + _HOUR
            at = asked
        return (min(at, now + DAY) - now).total_seconds()

    def _skips(self, at: datetime) -> bool:
        return at.hour in self.hours or at.weekday() in self.days

    def to_cursor(self) -> JsonValue:
        return [self.ttl, list(self.hours), list(self.days)]

    @classmethod
    def from_cursor(cls, kept: JsonValue) -> Stated:
        match kept:
            case [int(ttl), list(hours), list(days)]:
                return cls(
                    min(max(ttl, 0), int(DAY.total_seconds())),
                    tuple(hour for hour in hours if isinstance(hour, int)),
                    tuple(day for day in days if isinstance(day, int)),
                )
        return cls()


def stated(head: Mapping[str, object], data: bytes) -> Stated:
    """What a feed says. head: of feedparser, which keeps only the last hour and day of a list."""
    lead = data[:_HEAD_LIMIT]
    return Stated(
        _ttl(head),
        tuple(sorted({int(hour) % 24 for hour in _listed(lead, b"skiphours", _NUMBER)})),
        tuple(sorted({_DAYS.index(day) for day in _names(lead)})),
    )


def _ttl(head: Mapping[str, object]) -> int:
    """The longer of both ways to say it, in seconds."""
    minutes = _whole(head.get("ttl"))
    period = _PERIODS.get(str(head.get("sy_updateperiod", "")).strip().lower())
    times = max(_whole(head.get("sy_updatefrequency")), 1)
    waits = [timedelta(minutes=minutes), period / times if period else timedelta(0)]
    return int(min(max(waits), DAY).total_seconds())


def _whole(value: object) -> int:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _listed(data: bytes, name: bytes, entry: re.Pattern[bytes]) -> Iterator[str]:
    start = data.lower().find(b"<" + name + b">")
    if start >= 0:
        for found in entry.finditer(data, start, start + _LIST_LIMIT):
            yield found[1].decode("ascii")


def _names(data: bytes) -> Iterator[str]:
    for name in _listed(data, b"skipdays", _NAME):
        if name.lower() in _DAYS:
            yield name.lower()
