"""From a few marks to a filter.

A head is a logistic regression, ridge-regularised, its two classes weighing the same. It is solved
among the marks (as many unknowns as marks, not as features), over a sum of similarities: one per
group of features, each feature scaled by how differently the two sides use it (log ratio of
smoothed shares), and one per place that a word can have beside the name, by the word's company
among all stored texts (`neighbours`). How much each similarity counts is what it alone gets right
on marks it was not shown. Deterministic: nothing is drawn but the folds, and those are seeded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.features import GROUPS
from nlp.relevance.model import MAX_FEATURES, PLACES, SHORTEST, UNKNOWN_RARE, Filter
from nlp.relevance.neighbours import Neighbours
from nlp.relevance.values import Features

RIDGE: Final = 0.1
SMOOTHING: Final = 0.5
FLOOR: Final = 0.2
"""What a similarity counts that alone gets nothing right."""
FOLDS: Final = 5
TOTAL: Final = 4.0
"""What all similarities count together."""

Array = npt.NDArray[Any]


def company(place: str) -> str:
    """The name of the similarity of the words at a place (a group has that name too)."""
    return f"company {place}"


@dataclass(frozen=True)
class Space:
    """The marks as matrices. groups: group → (buckets, values); company: similarity → vectors of
    the words at a place, weighted and centred on the brand's texts; centre, spread: how."""

    groups: Mapping[str, tuple[Array, Array]]
    company: Mapping[str, Array]
    centre: Mapping[str, Array]
    spread: Mapping[str, float]


@dataclass(frozen=True)
class Head:
    """A solved head. alphas: one a mark; counts: what each similarity counts."""

    marks: Array
    labels: Array
    alphas: Array
    offset: float
    counts: Mapping[str, float]


def space(
    marked: Sequence[Features], unlabelled: Sequence[Features], neighbours: Neighbours | None
) -> Space:
    """unlabelled: other texts of the brand; only where their middle lies is taken from them."""
    groups = {group: _matrix([features[group] for features in marked]) for group in GROUPS}
    vectors, centre, spread = {}, {}, {}
    if neighbours is not None and len(neighbours.buckets):
        known = neighbours.known
        for place in PLACES:
            mine = _vectors([one[place] for one in marked], neighbours, known)
            others = _vectors([one[place] for one in unlabelled], neighbours, known)
            everything = np.concatenate([mine, others])
            centre[place] = everything.mean(0)
            off = everything - centre[place]
            spread[place] = float(np.sqrt((off**2).sum(1).mean())) or 1.0
            vectors[company(place)] = (mine - centre[place]) / spread[place]
    return Space(groups, vectors, centre, spread)


def _matrix(rows: Sequence[Mapping[int, float]]) -> tuple[Array, Array]:
    buckets = sorted({bucket for row in rows for bucket in row})
    at = {bucket: column for column, bucket in enumerate(buckets)}
    values = np.zeros((len(rows), len(buckets)))
    for place, row in enumerate(rows):
        for bucket, value in row.items():
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
    made = values * scales(values[fit], labels[fit])
    return np.asarray(made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), SHORTEST))


def similarity(room: Space, name: str, fit: Array, labels: Array) -> Array:
    """Of all marks with all, with what those of `fit` tell."""
    rows = room.company.get(name)
    if rows is None:
        rows = _scaled(room.groups[name][1], fit, labels)
    return np.asarray(rows @ rows.T)


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


def fit(room: Space, labels: Array, marks: Array) -> Head:
    """The head of these marks (their places among all)."""
    names = (*GROUPS, *room.company)
    worth = {name: _worth(room, name, labels, marks) for name in names}
    whole = sum(worth.values())
    counts = {name: TOTAL * value / whole for name, value in worth.items()}
    likeness = sum(counts[name] * similarity(room, name, marks, labels) for name in names)
    assert isinstance(likeness, np.ndarray)
    chosen = labels[marks]
    alphas, offset = solve(likeness[np.ix_(marks, marks)], chosen, balance(chosen))
    return Head(marks, labels, alphas, offset, counts)


def reached(room: Space, head: Head, others: Array) -> Array:
    """The scores of other marks."""
    likeness = sum(
        count * similarity(room, name, head.marks, head.labels)[np.ix_(others, head.marks)]
        for name, count in head.counts.items()
    )
    return np.asarray(likeness @ head.alphas + head.offset)


def balance(labels: Array) -> Array:
    """Weights that let both classes count the same."""
    share = labels.mean()
    return np.asarray(np.where(labels, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9)))


def _worth(room: Space, name: str, labels: Array, marks: Array) -> float:
    """How well one similarity alone tells marks apart that it was not fitted on (FLOOR … 1)."""
    part = folds(labels[marks], 0)
    scores = np.zeros(len(marks))
    for number in range(FOLDS):
        shown, hidden = part != number, part == number
        inner = marks[shown]
        if not hidden.any() or labels[inner].all() or not labels[inner].any():
            continue
        likeness = similarity(room, name, inner, labels)
        alphas, offset = solve(
            likeness[np.ix_(inner, inner)], labels[inner], balance(labels[inner])
        )
        scores[hidden] = likeness[np.ix_(marks[hidden], inner)] @ alphas + offset
    chosen = labels[marks]
    ahead = scores[chosen][:, None] - scores[~chosen][None, :]
    area = float((ahead > 0).mean() + 0.5 * (ahead == 0).mean())
    return max(FLOOR, 2 * area - 1)


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
    scale = scales(values[head.marks], head.labels[head.marks])
    rows = _scaled(values, head.marks, head.labels)[head.marks]
    weights = head.counts[group] * (rows.T @ head.alphas) * scale
    return [
        (float(weight), int(bucket), float(one))
        for weight, bucket, one in zip(weights, buckets, scale, strict=True)
    ]


def _words(
    room: Space, head: Head, neighbours: Neighbours | None
) -> tuple[dict[int, tuple[float, float, float, float]], float]:
    """Each known word's share at each place, and what the centres add up to."""
    if neighbours is None or not room.company:
        return {}, 0.0
    shares, moved = [], 0.0
    for place in PLACES:
        direction = head.counts[company(place)] * (
            room.company[company(place)][head.marks].T @ head.alphas
        )
        direction /= room.spread[place]
        shares.append(neighbours.vectors @ direction)
        moved += float(room.centre[place] @ direction)
    table = np.stack(shares, axis=1)
    words = {
        int(bucket): (float(near), float(before), float(after), float(rare))
        for bucket, (near, before, after), rare in zip(
            neighbours.buckets, table, neighbours.weights, strict=True
        )
    }
    return words, moved
