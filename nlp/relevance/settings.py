"""The constants of a filter that were chosen by measurement.

`scripts/eval_relevance.py --choose` scores every candidate on the labelled names and says what is
best; its report of quality leaves the judged name out of the choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _counts() -> Mapping[str, float]:
    return MappingProxyType(
        {"near": 1.0, "edge": 1.0, "sign": 1.0, "pair": 1.0, "host": 1.0,
         "company near": 2.0, "company before": 1.0, "company after": 1.0}
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """counts: what each similarity counts beside the others. echoes: the share of the brand's
    unmarked texts, the surest ones, that teach a second head what the first guesses of them;
    echo: what such a guess counts beside a mark. lift: how far of the way the threshold goes to
    where the marks ask for it. middle: how much a text in the thick of the unmarked ones is
    preferred when asking for the next mark, beside the doubt about it."""

    counts: Mapping[str, float] = field(default_factory=_counts)
    echoes: float = 0.6
    echo: float = 0.3
    lift: float = 0.5
    middle: float = 0.5


DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Picking:
    """The constants of the suggested terms. price: noise texts that one lost relevant text weighs
    as much as; least: what a term must settle to be proposed; guess: what an unmarked text counts
    beside a mark, where a filter is sure of it; unsure: up to this chance an unmarked text counts
    as noise, from one minus it as relevant."""

    price: float = 2.0
    least: float = 0.6
    guess: float = 0.8
    unsure: float = 0.45


PICKING = Picking()
