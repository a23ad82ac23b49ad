"""When an account is read, and what its figures say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

AGAIN = timedelta(hours=6)
"""After a failure. One snapshot a day is wanted; a day has four tries."""
HANDLE_LIMIT = 200


def local_day(now: datetime, zone: str) -> str:
    """The watchlist's local date, as the snapshots name it."""
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


def next_reading(now: datetime, zone: str, *, spread: float) -> datetime:
    """The next local day, a little after it began; `spread` 0..1 shares the load over an hour."""
    there = ZoneInfo(zone)
    tomorrow = now.astimezone(there).date() + timedelta(days=1)
    begins = datetime.combine(tomorrow, time(0, 10), there)
    return (begins + timedelta(minutes=60 * spread)).astimezone(now.tzinfo)


def clean_handle(handle: str) -> str:
    """As a person writes it, without white space and a leading @; "" where nothing is left."""
    return "".join(handle.split()).lstrip("@")[:HANDLE_LIMIT]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one day said; None where the platform did not tell."""

    day: str
    followers: int | None


def growth(figures: Sequence[Figure]) -> int | None:
    """Followers won from the first to the last known day; None with fewer than two."""
    known = [one.followers for one in figures if one.followers is not None]
    return known[-1] - known[0] if len(known) > 1 else None
