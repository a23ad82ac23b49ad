"""Slices of time: what one answer holds, and where the walk through the past stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from collectors.api import Cursor, Item, Skipped
from collectors.hackernews.records import read_hit
from collectors.walk import Walk

QUERIES: Final = 15
"""Queries a poll asks; with more clauses than that, everything is read and matched here."""


@dataclass(frozen=True, slots=True)
class Past:
    """How far a walk through the past came: the queries that are done, and the place in the next.

    By key, not by number, so that queries which change meanwhile lose nothing.
    """

    done: tuple[str, ...] = ()
    before: str = ""

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> Past:
        done, before = cursor.get("done"), cursor.get("before")
        keys = done if isinstance(done, list) else []
        kept = tuple(key for key in keys if isinstance(key, str))[-QUERIES:]
        return cls(kept, before if isinstance(before, str) else "")

    def to_cursor(self) -> Cursor:
        return {"done": list(self.done), "before": self.before}

    def below(self, before: str) -> Past:
        return replace(self, before=before)

    def after(self, key: str) -> Past:
        return Past((*self.done, key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One answer, read. more: whether the walk goes on."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    walk: Walk
    more: bool
    truncated: bool = False


def read_slice(hits: Sequence[Any], walk: Walk, *, full: bool, first_days: int) -> Slice:
    """Items of one answer and where it leaves the walk. Pure.

    full: the answer holds as many as one answer can, so that more lies below it.
    """
    read = [read_hit(hit) for hit in hits]
    items = tuple(one for one in read if isinstance(one, Item))
    skipped = tuple(one for one in read if isinstance(one, Skipped))
    times = [created for hit in hits if (created := _created(hit)) is not None]
    if not times:
        return Slice(items=items, skipped=skipped, walk=walk.ended(), more=False)
    top, oldest = str(max(times)), min(times)
    deep_enough = not walk.since and int(walk.top or top) - oldest > first_days * 86_400
    if not full or deep_enough:
        ended = walk.ended(top=top)
        return Slice(items=items, skipped=skipped, walk=ended, more=False)
    # The second of the oldest hit is asked for again, as more may lie in it. A whole answer from
    # one second cannot be taken apart: go on below it and say so.
    stuck = walk.before == str(oldest)
    below = walk.down_to(str(oldest - stuck), top=top)
    return Slice(items=items, skipped=skipped, walk=below, more=True, truncated=stuck)


def new_of(items: Sequence[Item], known: set[str]) -> list[Item]:
    """Those that did not come yet; `known` learns them."""
    new = [item for item in items if item.external_id not in known]
    known.update(item.external_id for item in new)
    return new


def _created(hit: Any) -> int | None:
    value = hit.get("created_at_i") if isinstance(hit, dict) else None
    return value if isinstance(value, int) else None
