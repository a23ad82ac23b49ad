"""Which mentions are asked for, and where a page ends. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

STATUSES = ("new", "in_progress", "done", "ignored")
"""Triage: not looked at, somebody is on it, settled, not worth an answer."""
LABELS = ("positive", "neutral", "negative", "none")
"""none: not judged, which is not neutral."""
KINDS = ("own", "competitor", "market")
MAX_PAGE = 500
DEFAULT_PAGE = 50
MAX_SEARCHED = 5_000
"""Newest mentions that a text filter looks through, until there is a full-text index."""


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


def page_size(limit: int | None) -> int:
    """Between 1 and MAX_PAGE."""
    return min(max(DEFAULT_PAGE if limit is None else limit, 1), MAX_PAGE)


def cursor_of(last_id: int) -> str:
    """An opaque mark behind the row of that key."""
    return base64.urlsafe_b64encode(f"v1:{last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int | None:
    """The key that a cursor marks; None where it is none of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    version, _, number = text.partition(":")
    if version != "v1" or not number.isascii() or not number.isdigit() or len(number) > 19:
        return None
    value = int(number)
    return value if value < 2**63 else None


def wrong_choice(values: Sequence[str], allowed: Sequence[str]) -> str | None:
    """The first value that is not among the allowed ones."""
    return next((value for value in values if value not in allowed), None)
