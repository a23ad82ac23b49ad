"""Which mentions are asked for, and where a page ends. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

STATUSES = ("new", "in_progress", "done", "ignored")
"""Triage: not looked at, somebody is on it, settled, not worth an answer."""
LABELS = ("positive", "neutral", "negative", "none")
"""none: not judged, which is not neutral."""
KINDS = ("own", "competitor", "market")
MAX_PAGE = 500
DEFAULT_PAGE = 50
MAX_SEARCHED = 5_000
"""Candidates of the index that one page looks through for what a query wants."""
MAX_COUNTED = 10_000
"""Candidates that a count with a query looks through; beyond, it says "at least"."""
MAX_ROWS_COUNTED = 100_000
"""Rows that a count without a query goes through; beyond, it says "at least"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """What to show; None or empty means any. since is in it, until is not; both by `published_at`.

    kind: of the brand. q: a query in Vigie's language. relevant: True hides what people marked
    "not about us". languages: ISO 639-1 codes, "" for unknown.
    """

    brand_ids: Sequence[int] = ()
    kind: str | None = None
    source_ids: Sequence[int] = ()
    languages: Sequence[str] = ()
    labels: Sequence[str] = ()
    statuses: Sequence[str] = ()
    assignee_id: int | None = None
    owned: bool | None = None
    backfill: bool | None = None
    relevant: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items; None or empty means any of the watchlist's sources. q: as for mentions."""

    source_ids: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""


class Spot(NamedTuple):
    """A place among mentions in the order of their items, as a text search walks them: below the
    mention of that item; 0: below all of the item's."""

    item_id: int
    mention_id: int


def page_size(limit: int | None) -> int:
    """Between 1 and MAX_PAGE."""
    return min(max(DEFAULT_PAGE if limit is None else limit, 1), MAX_PAGE)


def cursor_of(last_id: int) -> str:
    """An opaque mark behind the row of that key."""
    return _sealed(f"v1:{last_id}")


def read_cursor(cursor: str) -> int | None:
    """The key that a cursor marks; None where it is none of ours."""
    found = _opened(cursor, "v1", 1)
    return found[0] if found else None


def cursor_at(spot: Spot) -> str:
    """The same for a place in a text search."""
    return _sealed(f"s1:{spot.item_id}:{spot.mention_id}")


def read_spot(cursor: str) -> Spot | None:
    found = _opened(cursor, "s1", 2)
    return Spot(*found) if found else None


def _sealed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(cursor: str, version: str, length: int) -> list[int] | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    said, *numbers = text.split(":")
    if said != version or len(numbers) != length or not all(map(_is_key, numbers)):
        return None
    return [int(number) for number in numbers]


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63


def wrong_choice(values: Sequence[str], allowed: Sequence[str]) -> str | None:
    """The first value that is not among the allowed ones."""
    return next((value for value in values if value not in allowed), None)
