"""Geometry of the page's pictures. Pure: numbers in, coordinates out; the templates draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 20.0, 10.0, 22.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: unbroken stretches, and points that stand alone between gaps."""

    place: int
    stretches: Sequence[str]
    dots: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Column:
    """One slot's strip: where the pointer asks what was there."""

    x: float
    width: float
    label: str
    blind: bool
    """Nobody listened: a gap, not a zero."""


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart of lines over time, in user units of width × height."""

    width: int
    height: int
    left: float
    right: float
    top: float
    floor: float
    curves: Sequence[Curve]
    columns: Sequence[Column]
    y_ticks: Sequence[Tick]
    x_ticks: Sequence[Tick]


def nice_step(highest: float, *, ticks: int = 4) -> float:
    """1, 2 or 5 times a power of ten, so that about `ticks` steps reach `highest`."""
    raw = max(highest, 1) / ticks
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size for size in (1, 2, 5, 10) if size * power >= raw) * power
    return max(step, 1.0)


def line_chart(
    series: Sequence[Sequence[float | None]],
    labels: Sequence[str],
    columns: Sequence[str],
    *,
    width: int,
    height: int,
    every: int,
) -> LineChart:
    """series: a value per slot, None where nobody listened. labels: per slot, for the axis,
    every n-th of which is shown, counted from the newest. columns: what a slot says."""
    highest = max((v for line in series for v in line if v is not None), default=0)
    step = nice_step(highest)
    top_value = step * max(math.ceil(highest / step), 1)
    slots = max(len(labels), 1)
    inner, floor = width - _LEFT - _RIGHT, height - _BOTTOM
    pitch = inner / slots

    def x(slot: int) -> float:
        return round(_LEFT + pitch * (slot + 0.5), 1)

    def y(value: float) -> float:
        return round(floor - (floor - _TOP) * value / top_value, 1)

    shown = range(slots - 1, -1, -every)
    return LineChart(
        width=width, height=height, left=_LEFT, right=width - _RIGHT, top=_TOP, floor=floor,
        curves=[
            _curve(place, [None if v is None else (x(i), y(v)) for i, v in enumerate(line)])
            for place, line in enumerate(series)
        ],
        columns=[
            Column(
                x=round(_LEFT + pitch * i, 1), width=round(pitch, 1), label=text,
                blind=bool(series) and all(line[i] is None for line in series),
            )
            for i, text in enumerate(columns)
        ],
        y_ticks=[
            Tick(y(step * n), f"{step * n:g}") for n in range(round(top_value / step) + 1)
        ],
        x_ticks=[Tick(x(i), labels[i]) for i in shown if labels],
    )  # fmt: skip


def _curve(place: int, points: Sequence[tuple[float, float] | None]) -> Curve:
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return Curve(
        place=place,
        stretches=[
            " ".join(f"{x:g},{y:g}" for x, y in stretch)
            for stretch in stretches
            if len(stretch) > 1
        ],
        dots=[stretch[0] for stretch in stretches if len(stretch) == 1],
    )


def spark(values: Sequence[float | None], *, width: int = 120, height: int = 28) -> LineChart:
    """A small line without axes."""
    highest = max((v for v in values if v is not None), default=0) or 1
    pitch = width / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return round(height - 3 - (height - 6) * value / highest, 1)

    points = [None if v is None else (round(pitch * i, 1), y(v)) for i, v in enumerate(values)]
    return LineChart(
        width=width, height=height, left=0, right=width, top=0, floor=height,
        curves=[_curve(0, points)], columns=(), y_ticks=(), x_ticks=(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stacked bar, in hundredths of its length."""

    kind: str
    x: float
    width: float


def stacked(parts: Sequence[tuple[str, float]]) -> Sequence[Part]:
    """Pieces side by side over a hundred units; nothing for an empty whole."""
    whole = sum(value for _, value in parts)
    found: list[Part] = []
    at = 0.0
    for kind, value in parts:
        if whole and value:
            width = 100 * value / whole
            found.append(Part(kind, round(at, 2), round(width, 2)))
            at += width
    return found
