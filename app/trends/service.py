"""Figures over time, from roll-ups only, each with its window, zone, sample size and gaps.

A bucket in which nobody listened and nothing was counted has no figure: a gap, not a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Invalid, NotFound
from app.models import Brand
from app.sources.service import Gap, gaps, heard_hours
from app.trends import queries, rules
from app.trends.counts import NOT_JUDGED, Counted, Deltas, apply, zones_of
from app.trends.rules import Bucket, Counts, Slot, Window
from app.watchlists.service import require_brands, require_watchlist

if TYPE_CHECKING:
    from app.services import Services

__all__ = [
    "NOT_JUDGED", "Breakdown", "Bucket", "Counted", "Counts", "Deltas", "Frame", "Gap", "Line",
    "Share", "ShareLine", "Slot", "Trend", "apply", "breakdown", "series", "share_of_voice",
    "zones_of",
]  # fmt: skip

By = Literal["mentions", "engagement"]
Of = Literal["earned", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every figure says of itself.

    start, end: UTC, end not in it; previous_*: the same length just before; sample: mentions
    counted; gaps: when sources were blind in it; stale: a change of zone is being worked in.
    """

    watchlist_id: int
    bucket: Bucket
    zone: str
    start: datetime
    end: datetime
    previous_start: datetime
    previous_end: datetime
    slots: Sequence[Slot]
    sample: int
    gaps: Sequence[Gap]
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One brand: a value per slot (None: nobody listened), the total and the one before."""

    brand_id: int
    name: str
    kind: str
    color: str
    points: Sequence[Counts | None]
    total: Counts
    previous: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Volume and sentiment by label of each brand."""

    frame: Frame
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One brand's share of what was said of own brands and competitors, 0..1."""

    brand_id: int
    name: str
    kind: str
    color: str
    points: Sequence[float | None]
    total: float | None
    previous: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share of voice. `own`: all own brands together; markets are out."""

    frame: Frame
    by: By
    of: Of
    own: float | None
    own_previous: float | None
    lines: Sequence[ShareLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Counts by source or language over the window's local days, most first."""

    frame: Frame
    by: str
    rows: Sequence[tuple[str, str, Counts]]
    """(key, name, counts): source id and name, or language code twice ("" unknown)."""


async def series(
    services: Services,
    watchlist_id: int,
    *,
    bucket: Bucket,
    start: datetime,
    end: datetime,
    brand_ids: Sequence[int] | None = None,
) -> Trend:
    """Volume and sentiment of brands (all of the watchlist where not named) by bucket.

    start, end: aware; widened to whole local buckets. Raises NotFound, Invalid.
    """
    async with services.db.read() as session:
        look = await _look(
            session, services.clock.now(), watchlist_id, bucket, start, end, brand_ids
        )
        return Trend(frame=look.frame(sum(line.total.n for line in look.lines)), lines=look.lines)


async def share_of_voice(
    services: Services,
    watchlist_id: int,
    *,
    bucket: Bucket,
    start: datetime,
    end: datetime,
    by: By = "mentions",
    of: Of = "earned",
) -> Share:
    """own / (own + competitors), markets out. Raises NotFound, Invalid.

    by: mentions or engagement. of: earned leaves out what brands say of themselves (engagement
    is not kept apart by owner, so it always counts all).
    """
    _one_of("by", by, ("mentions", "engagement"))
    _one_of("of", of, ("earned", "all"))
    async with services.db.read() as session:
        look = await _look(session, services.clock.now(), watchlist_id, bucket, start, end, None)
    return _shares(look, by=by, of="all" if by == "engagement" else of)


async def breakdown(
    services: Services,
    watchlist_id: int,
    *,
    by: Literal["source", "lang"],
    start: datetime,
    end: datetime,
    brand_ids: Sequence[int] | None = None,
) -> Breakdown:
    """Where and in which languages it was said, over whole local days. Raises NotFound, Invalid."""
    _one_of("by", by, ("source", "lang"))
    async with services.db.read() as session:
        look = await _look(
            session, services.clock.now(), watchlist_id, "day", start, end, brand_ids
        )
        ids = [line.brand_id for line in look.lines]
        first, last = look.window.first.isoformat(), look.window.last.isoformat()
        found = await queries.breakdown(session, ids, by=by, first=first, last=last)
        names: Mapping[Any, str] = (
            await queries.source_names(session, list(found)) if by == "source" else {}
        )
    rows = sorted(
        ((str(key), names.get(key, str(key)), counts) for key, counts in found.items()),
        key=lambda row: (-row[2].n, row[1]),
    )
    return Breakdown(frame=look.frame(sum(row[2].n for row in rows)), by=by, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """All that was read for one answer."""

    watchlist_id: int
    window: Window
    before: Window
    gaps: Sequence[Gap]
    stale: bool
    lines: Sequence[Line]

    def frame(self, sample: int) -> Frame:
        return Frame(
            watchlist_id=self.watchlist_id,
            bucket=self.window.bucket,
            zone=self.window.zone,
            start=self.window.start,
            end=self.window.end,
            previous_start=self.before.start,
            previous_end=self.before.end,
            slots=self.window.slots,
            sample=sample,
            gaps=self.gaps,
            stale=self.stale,
        )


async def _look(
    session: AsyncSession,
    now: datetime,
    watchlist_id: int,
    bucket: Bucket,
    start: datetime,
    end: datetime,
    brand_ids: Sequence[int] | None,
) -> _Look:
    watchlist = await require_watchlist(session, watchlist_id)
    brands = _chosen(await require_brands(session, watchlist_id), brand_ids)
    window = _window(bucket, start, end, ZoneInfo(watchlist.zone))
    before = rules.previous(window)
    ids = [brand.id for brand in brands]
    cells = await queries.cells(session, window, ids)
    past = await queries.totals(session, before, ids)
    hours = await heard_hours(session, watchlist_id, window.start, window.end)
    heard = rules.heard_slots(window, hours)
    return _Look(
        watchlist_id=watchlist_id,
        window=window,
        before=before,
        gaps=await gaps(session, watchlist_id, window.start, window.end, now=now),
        stale=watchlist.rollups_stale,
        lines=[_line(brand, cells.get(brand.id, {}), heard, past) for brand in brands],
    )


def _line(
    brand: Brand,
    cells: Mapping[int, Counts],
    heard: Sequence[bool],
    past: Mapping[int, Counts],
) -> Line:
    points = [cells.get(slot) or (Counts() if yes else None) for slot, yes in enumerate(heard)]
    return Line(
        brand_id=brand.id,
        name=brand.name,
        kind=brand.kind,
        color=brand.color,
        points=points,
        total=rules.total(cells.values()),
        previous=past.get(brand.id, Counts()),
    )


def _shares(look: _Look, *, by: By, of: Of) -> Share:
    def weight(counts: Counts) -> int:
        return counts.engagement if by == "engagement" else getattr(counts, _FIELD[of])

    lines = [line for line in look.lines if line.kind in ("own", "competitor")]
    own = [line for line in lines if line.kind == "own"]
    now = sum(weight(line.total) for line in lines)
    past = sum(weight(line.previous) for line in lines)
    ours = sum(weight(line.total) for line in own)
    ours_past = sum(weight(line.previous) for line in own)
    per_slot = [
        sum(weight(line.points[slot] or Counts()) for line in lines)
        for slot in range(len(look.window.slots))
    ]
    return Share(
        frame=look.frame(now if by == "mentions" else sum(line.total.n for line in lines)),
        by=by,
        of=of,
        own=rules.share(ours, now - ours),
        own_previous=rules.share(ours_past, past - ours_past),
        lines=[
            ShareLine(
                brand_id=line.brand_id,
                name=line.name,
                kind=line.kind,
                color=line.color,
                points=[
                    rules.share(weight(point or Counts()), whole - weight(point or Counts()))
                    for point, whole in zip(line.points, per_slot, strict=True)
                ],
                total=rules.share(weight(line.total), now - weight(line.total)),
                previous=rules.share(weight(line.previous), past - weight(line.previous)),
            )
            for line in lines
        ],
    )


_FIELD: Mapping[Of, str] = {"earned": "earned", "all": "n"}


def _chosen(brands: Sequence[Brand], brand_ids: Sequence[int] | None) -> Sequence[Brand]:
    if brand_ids is None:
        return brands
    wanted = set(brand_ids)
    if not wanted <= {brand.id for brand in brands}:
        raise NotFound(
            "There is no such brand in this watchlist.",
            fr="Cette marque n’existe pas dans cette veille.",
        )
    return [brand for brand in brands if brand.id in wanted]


def _window(bucket: Bucket, start: datetime, end: datetime, zone: ZoneInfo) -> Window:
    _one_of("bucket", bucket, rules.BUCKETS)
    if start.tzinfo is None or end.tzinfo is None:
        raise Invalid(
            "Give start and end with a zone, for example 2026-11-23T00:00:00Z.",
            fr="Donnez le début et la fin avec un fuseau, par exemple 2026-11-23T00:00:00Z.",
            field="start",
        )
    if start >= end:
        raise Invalid(
            "The start must be before the end.", fr="Le début doit précéder la fin.", field="start"
        )
    if rules.slots_between(bucket, start, end) > rules.MAX_SLOTS + 2:
        raise Invalid(
            f"More than {rules.MAX_SLOTS} points: choose a shorter period or larger buckets.",
            fr=f"Plus de {rules.MAX_SLOTS} points : choisissez une période plus courte ou un pas "
            "plus grand.",
            field="bucket",
        )
    return rules.window(bucket, start, end, zone)


def _one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        choices = ", ".join(allowed)
        raise Invalid(f"{field}: choose one of {choices}.", fr=f"{field} : {choices}.", field=field)
