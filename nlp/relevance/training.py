"""From a few marks to a filter with its figures, and which text is best marked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nlp.relevance.features import HashedWords
from nlp.relevance.head import collapse, fit, space
from nlp.relevance.measure import calibration, figures, held_out, threshold
from nlp.relevance.model import Filter
from nlp.relevance.neighbours import Neighbours
from nlp.relevance.values import Features, Featurizer, Figures

MIN_A_SIDE: Final = 3
"""Marks that each side needs for a filter at all."""
MAX_MARKS: Final = 400
"""The newest marks are trained on; the work grows with the third power of their number."""


class TooFewMarks(ValueError):
    """Both relevant and irrelevant texts have to be marked first."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A filter and what cross-validation says of it; figures None where it was not asked for."""

    filter: Filter
    figures: Figures | None


def train(
    marked: Sequence[Features],
    labels: Sequence[bool],
    *,
    unlabelled: Sequence[Features] = (),
    neighbours: Neighbours | None = None,
    featurizer: Featurizer | None = None,
    measured: bool = True,
) -> Trained:
    """Learn from marks (True: about the brand), newest first.

    unlabelled: further texts of the brand. measured: cross-validate too, which also places the
    threshold and calibrates. Raises TooFewMarks.
    """
    marked, labels = marked[:MAX_MARKS], labels[:MAX_MARKS]
    wanted = np.array(labels, bool)
    if min(wanted.sum(), (~wanted).sum()) < MIN_A_SIDE:
        raise TooFewMarks
    room = space(marked, unlabelled, neighbours)
    head = fit(room, wanted, np.arange(len(wanted)))
    place, slope, middle, found = 0.0, 1.0, 0.0, None
    if measured:
        scores = held_out(room, wanted)
        place = threshold(scores, wanted)
        slope, middle = calibration(scores, wanted)
        found = figures(scores, wanted, place)
    name = (featurizer or HashedWords()).name
    made = collapse(
        room, head, neighbours, featurizer=name, threshold=place, slope=slope, middle=middle
    )
    return Trained(made, found)


def mark_next(made: Filter, texts: Sequence[Features], *, count: int) -> Sequence[int]:
    """The places of the texts that teach most: those the filter is least sure of."""
    doubt = np.array([abs(made.score(features) - made.threshold) for features in texts])
    return [int(at) for at in np.argsort(doubt, kind="stable")[:count]]
