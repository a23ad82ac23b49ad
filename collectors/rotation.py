"""Which of a source's places comes first, where one poll may not reach all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def rotated(places: Iterable[T], turn: str, *, key: Callable[[T], str] = str) -> list[T]:
    """The places, beginning behind the one that was read last, which `turn` names."""
    there = list(places)
    keys = [key(one) for one in there]
    at = keys.index(turn) + 1 if turn in keys else 0
    return [*there[at:], *there[:at]]
