"""When to tell: pure decisions that answer with a named reason, or None for "not now".

Two kinds of rule. `mention`: each new mention that passes the filter. `count`: more than
`threshold` distinct items within a window that is aligned to the watchlist's local clock.
Backfill (history) never alerts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

HOUR_S = 3_600
DAY_S = 86_400
WINDOWS_S = (300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400)
"""Lengths a window may have: each divides a day, so windows start on the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mention as a rule sees it."""

    mention_id: int
    item_id: int
    brand_id: int
    source_id: int
    published_at: datetime
    first_seen_at: datetime
    label: str = "none"
    lang: str | None = None
    engagement: int = 0
    followers: int | None = None
    backfill: bool = False
    owned: bool = False
    syndicated: bool = False
    relevant: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a rule cares about; an empty set means anything."""

    brands: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()
    langs: frozenset[str] = frozenset()
    sources: frozenset[int] = frozenset()
    min_followers: int = 0
    min_engagement: int = 0
    owned: bool | None = None
    """True: only posts of the brands themselves; False: none of them."""
    syndicated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, its end not included. UTC."""

    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        return self.start.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMentions:
    """Mentions that pass the filter."""

    name: ClassVar[str] = "new_mention"
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOverThreshold:
    """More distinct items in the window than the rule allows."""

    name: ClassVar[str] = "count_over_threshold"
    count: int
    threshold: int
    window: Window


Reason = NewMentions | CountOverThreshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An alert as far as the next decision needs it."""

    id: int
    opened_at: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Mentions that belong to an alert which is still cooling down."""

    episode: Episode
    reason: NewMentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new alert with the key that makes it one (R-20)."""

    subject: str
    window: str
    brand_id: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Decided:
    """What a rule makes of a batch."""

    opened: tuple[Opened, ...] = ()
    joined: tuple[Joined, ...] = field(default=())


def passes(wanted: Filter, candidate: Candidate) -> bool:
    """Whether a rule cares about a mention. `app.alerts.queries.matching` says the same in SQL."""
    return (
        _among(candidate.brand_id, wanted.brands)
        and _among(candidate.label, wanted.labels)
        and _among(candidate.lang or "", wanted.langs)
        and _among(candidate.source_id, wanted.sources)
        and (candidate.followers or 0) >= wanted.min_followers
        and candidate.engagement >= wanted.min_engagement
        and wanted.owned in (None, candidate.owned)
        and wanted.syndicated in (None, candidate.syndicated)
        and candidate.relevant is not False
        and not candidate.backfill
    )


def new_mentions(wanted: Filter, candidates: Sequence[Candidate]) -> NewMentions | None:
    """The mentions of a batch that pass."""
    passed = tuple(candidate for candidate in candidates if passes(wanted, candidate))
    return NewMentions(candidates=passed) if passed else None


def count_over(count: int, *, threshold: int, window: Window) -> CountOverThreshold | None:
    """The reason to alert on a window, once its count has passed the threshold."""
    if count <= threshold:
        return None
    return CountOverThreshold(count=count, threshold=threshold, window=window)


def cools_down(last: Episode | None, *, cooldown_s: int, now: datetime) -> bool:
    """Whether the rule has told of this subject too recently to tell again."""
    if last is None or cooldown_s <= 0:
        return False
    return now < last.opened_at + timedelta(seconds=cooldown_s)


def decide_mentions(
    reason: NewMentions,
    *,
    cooldown_s: int,
    last: dict[int, Episode],
    now: datetime,
) -> Decided:
    """Without a cool-down an alert for each mention; with one, an alert for each brand, which
    later mentions join until it ends. last: the newest alert of each brand."""
    if cooldown_s <= 0:
        return Decided(tuple(_single(candidate) for candidate in reason.candidates))
    opened: list[Opened] = []
    joined: list[Joined] = []
    for brand_id, part in _by_brand(reason.candidates).items():
        episode = last.get(brand_id)
        if episode is not None and cools_down(episode, cooldown_s=cooldown_s, now=now):
            joined.append(Joined(episode=episode, reason=part))
        else:
            opened.append(
                Opened(
                    subject=f"brand:{brand_id}", window=now.isoformat(), brand_id=brand_id,
                    reason=part,
                )
            )  # fmt: skip
    return Decided(tuple(opened), tuple(joined))


def count_subject(wanted: Filter) -> tuple[str, int | None]:
    """What a count rule's alert is about, and its brand where it is only one."""
    if len(wanted.brands) == 1:
        [brand_id] = wanted.brands
        return f"brand:{brand_id}", brand_id
    return "all", None


def window_at(at: datetime, *, window_s: int, zone: str) -> Window:
    """The window on the zone's clock that holds `at`.

    Up to an hour long, a window is counted in elapsed seconds within its local hour; a longer
    one goes from wall time to wall time, so a day has 23 or 25 hours when the clocks change.
    """
    local = at.astimezone(ZoneInfo(zone))
    into_day = local.hour * HOUR_S + local.minute * 60 + local.second
    into = timedelta(seconds=into_day % window_s, microseconds=local.microsecond)
    if window_s <= HOUR_S:
        start = at.astimezone(UTC) - into
        return Window(start=start, end=start + timedelta(seconds=window_s))
    wall = local.replace(tzinfo=None) - into
    start = _on_clock(wall, zone)
    end = _on_clock(wall + timedelta(seconds=window_s), zone)
    return Window(start=start, end=end)


def windows_of(candidates: Sequence[Candidate], *, window_s: int, zone: str) -> tuple[Window, ...]:
    """The windows that a batch touches, the earliest first."""
    found = {window_at(c.published_at, window_s=window_s, zone=zone) for c in candidates}
    return tuple(sorted(found, key=lambda window: window.start))


def _on_clock(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _single(candidate: Candidate) -> Opened:
    return Opened(
        subject=f"mention:{candidate.mention_id}", window="", brand_id=candidate.brand_id,
        reason=NewMentions(candidates=(candidate,)),
    )  # fmt: skip


def _by_brand(candidates: Sequence[Candidate]) -> dict[int, NewMentions]:
    parts: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        parts.setdefault(candidate.brand_id, []).append(candidate)
    return {brand: NewMentions(candidates=tuple(part)) for brand, part in sorted(parts.items())}


def _among(value: object, wanted: frozenset[object] | frozenset[int] | frozenset[str]) -> bool:
    return not wanted or value in wanted
