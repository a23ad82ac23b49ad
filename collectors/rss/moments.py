"""feedparser's times as ours. Pure."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(value: object) -> datetime | None:
    """A struct_time or tuple in UTC as a datetime; None where it is none or cannot be."""
    if not isinstance(value, time.struct_time | tuple):
        return None
    try:
        return _EPOCH + timedelta(seconds=calendar.timegm(value))
    except (ValueError, OverflowError, TypeError):  # 31 February, year 0, year 99999
        return None
