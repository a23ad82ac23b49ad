"""How good a filter is, told from the marks alone: each is judged by a head that did not see it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.head import FOLDS, Space, fit, folds, reached
from nlp.relevance.settings import Settings
from nlp.relevance.values import Figures, Rate

ROUNDS: Final = 3
"""Times the marks are dealt into folds anew; the scores of a mark are averaged."""
WANTED: Final = 0.95
"""Precision that the threshold is moved for, where moving it costs little recall."""
_COST: Final = 0.1
"""Recall, at most, that it may cost."""
_Z: Final = 1.96

Array = npt.NDArray[Any]


def held_out(room: Space, labels: Array, settings: Settings) -> Array:
    """The score of each mark from heads fitted without it."""
    every = np.arange(len(labels))
    total = np.zeros(len(labels))
    for seed in range(1, ROUNDS + 1):
        part = folds(labels, seed)
        for number in range(FOLDS):
            hidden = part == number
            if hidden.any():
                head = fit(room, labels, every[~hidden], settings)
                total[hidden] += reached(room, head, every[hidden])
    return total / ROUNDS


def threshold(scores: Array, labels: Array, lift: float) -> float:
    """0, where both sides weigh the same, unless the held-out marks speak for another place.

    It is raised to where WANTED of what is kept is relevant, if that loses few relevant marks, and
    only a part of the way (lift): twenty marks are few.
    """
    base = _rates(scores, labels, 0.0)
    if base[0] >= WANTED:
        return 0.0
    for place in sorted(scores[scores > 0]):
        precision, recall = _rates(scores, labels, place)
        if recall < base[1] - _COST:
            break
        if precision >= WANTED:
            return float(place) * lift
    return 0.0


def calibration(scores: Array, labels: Array) -> tuple[float, float]:
    """Slope and middle of the curve from scores to probabilities, with targets drawn in from 0 and
    1 (Platt's), so that a few marks never say "certain"."""
    right, wrong = labels.sum(), (~labels).sum()
    target = np.where(labels, (right + 1) / (right + 2), 1 / (wrong + 2))
    slope, offset = 1.0, 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(slope * scores + offset, -30, 30)))
        bend = chance * (1 - chance) + 1e-6
        columns = np.stack([scores, np.ones(len(scores))])
        down = columns @ (chance - target) + np.array([0.01 * (slope - 1.0), 0.0])
        step = np.linalg.solve((columns * bend) @ columns.T + np.diag([0.01, 1e-6]), down)
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if np.abs(step).max() < 1e-6:
            break
    slope = max(slope, 0.05)  # more score never means less likely
    return slope, -offset / slope


def figures(scores: Array, labels: Array, place: float) -> Figures:
    """Precision and recall of the held-out marks at a threshold."""
    kept = scores >= place
    right = int((kept & labels).sum())
    relevant, noise = int(labels.sum()), int((~labels).sum())
    return Figures(
        relevant, noise, rate(right, int(kept.sum())), rate(right, relevant),
        relevant / len(labels),
    )  # fmt: skip


def rate(hits: int, n: int) -> Rate:
    """A share with Wilson's interval; of nothing, nothing is known."""
    if not n:
        return Rate(0.0, 0, 0.0, 1.0)
    share = hits / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return Rate(share, n, max(0.0, middle - half), min(1.0, middle + half))


def _rates(scores: Array, labels: Array, place: float) -> tuple[float, float]:
    kept = scores >= place
    right = (kept & labels).sum()
    return float(right / max(kept.sum(), 1)), float(right / max(labels.sum(), 1))
