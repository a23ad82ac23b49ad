"""Decisions about sources: how often, and when they did not hear. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from collectors.desk import Quota

HOUR = timedelta(hours=1)

Why = Literal["not_asked", "paused", "needs_attention", "refused", "failed", "truncated", "missed"]

GAP_WORDS: Mapping[Why, tuple[str, str]] = {
    "not_asked": ("source non interrogée", "source not asked"),
    "paused": ("source en pause", "source paused"),
    "needs_attention": ("la source attend une intervention", "the source waits for a person"),
    "refused": ("la plateforme a refusé de répondre", "the platform refused to answer"),
    "failed": ("la source n’a pas pu être lue", "the source could not be read"),
    "truncated": ("la plateforme n’a pas tout donné", "the platform did not give everything"),
    "missed": ("des publications ont échappé entre deux lectures", "posts slipped by in between"),
}  # fmt: skip
"""Why a source was blind, in French and in English."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source heard nothing, or not everything. `end` is not in it."""

    source_id: int
    source: str
    start: datetime
    end: datetime
    why: Why

    def words(self, lang: str) -> str:
        french, english = GAP_WORDS[self.why]
        return french if lang == "fr" else english


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One row of the listening log."""

    asked: int
    refused: int
    failed: int
    truncated: int
    missed: int

    @property
    def answered(self) -> bool:
        """At least one request was answered."""
        return self.asked > self.refused + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What the decision needs to know of a source. `since`: from when on it should listen;
    `until`: when it was removed."""

    id: int
    name: str
    state: str
    interval: timedelta
    since: datetime
    until: datetime | None = None
    last_polled_at: datetime | None = None
    next_poll_at: datetime | None = None


def poll_interval(
    *, wanted: timedelta | None, least: timedelta, ceiling: timedelta = timedelta(days=1)
) -> timedelta:
    """How often to ask: what a person wants, never below what the platform bears (R-11)."""
    return min(max(wanted or least, least), ceiling)


def find_gaps(
    ear: Ear, log: Mapping[datetime, Heard], *, start: datetime, end: datetime, now: datetime
) -> list[Gap]:
    """The gaps of one source in [start, end), hour by hour, joined where they touch.

    log: the rows of the listening log by UTC hour. The hour in progress is not judged silent.
    A source that is asked every six hours is not deaf in between: a silence counts once it is
    longer than the interval and a quarter.
    """
    first = floor_hour(max(start, ear.since))
    last = min(end, now, ear.until or end)
    hours = [first + HOUR * n for n in range(max(0, -((first - last) // HOUR)))]
    causes = {hour: _cause(log[hour]) for hour in hours if hour in log}
    silent = [hour for hour in hours if hour not in log and hour + HOUR <= last]
    causes |= dict(_silences(ear, silent, newest=max(log, default=None), now=now))
    return _joined(ear, [(hour, why) for hour in hours if (why := causes.get(hour))])


def _cause(heard: Heard) -> Why | None:
    if not heard.answered:
        return "refused" if heard.refused else "failed" if heard.failed else "not_asked"
    if heard.missed:
        return "missed"
    return "truncated" if heard.truncated else None


def _silences(
    ear: Ear, silent: Sequence[datetime], *, newest: datetime | None, now: datetime
) -> Iterable[tuple[datetime, Why]]:
    """The silent hours that are longer runs than the source's own rhythm explains."""
    allowed = int(ear.interval * 1.25 / HOUR)
    for run in _runs(silent):
        lasting = run[-1] + 2 * HOUR > now and (newest is None or newest < run[0])
        stopped = lasting and ear.state in ("paused", "needs_attention")
        if len(run) <= allowed and not stopped:
            continue
        if lasting and not stopped and _is_waiting(ear, run[0], now=now):
            continue
        why: Why = "not_asked"
        if stopped:
            why = "paused" if ear.state == "paused" else "needs_attention"
        yield from ((hour, why) for hour in run)


def _is_waiting(ear: Ear, since: datetime, *, now: datetime) -> bool:
    """The platform said when to come back (max-age), and that moment is not past."""
    return (
        ear.state == "active"
        and ear.next_poll_at is not None
        and ear.next_poll_at >= now
        and ear.last_polled_at is not None
        and ear.last_polled_at >= since - HOUR
    )


def _runs(hours: Sequence[datetime]) -> Iterable[list[datetime]]:
    run: list[datetime] = []
    for hour in hours:
        if run and hour - run[-1] != HOUR:
            yield run
            run = []
        run.append(hour)
    if run:
        yield run


def _joined(ear: Ear, causes: Iterable[tuple[datetime, Why]]) -> list[Gap]:
    gaps: list[Gap] = []
    for hour, why in causes:
        before = gaps[-1] if gaps else None
        if before and before.why == why and before.end == hour:
            gaps[-1] = Gap(ear.id, ear.name, before.start, hour + HOUR, why)
        else:
            gaps.append(Gap(ear.id, ear.name, hour, hour + HOUR, why))
    return gaps


def floor_hour(at: datetime) -> datetime:
    """The UTC hour that holds the instant."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What decides whether a source fell silent. polled: False for a file that was imported."""

    state: str
    polled: bool
    interval: timedelta
    last_ok_at: datetime
    next_poll_at: datetime


def silence_of(one: Silence, *, now: datetime) -> Why | None:
    """Why a source is silent, or None. A person must act: at once. Else after two intervals.

    A platform that named a moment to come back is waited for: the source is active and its next
    poll is still to come.
    """
    if not one.polled or one.state == "paused":
        return None
    if one.state == "needs_attention":
        return "needs_attention"
    if now - one.last_ok_at <= 2 * one.interval:
        return None
    if one.state == "failing":
        return "failed"
    return "not_asked" if now - one.next_poll_at > 2 * one.interval else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One quota in a forecast. Amounts are of a day; cost is of a month of 30 days."""

    name: str
    per_poll: float
    per_day: float
    limit: int
    window: str
    limit_per_day: float
    share: float
    """Of the limit; above 1 the quota is used up before its window ends."""
    cost_per_month: float
    currency: str
    source: str

    @property
    def fits(self) -> bool:
        return self.share <= 1


def forecast(
    quotas: Sequence[Quota],
    per_poll: Mapping[str, float],
    *,
    interval: timedelta,
    per_day: Mapping[str, float] | None = None,
) -> list[Line]:
    """What a source is expected to spend of its quotas, polled every `interval`.

    per_day: amounts of a day that are known better than by the poll, such as posts to be read.
    """
    polls = timedelta(days=1) / interval
    lines = []
    for quota in quotas:
        poll = per_poll.get(quota.name, 0.0)
        day = (per_day or {}).get(quota.name, poll * polls)
        most = _limit_per_day(quota)
        # A hard cap: what does not fit is not asked, and so it is not paid either.
        paid = min(day, most) * 30 * float(quota.price)
        lines.append(
            Line(
                name=quota.name, per_poll=poll, per_day=round(day, 2), limit=quota.limit,
                window=quota.window, limit_per_day=round(most, 2),
                # Of nothing there is no share: anything is too much.
                share=round(day / most, 4) if most else 2.0 * (day > 0),
                cost_per_month=round(paid, 2), currency=quota.currency, source=quota.source,
            )
        )  # fmt: skip
    return lines


def _limit_per_day(quota: Quota) -> float:
    if quota.window == "month":
        return quota.limit / 30
    if quota.window == "day":
        return float(quota.limit)
    return quota.limit * (timedelta(days=1) / quota.per)


def compare(before: str, after: str) -> list[str]:
    """What differs, line by line: "− " went, "+ " came, in the order of the page."""
    old, new = before.splitlines(), after.splitlines()
    changes = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if what != "equal":
            changes += [f"− {line}" for line in old[a:b]] + [f"+ {line}" for line in new[c:d]]
    return changes
