"""What one poll may ask and has asked, and the limit of two requests at once to one host."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from weakref import WeakValueDictionary

from collectors.errors import NeedsAttention
from collectors.http.outcomes import OverBudget


class Tally:
    """Counts the requests of one `Http`; those of a child count for its parent too."""

    def __init__(
        self,
        *,
        max_requests: int | None = None,
        hosts: Collection[str] | None = None,
        parent: Tally | None = None,
    ) -> None:
        self.asked = 0
        self.freshness: float | None = None
        self._max_requests = max_requests
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._parent = parent

    @property
    def left(self) -> int | None:
        """Requests that may still be made; None where there is no limit."""
        own = None if self._max_requests is None else self._max_requests - self.asked
        above = self._parent.left if self._parent else None
        return min((n for n in (own, above) if n is not None), default=None)

    def count(self, host: str) -> None:
        """Count a request about to be made. Raises OverBudget or NeedsAttention."""
        if self._hosts is not None and host.lower() not in self._hosts:
            raise NeedsAttention(f"{host}: not among the hosts that this source may ask")
        if self.left == 0:
            raise OverBudget(f"{host}: the requests of this poll are used up")
        if self._parent:
            self._parent.count(host)
        self.asked += 1

    def note(self, freshness: float | None) -> None:
        """Remember an answer's freshness: the shortest stated one is when to look again."""
        if freshness is not None:
            self.freshness = freshness if self.freshness is None else min(self.freshness, freshness)


class Slots:
    """At most two requests at once to one host (R-11)."""

    def __init__(self, at_once: int = 2) -> None:
        self._at_once = at_once
        # Weak: a host that nobody asks or waits for any more is forgotten.
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, host: str) -> asyncio.Semaphore:
        """Return the slots of `host`; hold one during a request."""
        slots = self._hosts.get(host)
        if slots is None:
            slots = self._hosts[host] = asyncio.Semaphore(self._at_once)
        return slots
