"""VADER for English, and for English only: on other languages its answers are accidents of
look-alike words. See `nlp.sentiment.compound` for the arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar

from nlp.api import Abstain, Doc, Kind, ModelRef, Verdict
from nlp.sentiment.compound import Compound
from nlp.sentiment.gate import refusal

THRESHOLD = 0.05
"""VADER's own: ≥ .05 positive, ≤ −.05 negative, else neutral."""


class Vader:
    """Rule-based sentiment; score: VADER's compound, −1..1. It has no probabilities, so it is
    never unsure."""

    kind: ClassVar[Kind] = "sentiment"
    languages: ClassVar[frozenset[str] | None] = frozenset({"en"})
    requires: ClassVar[frozenset[Kind]] = frozenset({"language"})

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold

    @cached_property
    def ref(self) -> ModelRef:
        told = f"{version('vaderSentiment')} {self._threshold} {self._compound.digest}"
        return ModelRef("vader.v1", hashlib.sha256(told.encode()).hexdigest()[:12])

    @cached_property
    def _compound(self) -> Compound:
        return Compound()

    def analyze(self, docs: Sequence[Doc]) -> list[Verdict | Abstain]:
        return [refusal(doc, {"en"}) or self._judge(doc.text) for doc in docs]

    def judge_texts(self, texts: Sequence[str]) -> list[Verdict | Abstain]:
        """As `analyze`, for texts known to be English."""
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Verdict | Abstain:
        if not text or text.isspace():
            return Abstain("too_short")
        score = self._compound(text)
        if score >= self._threshold:
            return Verdict("positive", score)
        return Verdict("negative" if score <= -self._threshold else "neutral", score)
