"""The French head: a linear model over words, pairs of words and pieces of words.

A text's evidence is the sum of its features' weights, divided by the length of its feature vector
(as TF-IDF does, up to repeats across words). So a word's share can be computed once and remembered.
Weights, recipe and terms of the data: `train.py` and `MODEL_CARD.fr.md` beside this file.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import ClassVar

import numpy as np

from nlp.api import Abstain, Doc, Kind, Label, ModelRef, Verdict
from nlp.sentiment import features
from nlp.sentiment.french_digest import SHA256
from nlp.sentiment.gate import refusal

LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
WEIGHTS = "french.npz"
UNSURE_MARGIN = 0.1
"""Between the two likeliest labels; below it the head would not bet on its answer."""
MEMORY = 50_000
"""Words whose share is remembered (some 10 MB); then the memory starts anew. Answers never differ:
a forgotten word is computed again from the same weights."""

Share = tuple[float, float, float, float]
"""Evidence for negative, neutral, positive; and the squared length it adds."""
_TOO_SHORT = Abstain("too_short")


class WrongWeights(Exception):
    """The weights file is not the one this code was released with: reinstall Vigie."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What training found. share: feature → evidence and squared length; pieces: the same for
    pieces of words, by the piece itself (most look-ups are theirs); bias: per label."""

    share: dict[str, Share]
    pieces: dict[str, Share]
    bias: tuple[float, float, float]


def read_weights(data: bytes) -> Weights:
    """From the bytes of an .npz without pickled objects."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            names = bytes(stored["names"]).decode("utf-8").split("\n")
            scale = stored["scale"].astype(np.float64)
            evidence = stored["evidence"].astype(np.float64) * scale
            mass = stored["mass"].astype(np.float64)
            bias = [float(value) for value in stored["bias"]]
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise WrongWeights(f"{WEIGHTS} cannot be read: reinstall Vigie") from error
    rows = np.column_stack([evidence, mass]).tolist()
    share: dict[str, Share] = {}
    pieces: dict[str, Share] = {}
    for name, (one, two, three, length) in zip(names, rows, strict=True):
        if name[0] == features.PIECE:
            pieces[name[1:]] = (one, two, three, length)
        else:
            share[name] = (one, two, three, length)
    return Weights(share, pieces, (bias[0], bias[1], bias[2]))


def shipped_weights() -> bytes:
    """The weights beside this file. Raises WrongWeights where they are not the released ones."""
    data = files(__package__).joinpath(WEIGHTS).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise WrongWeights(f"{WEIGHTS} is not the released file: reinstall Vigie")
    return data


class FrenchHead:
    """Sentiment of French texts; score: P(positive) − P(negative).

    unsure_margin: difference of the two best probabilities below which a verdict is unsure.
    weights: default, those shipped; training passes its own.
    """

    kind: ClassVar[Kind] = "sentiment"
    languages: ClassVar[frozenset[str] | None] = frozenset({"fr"})
    requires: ClassVar[frozenset[Kind]] = frozenset({"language"})

    def __init__(
        self, unsure_margin: float = UNSURE_MARGIN, *, weights: bytes | None = None
    ) -> None:
        self._margin = unsure_margin
        self._given = weights
        self._words: dict[str, Share] = {}

    @cached_property
    def ref(self) -> ModelRef:
        digest = SHA256 if self._given is None else hashlib.sha256(self._given).hexdigest()
        told = f"{digest} {self._margin}"
        return ModelRef("french.v1", hashlib.sha256(told.encode()).hexdigest()[:12])

    @cached_property
    def _weights(self) -> Weights:
        return read_weights(shipped_weights() if self._given is None else self._given)

    def analyze(self, docs: Sequence[Doc]) -> list[Verdict | Abstain]:
        return [refusal(doc, {"fr"}) or self._judge(doc.text) for doc in docs]

    def judge_texts(self, texts: Sequence[str]) -> list[Verdict | Abstain]:
        """As `analyze`, for texts known to be French."""
        return [self._judge(text) for text in texts]

    def probabilities(self, text: str) -> tuple[float, float, float] | None:
        """P(negative), P(neutral), P(positive); None where no feature is known."""
        words = features.tokens(text)
        known, remembered = self._weights.share, self._words
        negative = neutral = positive = mass = 0.0
        shares = [remembered.get(word) or self._word(word) for word in words]
        shares += [known[pair] for pair in features.of_pairs(words) if pair in known]
        for one, two, three, length in shares:
            negative += one
            neutral += two
            positive += three
            mass += length
        if not mass:
            return None
        return _softmax(self._weights.bias, (negative, neutral, positive), 1 / math.sqrt(mass))

    def _word(self, word: str) -> Share:
        if len(self._words) >= MEMORY:
            self._words.clear()
        known, pieces = self._weights.share, self._weights.pieces
        found = [known[name] for name in features.of_whole(word) if name in known]
        found += [pieces[piece] for piece in features.pieces(word) if piece in pieces]
        negative = neutral = positive = mass = 0.0
        for one, two, three, length in found:
            negative += one
            neutral += two
            positive += three
            mass += length
        share = self._words[word] = (negative, neutral, positive, mass)
        return share

    def _judge(self, text: str) -> Verdict | Abstain:
        chances = self.probabilities(text)
        if chances is None:
            return _TOO_SHORT
        best = max(chances)
        runner_up = sorted(chances)[1]
        return Verdict(
            LABELS[chances.index(best)],
            round(chances[2] - chances[0], 4),
            best - runner_up < self._margin,
        )


def _softmax(
    bias: tuple[float, float, float], evidence: tuple[float, float, float], scale: float
) -> tuple[float, float, float]:
    raw = [base + value * scale for base, value in zip(bias, evidence, strict=True)]
    top = max(raw)
    powers = [math.exp(value - top) for value in raw]
    total = sum(powers)
    return powers[0] / total, powers[1] / total, powers[2] / total
