"""Which words keep the same company, learned from the stored texts without any mark.

Twenty marks name few words. A word that stands among the same words as a marked one ("golang",
"rust") is given its share of the mark's weight. The company of each of the commonest words is
counted (who stands up to WINDOW words before and after), turned into positive pointwise mutual
information, and brought down to DIMS numbers by a truncated singular value decomposition
(randomised, seeded: the same texts give the same numbers).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.features import bucket
from nlp.text.field import ReadText

WORDS: Final = 5_000
COMPANY: Final = 1_500
WINDOW: Final = 6
DIMS: Final = 50
MIN_COUNT: Final = 4
MAX_CHARS: Final = 1_500

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Neighbours:
    """buckets: of the words, sorted; vectors: their company, of length 1; weights: how rare each
    is among the texts, 0 … 1."""

    buckets: Array
    vectors: Array
    weights: Array

    @cached_property
    def known(self) -> dict[int, int]:
        """Bucket → row."""
        return {one: row for row, one in enumerate(self.buckets.tolist())}


def learn(texts: Iterable[str], *, words: int = WORDS) -> Neighbours:
    """The company of the words of these texts."""
    documents = [_words(text) for text in texts]
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    for document in documents:
        counts.update(document)
        spread.update(set(document))
    counts.pop("", None)
    # Ties are broken by the word itself, so that the order of the texts changes nothing.
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    common = [word for word, count in ranked[:words] if count >= MIN_COUNT]
    if len(common) < DIMS * 2:
        return Neighbours(np.zeros(0, np.int64), np.zeros((0, DIMS)), np.zeros(0))
    vectors = _reduced(_company(documents, common))
    rare = np.log(len(documents) / (1.0 + np.array([spread[word] for word in common])))
    weights = np.clip(rare / np.log(len(documents) / MIN_COUNT + 1.0), 0.02, 1.0)
    numbers = np.array([bucket(word) for word in common], np.int64)
    order = np.argsort(numbers, kind="stable")
    return Neighbours(numbers[order], vectors[order], weights[order])


def _words(text: str) -> list[str]:
    return ReadText(text[:MAX_CHARS]).bare


def _company(documents: Sequence[Sequence[str]], common: Sequence[str]) -> Array:
    """Rows: words; columns: the commonest words before them, then after them."""
    at = {word: row for row, word in enumerate(common)}
    gap = [-1] * WINDOW
    flat = np.array(
        [row for document in documents for row in (*(at.get(w, -1) for w in document), *gap)],
        np.int64,
    )
    wide = min(COMPANY, len(common))
    counted = np.zeros(len(common) * wide * 2, np.float32)
    for step in range(1, WINDOW + 1):
        left, right = flat[:-step], flat[step:]
        for row, column, shift in ((left, right, 0), (right, left, wide)):
            seen = (row >= 0) & (column >= 0) & (column < wide)
            place = row[seen] * (2 * wide) + column[seen] + shift
            counted += np.bincount(place, minlength=len(counted)).astype(np.float32) / step
    return counted.reshape(len(common), 2 * wide)


def _reduced(company: Array) -> Array:
    total = company.sum()
    rows = company.sum(1, keepdims=True) + 1e-9
    columns = company.sum(0, keepdims=True) ** 0.75
    columns *= total / columns.sum()
    with np.errstate(divide="ignore"):
        known = np.log(company * (total / rows) / (columns + 1e-9))
    known = np.maximum(known, 0.0, out=known)
    rng = np.random.default_rng(0)
    basis = known @ rng.standard_normal((known.shape[1], DIMS + 20)).astype(np.float32)
    for _ in range(3):
        basis, _r = np.linalg.qr(basis)
        back, _r = np.linalg.qr(known.T @ basis)
        basis = known @ back
    basis, _r = np.linalg.qr(basis)
    left, sizes, _right = np.linalg.svd(basis.T @ known, full_matrices=False)
    vectors = (basis @ left)[:, :DIMS] * np.sqrt(sizes[:DIMS])
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9))
