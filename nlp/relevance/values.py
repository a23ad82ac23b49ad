"""What goes into a relevance filter and what comes out: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Features = Mapping[str, Mapping[int, float]]
"""Group of features → bucket → value."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text in which a brand's query matched. spans: (field, start, end) of the brand in it, code
    points of title or text; url: where it links to."""

    title: str = ""
    body: str = ""
    spans: Sequence[tuple[str, int, int]] = ()
    url: str = ""


class Featurizer(Protocol):
    """Turns a text into features. The words' own today, an encoder's with the Language issue."""

    @property
    def name(self) -> str:
        """Of the features and their version: a filter only reads what it was trained on."""
        ...

    def features(self, sample: Sample) -> Features: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its sample size and its 95 % interval (Wilson)."""

    value: float
    n: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What cross-validation on the marks alone says of a filter.

    precision: of what it keeps, the share that people marked relevant; recall: of what they marked
    relevant, the share it keeps. baseline: precision without a filter, on the same marks.
    """

    relevant: int
    noise: int
    precision: Rate
    recall: Rate
    baseline: float
