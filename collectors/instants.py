"""Instants and the seconds since 1970 that platforms and cursors count them in. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def instant(epoch: int) -> datetime:
    """Any number is an instant: what no calendar holds counts as the beginning."""
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
