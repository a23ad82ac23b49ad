"""Decisions about a call that pushes posts in. Pure."""

from __future__ import annotations

import hmac
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be from ours (Standard Webhooks)."""
MOST_ITEMS = 500
ID_LIMIT = 256


@dataclass(frozen=True, slots=True)
class Call:
    """What came in. The three headers of Standard Webhooks, "" where they are missing."""

    id: str
    timestamp: str
    signatures: str
    body: bytes

    @property
    def complete(self) -> bool:
        return bool(self.id and self.timestamp and self.signatures) and len(self.id) <= ID_LIMIT


def sent_at(timestamp: str) -> int | None:
    """The whole seconds since 1970 that the header says, or None."""
    digits = timestamp.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return None
    return int(digits)


def is_timely(timestamp: str, *, now: datetime) -> bool:
    """Whether a call was made just now; an old one may be somebody's recording."""
    at = sent_at(timestamp)
    return at is not None and abs(now.timestamp() - at) <= TOLERANCE.total_seconds()


def is_signed(signatures: str, wanted: Sequence[str]) -> bool:
    """Whether one of the header's signatures is one of those that our secrets make.

    Each is compared in full, so that the time it takes tells nothing.
    """
    given = signatures.split()[:20]
    matches = [
        hmac.compare_digest(one.encode(), each.encode("utf-8", "replace"))
        for one in wanted
        for each in given
    ]
    return any(matches)


def records_of(value: object) -> list[object] | None:
    """The records of a body: one object, a list, or {"items": a list}. None: neither."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        inner = value.get("items")
        return inner if isinstance(inner, list) and len(value) == 1 else [value]
    return None


@dataclass(slots=True)
class Rate:
    """Counts calls per source in a sliding minute; in memory, so each process counts its own."""

    window_s: float = 60.0
    sources: int = 10_000
    _calls: OrderedDict[int, deque[float]] = field(default_factory=OrderedDict)

    def wait(self, source_id: int, *, most: int, at: float) -> int:
        """Count a call; the seconds to wait where it is one too many, else 0. `at`: monotonic."""
        calls = self._calls.setdefault(source_id, deque())
        self._calls.move_to_end(source_id)
        if len(self._calls) > self.sources:
            self._calls.popitem(last=False)
        while calls and calls[0] <= at - self.window_s:
            calls.popleft()
        if len(calls) >= most:
            return int(calls[0] + self.window_s - at) + 1
        calls.append(at)
        return 0
