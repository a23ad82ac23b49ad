"""Relevance: a small filter per brand that learns "not about us" from a few marks, and the terms to
add to a query. A leaf library: numpy only; what is stored holds numbers, no words."""

from __future__ import annotations

from nlp.relevance.features import HashedWords
from nlp.relevance.model import Filter, NotAFilter, from_bytes
from nlp.relevance.neighbours import Neighbours, learn
from nlp.relevance.suggest import Suggestions, Term, suggest
from nlp.relevance.train import MIN_A_SIDE, TooFewMarks, Trained, mark_next, train
from nlp.relevance.values import Features, Featurizer, Figures, Rate, Sample

__all__ = [
    "MIN_A_SIDE", "Features", "Featurizer", "Figures", "Filter", "HashedWords", "Neighbours",
    "NotAFilter", "Rate", "Sample", "Suggestions", "Term", "TooFewMarks", "Trained", "from_bytes",
    "learn", "mark_next", "suggest", "train",
]  # fmt: skip
