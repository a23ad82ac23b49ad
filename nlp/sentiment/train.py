"""Train the French head:  python -m nlp.sentiment.train [--check] [--data FOLDER]

Prints cross-validated macro-F1 over the training tweets (five folds, three shuffles) and the figure
on the validation file, which no weight and no choice of an option has seen; then writes the weights
and their digest. `--check` retrains and compares with what is shipped instead of writing (exit 1
where they differ). Needs scikit-learn (extra `dev`) and the labelled texts (`../shared/data/text`).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp.sentiment import features, french

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).parent
TEXTS = Path(__file__).parents[3] / "shared" / "data" / "text"

STRENGTH = 5.0
"""Inverse of the L2 penalty."""
REVIEWS_WEIGHT = 0.1
"""A TV review counts a tenth of a tweet: another domain, two classes, four words of five new."""
WORTH = {features.WORD: 1.0, features.PAIR: 0.7, features.PIECE: 1.0, features.POLARITY: 2.5}
MIN_TWEETS, MIN_REVIEWS = 2, 3
"""A feature is kept when so many texts hold it."""
FOLDS, SHUFFLES = 5, (0, 1, 2)
TOLERANCE = 0.02
"""Largest difference of a probability between two trainings on different machines."""

Text = tuple[str, int]
Counts = Counter[str]


@dataclass(frozen=True, slots=True)
class Model:
    """Names of the features, their worth (idf × WORTH), coefficients (3 × features), bias."""

    names: list[str]
    worth: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    bias: NDArray[np.float64]


def read(path: Path) -> list[Text]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(row["text"], row["label"]) for row in map(json.loads, lines)]


def count(texts: Iterable[Text]) -> list[Counts]:
    return [Counter(features.of_text(text)) for text, _ in texts]


def fit(
    tweets: Sequence[Counts],
    labels: Sequence[int],
    reviews: Sequence[Counts],
    review_labels: Sequence[int],
) -> Model:
    """Multinomial logistic regression over the normalised counts."""
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for counts in tweets for name in counts)
    also = Counter(name for counts in reviews for name in counts)
    names = sorted(
        {name for name, n in seen.items() if n >= MIN_TWEETS}
        | {name for name, n in also.items() if n >= MIN_REVIEWS}
    )
    idf = [math.log((1 + len(tweets)) / (1 + seen[name])) + 1 for name in names]
    worth = np.array([value * WORTH[name[0]] for value, name in zip(idf, names, strict=True)])
    matrix = design([*tweets, *reviews], names, worth)
    weights = np.array([1.0] * len(tweets) + [REVIEWS_WEIGHT] * len(reviews))
    model = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-5)
    model.fit(matrix, np.array([*labels, *review_labels]), sample_weight=weights)
    return Model(names, worth, model.coef_, model.intercept_)


def design(texts: Sequence[Counts], names: Sequence[str], worth: NDArray[np.float64]) -> Any:
    """One row a text: count × worth, over the length of the vector as the head computes it."""
    from scipy.sparse import csr_matrix

    place = {name: index for index, name in enumerate(names)}
    starts, columns, values = [0], list[int](), list[float]()
    for counts in texts:
        held = [(place[name], n) for name, n in counts.items() if name in place]
        length = math.sqrt(sum(n * worth[column] ** 2 for column, n in held)) or 1.0
        columns += [column for column, _ in held]
        values += [n * worth[column] / length for column, n in held]
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(texts), len(names)))


def packed(model: Model) -> bytes:
    """The file that ships: 16-bit evidence with a scale per label, names as UTF-8 lines."""
    evidence = (model.coefficients * model.worth).T
    scale = np.abs(evidence).max(axis=0) / 32_000
    stored = io.BytesIO()
    np.savez_compressed(
        stored,
        names=np.frombuffer("\n".join(model.names).encode(), dtype=np.uint8),
        evidence=np.round(evidence / scale).astype(np.int16),
        scale=scale,
        mass=(model.worth**2).astype(np.float32),
        bias=model.bias,
    )
    return stored.getvalue()


def cross_validate(tweets: Sequence[Text], reviews: Sequence[Text]) -> list[float]:
    """Macro-F1 of each shuffle, over answers given by the shipped kind of file."""
    from sklearn.model_selection import StratifiedKFold

    counts, labels = count(tweets), [label for _, label in tweets]
    others, other_labels = count(reviews), [label for _, label in reviews]
    figures = []
    for seed in SHUFFLES:
        guesses = [0] * len(tweets)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for train, test in folds.split(labels, labels):
            model = fit(
                [counts[i] for i in train], [labels[i] for i in train], others, other_labels
            )
            head = french.FrenchHead(weights=packed(model))
            for index in test:
                guesses[index] = guess(head, tweets[index][0])
        figures.append(macro_f1(labels, guesses))
    return figures


def guess(head: french.FrenchHead, text: str) -> int:
    """0, 1, 2 as the data write it; an abstention counts as neutral."""
    chances = head.probabilities(text)
    return 1 if chances is None else chances.index(max(chances))


def macro_f1(truth: Sequence[int], guesses: Sequence[int]) -> float:
    """Mean F1 of the three labels, in percent."""
    figures = []
    for label in range(3):
        right = sum(t == g == label for t, g in zip(truth, guesses, strict=True))
        total = truth.count(label) + list(guesses).count(label)
        figures.append(2 * right / total if total else 0.0)
    return 100 * sum(figures) / 3


def train(texts: Path, *, validate: bool) -> bytes:
    tweets = read(texts / "umsab" / "fr.train.jsonl")
    folder = texts / "tvreviews_fr"
    reviews = read(folder / "train.jsonl") + read(folder / "dev.jsonl")
    if validate:
        figures = cross_validate(tweets, reviews)
        told = ", ".join(f"{figure:.1f}" for figure in figures)
        print(f"cross-validation over {len(tweets)} tweets: {np.mean(figures):.1f} ({told})")
    labels, review_labels = [label for _, label in tweets], [label for _, label in reviews]
    data = packed(fit(count(tweets), labels, count(reviews), review_labels))
    held_out = read(texts / "umsab" / "fr.val.jsonl")
    head = french.FrenchHead(weights=data)
    figure = macro_f1([label for _, label in held_out], [guess(head, t) for t, _ in held_out])
    print(f"validation ({len(held_out)} tweets, seen by nothing): {figure:.1f}; {len(data)} bytes")
    return data


def save(data: bytes) -> None:
    (HERE / french.WEIGHTS).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    (HERE / "french_digest.py").write_text(
        '"""Written by `python -m nlp.sentiment.train`: which weights this code goes with."""\n\n'
        f'from __future__ import annotations\n\nSHA256 = "{digest}"\n',
        encoding="utf-8",
    )


def differences(data: bytes, texts: Path) -> float:
    """Largest difference of a probability on the validation tweets between `data` and the shipped
    weights: floating-point libraries differ between machines, so bytes may too."""
    ours, theirs = french.FrenchHead(weights=data), french.FrenchHead()
    worst = 0.0
    for text, _ in read(texts / "umsab" / "fr.val.jsonl"):
        pair = ours.probabilities(text), theirs.probabilities(text)
        if pair[0] is None or pair[1] is None:
            worst = max(worst, 0.0 if pair[0] == pair[1] else 1.0)
        else:
            worst = max(worst, *(abs(a - b) for a, b in zip(pair[0], pair[1], strict=True)))
    return worst


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the French sentiment head.")
    parser.add_argument("--check", action="store_true", help="retrain and compare; write nothing")
    parser.add_argument("--data", type=Path, default=TEXTS, help="folder of the labelled texts")
    chosen = parser.parse_args(arguments)
    if not chosen.data.is_dir():
        print(f"data absent: {chosen.data}", file=sys.stderr)
        return 1
    data = train(chosen.data, validate=not chosen.check)
    if not chosen.check:
        save(data)
        return 0
    worst = differences(data, chosen.data)
    print(f"largest difference of a probability from the shipped weights: {worst:.4f}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
