"""Integer keys that follow time, so that newest-first never sorts (performance.md §1.3).

A key is the second since 1970 shifted left by 28 bits, low bits random: two processes never
coordinate, and a rare collision is an IntegrityError that the writer answers with a new key.
"""

from __future__ import annotations

import hashlib
import random
import time
from datetime import UTC, datetime

_RANDOM_BITS = 28
_MAX_SECOND = 2**34 - 1
# Keys are no secrets: a generator of our own, seeded by the system, spares a system call a row.
# Nothing here forks, which would copy its state.
_draw = random.Random()  # noqa: S311 - nothing is kept safe by a key


def key_at(at: datetime) -> int:
    """A fresh key for something that happened at `at` (before 1970 counts as 1970)."""
    second = min(max(int(at.timestamp()), 0), _MAX_SECOND)
    return second << _RANDOM_BITS | _draw.getrandbits(_RANDOM_BITS)


def fresh_key() -> int:
    """A fresh key for a thing made now; column default of the nouns people create by hand."""
    return int(time.time()) << _RANDOM_BITS | _draw.getrandbits(_RANDOM_BITS)


class KeyRun:
    """Keys for the rows of one transaction: drawn once for each second, then counted up.

    Where a hundred thousand rows share one second (an import without dates), rows drawn one by
    one would meet a taken key on nearly every page, however often it is tried again.
    """

    def __init__(self) -> None:
        self._low: dict[int, int] = {}

    def at(self, at: datetime) -> int:
        """A fresh key for something that happened at `at`; never one of this run twice."""
        second = min(max(int(at.timestamp()), 0), _MAX_SECOND)
        low = self._low.get(second)
        if low is None:
            low = _draw.getrandbits(_RANDOM_BITS)
        self._low[second] = (low + 1) % (1 << _RANDOM_BITS)
        return second << _RANDOM_BITS | low


def first_key_at(at: datetime) -> int:
    """The smallest key of that second: the lower bound of a time range over keys."""
    return min(max(int(at.timestamp()), 0), _MAX_SECOND) << _RANDOM_BITS


def moment_of(key: int) -> datetime:
    """When what bears this key happened, to the second."""
    return datetime.fromtimestamp(key >> _RANDOM_BITS, UTC)


def hash64(text: str) -> int:
    """A signed 64-bit digest, half the index of a hex column."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def next_hash(value: int) -> int:
    """The next key after `value` in signed 64-bit order, wrapping: where a true collision goes."""
    return value + 1 if value < 2**63 - 1 else -(2**63)
