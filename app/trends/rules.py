"""Windows, buckets and ratios of trends. Pure.

Days are local dates of the watchlist's zone, hours its local hours, weeks begin on Monday: a day
at a clock change has 23 or 25 hours and each of them is a bucket of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["hour", "day", "week"]
BUCKETS: tuple[Bucket, ...] = ("hour", "day", "week")
MAX_SLOTS = 2_500
"""Points of one line at most: 100 days by hour."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LABELS = ("positive", "neutral", "negative")
NOT_JUDGED = "none"


@dataclass(frozen=True, slots=True)
class Slot:
    """One bucket: [start, end) in UTC; `key` is the local date, or the UTC start of the hour."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A period cut into whole buckets. first, last: its local dates, both in it."""

    bucket: Bucket
    zone: str
    slots: tuple[Slot, ...]
    first: date
    last: date

    @property
    def start(self) -> datetime:
        return self.slots[0].start

    @property
    def end(self) -> datetime:
        return self.slots[-1].end


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted. labels: positive, neutral, negative, none (not judged)."""

    n: int = 0
    owned: int = 0
    syndicated: int = 0
    engagement: int = 0
    labels: Mapping[str, int] | None = None

    def label(self, name: str) -> int:
        return (self.labels or {}).get(name, 0)

    @property
    def earned(self) -> int:
        return self.n - self.owned

    @property
    def judged(self) -> int:
        return sum(self.label(name) for name in LABELS)

    @property
    def not_judged(self) -> int:
        return self.n - self.judged

    @property
    def net_sentiment(self) -> float | None:
        """(P − N) / all judged, neutral included; None where nothing was judged."""
        return (
            (self.label("positive") - self.label("negative")) / self.judged if self.judged else None
        )


def total(parts: Iterable[Counts]) -> Counts:
    """The sum."""
    n = owned = syndicated = engagement = 0
    labels: dict[str, int] = {}
    for part in parts:
        n, owned = n + part.n, owned + part.owned
        syndicated, engagement = syndicated + part.syndicated, engagement + part.engagement
        for name, value in (part.labels or {}).items():
            labels[name] = labels.get(name, 0) + value
    return Counts(n, owned, syndicated, engagement, labels)


def share(own: int, competitors: int) -> float | None:
    """own / (own + competitors); None where nobody was spoken of."""
    return own / (own + competitors) if own + competitors else None


def change(now: float, before: float) -> float | None:
    """Relative change against the previous period; None where that was zero."""
    return (now - before) / before if before else None


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date, in UTC (also where the clock skips midnight)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The local date of an instant."""
    return at.astimezone(zone).date()


def slots_between(bucket: Bucket, start: datetime, end: datetime) -> int:
    """About how many buckets a period has, before they are made."""
    length = {"hour": HOUR, "day": DAY, "week": 7 * DAY}[bucket]
    return int((end - start) / length) + 2


def window(bucket: Bucket, start: datetime, end: datetime, zone: ZoneInfo) -> Window:
    """The whole buckets that touch [start, end). At least one."""
    first = local_day(start, zone)
    last = max(first, local_day(end - timedelta(microseconds=1), zone))
    if bucket == "hour":
        slots = tuple(_hours(start, max(end, start + HOUR / 60), zone))
    else:
        if bucket == "week":
            first -= timedelta(days=first.weekday())
            last += timedelta(days=6 - last.weekday())
        slots = tuple(_days(first, last, zone, step=7 if bucket == "week" else 1))
    return Window(bucket, zone.key, slots, first, last)


def previous(now: Window) -> Window:
    """The same length just before."""
    zone = ZoneInfo(now.zone)
    if now.bucket == "hour":
        return window("hour", now.start - (now.end - now.start), now.start, zone)
    days = (now.last - now.first).days + 1
    return window(now.bucket, day_start(now.first - timedelta(days=days), zone), now.start, zone)


def _days(first: date, last: date, zone: ZoneInfo, *, step: int) -> Iterable[Slot]:
    day = first
    while day <= last:
        after = day + timedelta(days=step)
        yield Slot(day.isoformat(), day_start(day, zone), day_start(after, zone))
        day = after


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterable[Slot]:
    at = hour_start(start, zone)
    while at < end:
        after = _next_hour(at, zone)
        yield Slot(at.isoformat().replace("+00:00", "Z"), at, after)
        at = after


def _next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    # Clocks move by multiples of a quarter of an hour: the next local hour is that near.
    for quarters in range(4, 9):
        after = hour_start(at + quarters * HOUR / 4, zone)
        if after > at:
            return after
    raise AssertionError("no local hour lasts two hours")


def hour_start(at: datetime, zone: ZoneInfo) -> datetime:
    """The UTC start of the local hour that an instant lies in."""
    local = at.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - into


def places(window: Window) -> Callable[[datetime], int | None]:
    """Tells which slot holds an instant; None outside the window."""
    starts = [slot.start for slot in window.slots]
    exact = {start: index for index, start in enumerate(starts)}
    first, end = window.start, window.end

    def place(at: datetime) -> int | None:
        # Most roll-up rows begin with their slot; where a clock moves by half an hour they do not.
        found = exact.get(at)
        if found is None and first <= at < end:
            found = bisect_right(starts, at) - 1
        return found

    return place


def day_places(window: Window) -> Mapping[str, int]:
    """Which slot holds each local date of a window of days or weeks."""
    step = 7 if window.bucket == "week" else 1
    days = (window.last - window.first).days + 1
    return {(window.first + timedelta(days=n)).isoformat(): n // step for n in range(days)}


def heard_slots(window: Window, hours: Iterable[datetime]) -> Sequence[bool]:
    """Per slot, whether a source answered in an hour that touches it."""
    starts = [slot.start for slot in window.slots]
    heard = [False] * len(starts)
    for hour in hours:
        low = max(bisect_right(starts, hour) - 1, 0)
        high = bisect_right(starts, hour + HOUR - timedelta(microseconds=1))
        for place in range(low, high):
            if window.slots[place].end > hour:
                heard[place] = True
    return heard
