"""Values as Graph APIs write them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.api import Item, Skipped
from collectors.jsontext import UNREADABLE
from collectors.text import scrub

Read = Callable[[Mapping[str, Any]], Item]


def identity(value: Any) -> str:
    """An id: digits, perhaps two groups of them. Raises ValueError for anything else."""
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    plain = text.replace("_", "")
    if not (plain.isascii() and plain.isdigit() and len(text) <= 64):
        raise ValueError("a record without an id")
    return text


def moment(value: Any) -> datetime:
    """`2026-11-25T10:00:00+0000`, or seconds. Raises ValueError or TypeError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)


def count(value: Any) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if known else None


def figures(**given: Any) -> dict[str, int]:
    """Those that are figures."""
    return {name: value for name, value in given.items() if count(value) is not None}


def text_of(value: Any) -> str:
    """A text that may be absent. Raises TypeError for what is neither text nor nothing."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return value


def read_all(records: Iterable[Any], read: Read) -> tuple[list[Item], list[Skipped]]:
    """Each record as an item, once, or why it is none."""
    items: dict[str, Item] = {}
    skipped: list[Skipped] = []
    for record in records:
        try:
            item = read(record)
            items.setdefault(item.external_id, item)
        except UNREADABLE as error:
            known = record.get("id") if isinstance(record, dict) else None
            skipped.append(
                Skipped(
                    f"unreadable record: {type(error).__name__}",
                    scrub(known)[:64] if isinstance(known, str) else None,
                    scrub(repr(record)[:2_000]),
                )
            )
    return list(items.values()), skipped
