"""How often each operator and each feature of a text was drawn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws(random.Random):
    """A seeded source of chance that keeps count of what it drew."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.counts: Counter[str] = Counter()

    def note(self, name: str) -> None:
        self.counts[name] += 1

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def named(self, kind: str, names: Sequence[str], weights: Sequence[int] | None = None) -> str:
        """One of the names, counted as `kind name`."""
        name = self.choices(names, weights)[0]
        self.note(f"{kind} {name}")
        return name
