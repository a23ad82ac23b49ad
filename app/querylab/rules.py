"""What a new wording changes, counted, and how far a trial may look. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from app.trends.rules import local_day

Outcome = Literal["newly_caught", "lost", "kept"]
OUTCOMES: tuple[Outcome, ...] = ("newly_caught", "lost", "kept")

MOST_HITS = 50
"""Hits that a preview shows."""
MOST_EXAMPLES = 50
"""Examples of each outcome that may be asked for."""
EXCERPT_LIMIT = 320
_BEFORE = 90
"""Code points kept before the first match where a text must be cut."""

Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a trial stops, at the latest: stored posts gone through, and seconds."""

    posts: int
    seconds: float

    def reached(self, posts: int, seconds: float) -> bool:
        return posts >= self.posts or seconds >= self.seconds


def outcome(*, before: bool, after: bool) -> Outcome | None:
    """What becomes of a post that the wording in force (before) or the new one catches."""
    if after:
        return "kept" if before else "newly_caught"
    return "lost" if before else None


@dataclass(slots=True)
class Counts:
    """How many posts had each outcome."""

    newly_caught: int = 0
    lost: int = 0
    kept: int = 0

    @property
    def caught(self) -> int:
        """By the new wording."""
        return self.newly_caught + self.kept

    def add(self, what: Outcome) -> None:
        setattr(self, what, getattr(self, what) + 1)


@dataclass(slots=True)
class Tally:
    """Outcomes in total, by source and by local day of a zone."""

    zone: ZoneInfo
    total: Counts = field(default_factory=Counts)
    by_source: dict[int, Counts] = field(default_factory=dict)
    by_day: dict[str, Counts] = field(default_factory=dict)

    def add(self, what: Outcome, source_id: int, published_at: datetime) -> None:
        day = local_day(published_at, self.zone).isoformat()
        for counts in (
            self.total,
            self.by_source.setdefault(source_id, Counts()),
            self.by_day.setdefault(day, Counts()),
        ):
            counts.add(what)


@dataclass(slots=True)
class Effect:
    """What the search of the past will do once the wording is saved. stays: mentions that match no
    more and stay, because a person worked on them."""

    added: int = 0
    removed: int = 0
    stays: int = 0


@dataclass(frozen=True, slots=True)
class Noise:
    """Of the hits that people judged, those they marked "not about us"."""

    judged: int
    noise: int

    @property
    def share(self) -> float | None:
        """None where nobody has judged any: unknown is not zero."""
        return self.noise / self.judged if self.judged else None


def cut(text: str, spans: Iterable[Span], name: str) -> tuple[int, int]:
    """The stretch of a field to show: round its first match where it is too long."""
    if len(text) <= EXCERPT_LIMIT:
        return 0, len(text)
    first = min((start for field_name, start, _ in spans if field_name == name), default=0)
    start = min(max(first - _BEFORE, 0), len(text) - EXCERPT_LIMIT)
    return start, start + EXCERPT_LIMIT


def shown_spans(spans: Iterable[Span], name: str, low: int, high: int) -> list[Span]:
    """Those of a field that begin in what is shown of it, cut at its end."""
    return [(n, start, min(end, high)) for n, start, end in spans if n == name
            and low <= start < high]  # fmt: skip


def wrong_period(since: datetime | None, until: datetime | None) -> bool:
    return since is not None and until is not None and since >= until
