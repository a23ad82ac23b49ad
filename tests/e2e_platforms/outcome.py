"""What was wanted and what was found, a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Outcome:
    """Collects the lines of a run."""

    wrong: int = 0

    def line(self, what: str, wanted: object, found: object) -> None:
        good = wanted == found
        self.wrong += not good
        print(
            f"  {'ok ' if good else 'BAD'} {what:<46} wanted {wanted!s:<8} found {found}",
            flush=True,
        )

    def same(self, what: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        """Each of the wanted once and nothing else."""
        must, is_there = Counter(wanted), Counter(found)
        self.line(what, must.total(), is_there.total())
        if must != is_there:
            self.wrong += must.total() == is_there.total()
            lost, extra = sorted(must - is_there)[:3], sorted(is_there - must)[:3]
            print(f"      missing {lost}, too many {extra}")
