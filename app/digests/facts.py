"""What a digest tells: plain values that are stored with it and shown again as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from app.digests.rules import change, share

LABELS = ("positive", "neutral", "negative", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandLine:
    """One brand on the day told of."""

    name: str
    kind: str
    n: int
    day_before: int
    week_before: int
    owned: int = 0
    """Of `n`, what the brand said of itself."""
    labels: Mapping[str, int]
    """positive, neutral, negative, none (not judged)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """Own brands' mentions on one of the last eight days."""

    day: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """A post worth reading. Everything in it is foreign text."""

    text: str
    url: str
    author: str
    source: str
    brand: str
    label: str
    engagement: int
    published_at: str
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert that was opened on the day."""

    id: str
    rule: str
    reason: str
    brand: str
    count: int
    severity: str
    opened_at: str
    window_start: str = ""
    window_end: str = ""
    threshold: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """A stretch in which a source did not hear."""

    source: str
    start: str
    end: str
    fr: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A whole digest in figures."""

    watchlist: str
    watchlist_id: str
    zone: str
    day: str
    """The day told of, ISO."""
    brands: tuple[BrandLine, ...] = ()
    days: tuple[DayLine, ...] = ()
    posts: tuple[PostLine, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    alerts_more: int = 0
    gaps: tuple[GapLine, ...] = ()
    gaps_more: int = 0

    @property
    def date(self) -> date:
        return date.fromisoformat(self.day)

    def of_kind(self, *kinds: str) -> tuple[BrandLine, ...]:
        return tuple(brand for brand in self.brands if brand.kind in kinds)

    @property
    def own(self) -> tuple[BrandLine, ...]:
        """The brands the headline speaks of: the own ones, or all where there is none."""
        return self.of_kind("own") or self.brands

    @property
    def n(self) -> int:
        return sum(brand.n for brand in self.own)

    @property
    def day_before(self) -> int:
        return sum(brand.day_before for brand in self.own)

    @property
    def week_before(self) -> int:
        return sum(brand.week_before for brand in self.own)

    @property
    def labels(self) -> dict[str, int]:
        return {name: sum(b.labels.get(name, 0) for b in self.own) for name in LABELS}

    @property
    def voices(self) -> tuple[BrandLine, ...]:
        """Who shares the voice: own brands and competitors, the loudest first; markets are none."""
        return tuple(sorted(self.of_kind("own", "competitor"), key=lambda b: (-b.n, b.name)))

    def share_of(self, brand: BrandLine) -> float | None:
        """Of what others say (earned), as `trends/share-of-voice` counts it."""
        return share(brand.n - brand.owned, sum(b.n - b.owned for b in self.voices))

    @property
    def change(self) -> float | None:
        return change(self.n, self.day_before)

    @property
    def is_quiet(self) -> bool:
        """Nobody was spoken of and no alert rang. A blind source does not make a day loud."""
        return not any(brand.n for brand in self.brands) and not self.alerts


def to_json(facts: Facts) -> dict[str, Any]:
    """The facts as JSON values."""
    return asdict(facts)


def from_json(values: Mapping[str, Any]) -> Facts:
    """The facts that `to_json` was given; unknown keys of a newer version are dropped."""
    kept = _known(Facts, values)
    for name, kind in (
        ("brands", BrandLine), ("days", DayLine), ("posts", PostLine), ("alerts", AlertLine),
        ("gaps", GapLine),
    ):  # fmt: skip
        lines: Sequence[Mapping[str, Any]] = kept.get(name, ())
        kept[name] = tuple(kind(**_known(kind, line)) for line in lines)
    return Facts(**kept)


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    return {key: value for key, value in values.items() if key in names}


def at(text: str) -> datetime:
    """A stored instant."""
    return datetime.fromisoformat(text)
