"""Stretches of numbers and days, and whether they can meet."""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

from nlp.query.ast import Ago, Bound, Dates, Range


class Span(NamedTuple):
    """From low to high; an end that is open is not in it."""

    low: float = -math.inf
    low_open: bool = False
    high: float = math.inf
    high_open: bool = False


def as_spans(leaf: Range | Dates) -> dict[str, Span]:
    """What the leaf says of each quantity. Calendar days and days before today are two: only the
    reader's clock brings them together. Hours are left out: they are no days."""
    if isinstance(leaf, Range):
        return {leaf.metric: _span(leaf.low, leaf.high)}
    spans = {}
    low, high = leaf.low, leaf.high
    days = [end.toordinal() if isinstance(end, date) else None for end in (low, high)]
    if days != [None, None]:
        spans["published"] = _closed(*days)
    ages = [_age(end) if isinstance(end, Ago) else None for end in (low, high)]
    if ages != [None, None]:
        spans["published ago"] = _closed(*ages)
    return spans


def meet(one: Span, other: Span) -> Span:
    """What is in both."""
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, high_shut = min((one.high, not one.high_open), (other.high, not other.high_open))
    return Span(low, low_open, high, not high_shut)


def is_empty(span: Span) -> bool:
    if span.low == span.high:
        return span.low_open or span.high_open
    return span.low > span.high


def within(inner: Span, outer: Span) -> bool:
    """Whether all of the inner one is in the outer one."""
    return meet(inner, outer) == inner


def _span(low: Bound | None, high: Bound | None) -> Span:
    return Span(
        low.value if low else -math.inf,
        low is not None and low.open,
        high.value if high else math.inf,
        high is not None and high.open,
    )


def _closed(low: float | None, high: float | None) -> Span:
    return Span(-math.inf if low is None else low, False, math.inf if high is None else high)


def _age(ago: Ago) -> float | None:
    """Days from today, the past below zero."""
    if ago.unit == "h":
        return None
    return -ago.number * (7 if ago.unit == "w" else 1)
