"""From a few marks to a filter.

A head is a logistic regression, ridge-regularised, its two classes weighing the same. It is solved
among the texts (as many unknowns as texts, not as features), over a sum of similarities: one per
group of features, each feature scaled by how differently the two sides use it (log ratio of
smoothed shares), and one per place that a word can have beside the name, by the word's company
among all stored texts (`neighbours`). A first head learns from the marks; a second one also from
its surest guesses of unmarked texts, which count less. Deterministic: nothing is drawn but the
folds, and those are seeded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.features import GROUPS
from nlp.relevance.model import MAX_FEATURES, PLACES, SHORTEST, UNKNOWN_RARE, Filter
from nlp.relevance.neighbours import Neighbours
from nlp.relevance.settings import Settings
from nlp.relevance.values import Features

RIDGE: Final = 0.1
SMOOTHING: Final = 0.5
FOLDS: Final = 5
TOTAL: Final = 4.0
"""What all similarities count together."""
MAX_ECHOES: Final = 200
"""Unmarked texts, the newest, whose guesses may teach."""
MAX_COLUMNS: Final = 20_000
"""Features of a group that are looked at; those of the fewest texts are let go first."""

Array = npt.NDArray[Any]


def company(place: str) -> str:
    """The name of the similarity of the words at a place (a group has that name too)."""
    return f"company {place}"


@dataclass(frozen=True)
class Space:
    """The marks as matrices, unmarked texts below them. marks: how many there are; groups: group →
    (buckets, values); company: similarity → vectors of the words at a place, weighted and centred
    on the brand's texts; centre, spread: how."""

    marks: int
    groups: Mapping[str, tuple[Array, Array]]
    company: Mapping[str, Array]
    centre: Mapping[str, Array]
    spread: Mapping[str, float]


@dataclass(frozen=True)
class Head:
    """A solved head. rows: the places of its texts, marks and echoes; labels, alphas: one a text;
    counts: what each similarity counts."""

    rows: Array
    labels: Array
    alphas: Array
    offset: float
    counts: Mapping[str, float]


def space(
    marked: Sequence[Features], unlabelled: Sequence[Features], neighbours: Neighbours | None
) -> Space:
    """unlabelled: other texts of the brand, newest first."""
    texts = [*marked, *unlabelled[:MAX_ECHOES]]
    groups = {group: _matrix([features[group] for features in texts]) for group in GROUPS}
    vectors, centre, spread = {}, {}, {}
    if neighbours is not None and len(neighbours.buckets):
        known = neighbours.known
        for place in PLACES:
            every = _vectors([one[place] for one in (*marked, *unlabelled)], neighbours, known)
            centre[place] = every.mean(0)
            off = every - centre[place]
            spread[place] = float(np.sqrt((off**2).sum(1).mean())) or 1.0
            vectors[company(place)] = off[: len(texts)] / spread[place]
    return Space(len(marked), groups, vectors, centre, spread)


def _matrix(rows: Sequence[Mapping[int, float]]) -> tuple[Array, Array]:
    spread = Counter(bucket for row in rows for bucket in row)
    ranked = sorted(spread, key=lambda bucket: (-spread[bucket], bucket))
    buckets = sorted(ranked[:MAX_COLUMNS])
    at = {bucket: column for column, bucket in enumerate(buckets)}
    values = np.zeros((len(rows), len(buckets)), np.float32)
    for place, row in enumerate(rows):
        for bucket, value in row.items():
            if bucket in at:
                values[place, at[bucket]] = value
    return np.array(buckets, np.int64), values


def _vectors(
    rows: Sequence[Mapping[int, float]], neighbours: Neighbours, known: Mapping[int, int]
) -> Array:
    made = np.zeros((len(rows), neighbours.vectors.shape[1]))
    for place, row in enumerate(rows):
        length = 0.0
        for bucket, value in row.items():
            at = known.get(bucket)
            weight = value * (UNKNOWN_RARE if at is None else neighbours.weights[at])
            length += weight**2
            if at is not None:
                made[place] += weight * neighbours.vectors[at]
        if length:
            made[place] /= np.sqrt(length)
    return made


def scales(values: Array, labels: Array) -> Array:
    """How differently the two sides use each feature."""
    there = values > 0
    relevant = (there[labels].sum(0) + SMOOTHING) / (labels.sum() + 2 * SMOOTHING)
    noise = (there[~labels].sum(0) + SMOOTHING) / ((~labels).sum() + 2 * SMOOTHING)
    return np.asarray(np.abs(np.log(relevant / noise)))


def _scaled(values: Array, fit: Array, labels: Array) -> Array:
    made = values * scales(values[fit], labels).astype(np.float32)
    return np.asarray(made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), SHORTEST))


def _similarities(room: Space, counts: Mapping[str, float], fit: Array, labels: Array) -> Array:
    """Of all texts with those of `fit`, with what their labels tell."""
    total: Array = np.zeros(())
    for name, count in counts.items():
        rows = room.company.get(name)
        if rows is None:
            rows = _scaled(room.groups[name][1], fit, labels)
        total = total + count * (rows @ rows[fit].T)
    return total


def solve(likeness: Array, labels: Array, weights: Array) -> tuple[Array, float]:
    """The ridge-regularised logistic head, by Newton's steps."""
    size = len(labels)
    target = labels.astype(float)
    alphas, offset = np.zeros(size), 0.0
    system = np.ones((size + 1, size + 1))
    system[size, size] = 0.0
    for _ in range(30):
        reached = np.clip(likeness @ alphas + offset, -30, 30)
        chance = 1 / (1 + np.exp(-reached))
        bend = np.maximum(weights * chance * (1 - chance), 1e-5)
        aim = reached + weights * (target - chance) / bend
        system[:size, :size] = likeness
        system[np.arange(size), np.arange(size)] += RIDGE / bend
        step = np.linalg.solve(system, np.append(aim, 0.0))
        moved = np.abs(step[:size] - alphas).max()
        alphas, offset = step[:size], float(step[size])
        if moved < 1e-5:
            break
    return alphas, offset


def folds(labels: Array, seed: int) -> Array:
    """The fold of each mark; both classes spread evenly."""
    rng = np.random.default_rng(seed)
    made = np.empty(len(labels), int)
    for side in (True, False):
        which = np.flatnonzero(labels == side)
        rng.shuffle(which)
        made[which] = np.arange(len(which)) % FOLDS
    return made


def fit(room: Space, labels: Array, marks: Array, settings: Settings) -> Head:
    """The head of these marks (their places among all; labels: of all marks)."""
    names = (*GROUPS, *room.company)
    whole = sum(settings.counts[name] for name in names)
    counts = {name: TOTAL * settings.counts[name] / whole for name in names}
    chosen = labels[marks]
    first, scores = _solved(room, counts, marks, chosen, balance(chosen))
    echoes = _surest(scores[room.marks :], settings.echoes) + room.marks
    if not len(echoes):
        return first
    guessed = scores[echoes] >= 0
    weights = [balance(chosen), settings.echo * balance(guessed)]
    return _solved(
        room, counts, np.concatenate([marks, echoes]), np.concatenate([chosen, guessed]),
        np.concatenate(weights),
    )[0]  # fmt: skip


def _solved(
    room: Space, counts: Mapping[str, float], rows: Array, labels: Array, weights: Array
) -> tuple[Head, Array]:
    """The head of these texts, and the scores of all."""
    likeness = _similarities(room, counts, rows, labels)
    alphas, offset = solve(likeness[rows], labels, weights)
    return Head(rows, labels, alphas, offset, counts), likeness @ alphas + offset


def _surest(scores: Array, share: float) -> Array:
    order = np.argsort(-np.abs(scores), kind="stable")
    return np.asarray(order[: int(len(scores) * share)])


def reached(room: Space, head: Head, others: Array) -> Array:
    """The scores of other texts."""
    likeness = _similarities(room, head.counts, head.rows, head.labels)
    return np.asarray(likeness[others] @ head.alphas + head.offset)


def balance(labels: Array) -> Array:
    """Weights that let both classes count the same; one class alone counts as it is."""
    share = labels.mean()
    if not 0.0 < share < 1.0:
        return np.ones(len(labels))
    return np.asarray(np.where(labels, 0.5 / share, 0.5 / (1 - share)))


def collapse(
    room: Space, head: Head, neighbours: Neighbours | None, *, featurizer: str, threshold: float,
    slope: float, middle: float,
) -> Filter:  # fmt: skip
    """The head as weights of buckets and words."""
    features: dict[str, list[tuple[float, int, float]]] = {}
    for group in GROUPS:
        features[group] = _weights(room, head, group)
    strongest = sorted((abs(w[0]) for rows in features.values() for w in rows), reverse=True)
    least = strongest[MAX_FEATURES - 1] if len(strongest) >= MAX_FEATURES else 0.0
    kept = {
        group: {bucket: (weight, scale) for weight, bucket, scale in rows if abs(weight) >= least}
        for group, rows in features.items()
    }
    words, moved = _words(room, head, neighbours)
    return Filter(featurizer, kept, words, head.offset - moved, threshold, slope, middle)


def _weights(room: Space, head: Head, group: str) -> list[tuple[float, int, float]]:
    buckets, values = room.groups[group]
    scale = scales(values[head.rows], head.labels)
    rows = _scaled(values, head.rows, head.labels)[head.rows]
    weights = head.counts[group] * (rows.T @ head.alphas) * scale
    return list(zip(weights.tolist(), buckets.tolist(), scale.tolist(), strict=True))


def _words(
    room: Space, head: Head, neighbours: Neighbours | None
) -> tuple[dict[int, tuple[float, float, float, float]], float]:
    """Each known word's share at each place, and what the centres add up to."""
    if neighbours is None or not room.company:
        return {}, 0.0
    shares, moved = [], 0.0
    for place in PLACES:
        direction = head.counts[company(place)] * (
            room.company[company(place)][head.rows].T @ head.alphas
        )
        direction /= room.spread[place]
        shares.append(neighbours.vectors @ direction)
        moved += float(room.centre[place] @ direction)
    table = np.column_stack([*shares, neighbours.weights]).tolist()
    words = dict(zip(neighbours.buckets.tolist(), map(tuple, table), strict=True))
    return words, moved
