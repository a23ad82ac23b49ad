"""Relevance: a small filter per brand that learns "not about us" from a few marks, and the terms to
add to a query. A leaf library: numpy only; what is stored holds numbers, no words.

What needs numpy is loaded when it is first asked for: a service without marks never does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nlp.relevance.features import HashedWords
from nlp.relevance.suggest import Suggestions, Term, suggest
from nlp.relevance.values import Features, Featurizer, Figures, Rate, Sample

if TYPE_CHECKING:
    from nlp.relevance.model import Filter, NotAFilter, from_bytes
    from nlp.relevance.neighbours import Neighbours, learn
    from nlp.relevance.training import MIN_A_SIDE, TooFewMarks, Trained, mark_next, train

__all__ = [
    "MIN_A_SIDE", "Features", "Featurizer", "Figures", "Filter", "HashedWords", "Neighbours",
    "NotAFilter", "Rate", "Sample", "Suggestions", "Term", "TooFewMarks", "Trained", "from_bytes",
    "learn", "mark_next", "suggest", "train",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(("Filter", "NotAFilter", "from_bytes"), "model"),
    **dict.fromkeys(("Neighbours", "learn"), "neighbours"),
    **dict.fromkeys(("MIN_A_SIDE", "TooFewMarks", "Trained", "mark_next", "train"), "training"),
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
