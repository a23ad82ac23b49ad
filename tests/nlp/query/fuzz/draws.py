"""How often each operator and each feature of a text was drawn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping


class Draws(random.Random):
    """A seeded source of chance that keeps count of what it drew."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.counts: Counter[str] = Counter()

    def note(self, name: str) -> None:
        self.counts[name] += 1

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def named(self, kind: str, weights: Mapping[str, int]) -> str:
        """One of the names, counted as `kind name`."""
        name = self.choices(list(weights), list(weights.values()))[0]
        self.note(f"{kind} {name}")
        return name
