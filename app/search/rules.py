"""How a search walks: batches that grow, caps that are told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

FIRST_BATCH = 100
LARGEST_BATCH = 2_000
"""Candidates looked at in one go: few at first, a page of a common word is soon full."""
MAX_WALKED = 60_000
"""Candidates of the index that one request walks through for the few a watchlist heard."""
TOP = 2**62
"""Above every key."""


class Candidates(NamedTuple):
    """Items that may match, newest first. ended: there are none below."""

    ids: Sequence[int]
    ended: bool


def merged(pending: Sequence[int], held: Sequence[int], limit: int) -> Candidates:
    """The newest of what the index found and of what it does not hold yet. Each list has the
    `limit` newest of its kind, so that no newer one is left out."""
    both = sorted({*pending, *held}, reverse=True)
    ended = len(both) <= limit and max(len(pending), len(held)) < limit
    return Candidates(both[:limit], ended)


def first_batch(page: int | None) -> int:
    """Where every candidate matches, the first batch is the page and the one row behind it."""
    return LARGEST_BATCH if page is None else max(page + 1, FIRST_BATCH)


def next_batch(size: int) -> int:
    return min(size * 2, LARGEST_BATCH)
