"""What both have in common: a list, newest first, in numbered pages, read down to a known time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from collectors.api import Item, Skipped


def moment(value: object) -> datetime:
    """A time of ISO 8601 in UTC. Raises ValueError or TypeError where it is none."""
    if not isinstance(value, str):
        raise TypeError("no time")
    return datetime.fromisoformat(value).astimezone(UTC)


def kept_time(value: JsonValue, otherwise: datetime) -> datetime:
    """A time out of a cursor; `otherwise` where there is none that can be read."""
    try:
        return moment(value)
    except (ValueError, TypeError, OverflowError):
        return otherwise


def tried(read: Callable[[Any], Item], record: Any, noun: str) -> Item | Skipped:
    """The record as an item, or why it cannot be read: one bad record never stops the others."""
    try:
        return read(record)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return Skipped(f"unreadable {noun}: {type(error).__name__}", raw=repr(record)[:2_000])


def counts(**found: object) -> dict[str, int]:
    """Those of the figures that are figures."""
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
