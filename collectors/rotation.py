"""Which of a source's places comes first, where one poll may not reach all. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def rotated(places: Sequence[str], turn: str) -> list[str]:
    """The places, beginning behind the one that was read last."""
    at = places.index(turn) + 1 if turn in places else 0
    return [*places[at:], *places[:at]]
