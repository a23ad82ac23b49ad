"""When a digest is due, and which posts are the same. Pure.

Due times are computed with `zoneinfo` from a local date and a wall time: where the clocks skip
that time it is the first minute that exists, where they show it twice the first of the two. So
every local date that exists has exactly one (R-28). The digest of local date D tells of D − 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

LATEST = timedelta(hours=12)
"""A digest that could not be made in time is still sent so long after; later it is skipped."""
MOST_SKIPPED = 31
"""Missed days that are recorded one by one after a long stop."""
DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LONGEST_GAP_MINUTES = 24 * 60
_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "at_medium", "at_campaign")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a subscription wants its digest."""

    send_at: str
    """HH:MM, wall time."""
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do for a subscription now."""

    send: date | None
    """The local date to send for."""
    skipped: tuple[date, ...]
    """Local dates missed by more than `LATEST`, for the record."""
    next_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """[start, end) in UTC: one local day."""

    day: date
    start: datetime
    end: datetime


def due_at(day: date, schedule: Schedule) -> datetime | None:
    """The instant, UTC, of that local date's digest; None where the zone has no such date."""
    zone = ZoneInfo(schedule.zone)
    wall = datetime.combine(day, _time(schedule.send_at))
    if not _exists(day, zone):
        return None
    for _ in range(_LONGEST_GAP_MINUTES):
        instant = wall.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall:
            return instant
        wall += _MINUTE
    return None


def next_due(after: datetime, schedule: Schedule) -> datetime:
    """The first due instant later than `after`."""
    return next(instant for _, instant in _dues(after, schedule) if instant > after)


def plan(next_due_at: datetime, schedule: Schedule, *, now: datetime) -> Plan:
    """What is due of a subscription whose next digest was planned for `next_due_at`."""
    send: date | None = None
    skipped: list[date] = []
    for day, instant in _dues(next_due_at, schedule):
        if instant < next_due_at:
            continue
        if instant > now:
            return Plan(send=send, skipped=tuple(skipped[-MOST_SKIPPED:]), next_due_at=instant)
        if now - instant <= LATEST:
            send = day
        else:
            skipped.append(day)
    raise AssertionError("the calendar does not end")


def told_of(local_date: date, zone: str) -> Span:
    """The day that the digest of `local_date` tells of: the day before."""
    return span(local_date - DAY, zone)


def span(day: date, zone: str) -> Span:
    """A local day as instants. A date that the zone skipped is empty."""
    place = ZoneInfo(zone)
    return Span(day=day, start=_midnight(day, place), end=_midnight(day + DAY, place))


def valid_send_at(text: str) -> bool:
    """Whether text is a wall time HH:MM."""
    try:
        return len(text) == 5 and bool(_time(text) is not None)
    except ValueError:
        return False


def canonical(url: str) -> str:
    """A link without what only says where it was clicked; equal for copies of one link."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith(_TRACKING)
    ]
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def told_once(posts: Iterable[tuple[str, int, T]], *, most: int) -> list[tuple[T, int]]:
    """The first `most` posts of (url, text hash, post), each with how many copies it stands for.

    Posts of one canonical link or one text are one (hash 0: no text to compare).
    """
    groups: list[tuple[T, int]] = []
    place_of: dict[object, int] = {}
    for url, text_hash, post in posts:
        keys: list[object] = [canonical(url)] if url else []
        keys += [text_hash] if text_hash else []
        place = next((place_of[key] for key in keys if key in place_of), len(groups))
        if place == len(groups):
            groups.append((post, 0))
        groups[place] = (groups[place][0], groups[place][1] + 1)
        for key in keys:
            place_of.setdefault(key, place)
    return groups[:most]


def change(now: int, before: int) -> float | None:
    """Relative change; None where there was nothing to compare with."""
    return (now - before) / before if before else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def scaled(values: Sequence[int], *, height: int) -> list[int]:
    """Bar lengths in whole units: the largest has `height`, what is not zero at least one."""
    largest = max(values, default=0)
    return [max(1, round(v * height / largest)) if v and largest else 0 for v in values]


def _dues(around: datetime, schedule: Schedule) -> Iterator[tuple[date, datetime]]:
    """Local dates with their due instants, from two days before `around` on, for ever."""
    day = around.astimezone(ZoneInfo(schedule.zone)).date() - 2 * DAY
    while True:
        instant = due_at(day, schedule)
        if instant is not None:
            yield day, instant
        day += DAY


def _exists(day: date, zone: ZoneInfo) -> bool:
    """A few zones once skipped a whole date when they crossed the date line."""
    return _midnight(day, zone).astimezone(zone).date() == day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _time(text: str) -> time:
    hours, _, minutes = text.partition(":")
    return time(int(hours), int(minutes))
