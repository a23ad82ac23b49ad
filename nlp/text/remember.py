"""What a function made of a word, kept for the next time: in texts the same words come again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T", str, bytes)

_MOST = 20_000
_LONGEST = 40
"""Letters of a word beyond which it hardly comes again."""


class Remembered(dict[T, T], Generic[T]):
    """Asked like a dict, which is faster than any call; bounded against hostile texts."""

    def __init__(self, make: Callable[[T], T]) -> None:
        super().__init__()
        self._make: Callable[[T], T] = make

    def __missing__(self, word: T) -> T:
        made: T = self._make(word)
        if len(word) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[word] = made
        return made
