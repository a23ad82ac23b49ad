"""From a few marks to a filter with its figures, and which text is best marked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.features import HashedWords
from nlp.relevance.head import collapse, fit, space
from nlp.relevance.measure import calibration, figures, held_out, threshold
from nlp.relevance.model import SHORTEST, Filter
from nlp.relevance.neighbours import Neighbours
from nlp.relevance.settings import DEFAULT, Settings
from nlp.relevance.values import Features, Featurizer, Figures

MIN_A_SIDE: Final = 3
"""Marks that each side needs for a filter at all."""
MAX_MARKS: Final = 400
"""The newest marks are trained on; the work grows with the third power of their number."""


MAX_ASKED: Final = 500
"""Texts among which the next mark is looked for; the newest."""


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
    settings: Settings = DEFAULT,
) -> Trained:
    """Learn from marks (True: about the brand), newest first.

    unlabelled: further texts of the brand, newest first. measured: cross-validate too, which also
    places the threshold and calibrates. Raises TooFewMarks.
    """
    marked, labels = marked[:MAX_MARKS], labels[:MAX_MARKS]
    wanted = np.array(labels, bool)
    if min(wanted.sum(), (~wanted).sum()) < MIN_A_SIDE:
        raise TooFewMarks
    room = space(marked, unlabelled, neighbours)
    head = fit(room, wanted, np.arange(len(wanted)), settings)
    place, slope, middle, found = 0.0, 1.0, 0.0, None
    if measured:
        scores = held_out(room, wanted, settings)
        place = threshold(scores, wanted, settings.lift)
        slope, middle = calibration(scores, wanted)
        found = figures(scores, wanted, place)
    name = (featurizer or HashedWords()).name
    made = collapse(
        room, head, neighbours, featurizer=name, threshold=place, slope=slope, middle=middle
    )
    return Trained(made, found)


def mark_next(
    made: Filter, texts: Sequence[Features], *, count: int, settings: Settings = DEFAULT
) -> Sequence[int]:
    """The places of the texts that teach most: those the filter is unsure of, that are like many
    others and unlike what is asked for beside them."""
    texts = texts[:MAX_ASKED]
    if not texts:
        return ()
    scores = np.array([made.score(features) for features in texts]) - made.threshold
    doubt = -np.abs(scores) / (np.abs(scores).std() or 1.0)
    alike = _alike(made, texts)
    wish = doubt + settings.middle * 3 * alike.mean(1)
    found: list[int] = []
    for _ in range(min(count, len(texts))):
        found.append(int(np.argmax(wish)))
        wish = wish - settings.middle * alike[:, found[-1]]
        wish[found] = -np.inf
    return found


def _alike(made: Filter, texts: Sequence[Features]) -> npt.NDArray[Any]:
    """How like each other texts are in what the filter knows, 0 … 1."""
    columns = {
        key: at
        for at, key in enumerate(
            (group, bucket) for group, weights in made.features.items() for bucket in weights
        )
    }
    rows = np.zeros((len(texts), max(len(columns), 1)), np.float32)
    for row, features in zip(rows, texts, strict=True):
        for group, weights in made.features.items():
            for bucket, value in features[group].items():
                if bucket in weights:
                    row[columns[group, bucket]] = value * weights[bucket][1]
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), SHORTEST)
    return np.asarray(rows @ rows.T)
