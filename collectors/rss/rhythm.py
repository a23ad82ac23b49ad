"""How often a feed is worth asking, told from when it published before. Pure.

Half the usual gap between two posts: a busy feed is asked more often, a quiet one less. A feed that
falls silent is asked less and less, and as before once it speaks again. The hour of the day plays
no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from pydantic import JsonValue

SAMPLE: Final = 20
"""Publications that are looked at, the newest."""
LEAST: Final = timedelta(minutes=15)
MOST: Final = timedelta(hours=24)
_SILENCE: Final = 20
"""A silence is waited on for a twentieth of itself: after ten hours, half an hour."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The usual gap between two posts, and when the newest one was published."""

    gap: timedelta
    newest: datetime

    @classmethod
    def of(cls, times: Iterable[datetime | None], now: datetime) -> Pace | None:
        """None where no post has a date that can be; dates that are yet to come are not looked at.

        times: aware, in any order.
        """
        past = sorted((at for at in times if at is not None and at <= now), reverse=True)[:SAMPLE]
        if not past:
            return None
        gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(past)]
        return cls(timedelta(seconds=median(gaps) if gaps else 0), past[0])

    @classmethod
    def from_cursor(cls, kept: JsonValue) -> Pace | None:
        match kept:
            case [int(gap), int(newest)] if gap >= 0 and 0 <= newest < 1 << 34:
                return cls(
                    timedelta(seconds=min(gap, 1 << 34)), datetime.fromtimestamp(newest, UTC)
                )
        return None

    def to_cursor(self) -> JsonValue:
        return [int(self.gap.total_seconds()), max(int(self.newest.timestamp()), 0)]

    def interval(
        self, now: datetime, *, least: timedelta = LEAST, most: timedelta = MOST
    ) -> timedelta:
        """How long to wait before the feed is asked again."""
        silence = now - self.newest
        return min(max(self.gap / 2, silence / _SILENCE, least), most)


def rhythm(
    times: Sequence[datetime], now: datetime, *, least: timedelta = LEAST, most: timedelta = MOST
) -> timedelta:
    """How long to wait after posts of these times; `least` where there are none."""
    pace = Pace.of(times, now)
    return pace.interval(now, least=least, most=most) if pace else least
