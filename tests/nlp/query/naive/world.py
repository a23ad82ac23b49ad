"""What the evaluation takes from outside the query and the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


def itself(form: str) -> frozenset[str]:
    return frozenset({form})


@dataclass(frozen=True)
class World:
    """inflections: the folded inflected forms of a folded word, itself among them."""

    zone: tzinfo = UTC
    now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)
    inflections: Callable[[str], frozenset[str]] = itself
