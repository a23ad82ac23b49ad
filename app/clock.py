"""What time it is. Nothing else in `app` asks the machine.

`SystemClock` is the default. `FileClock` reads an instant that somebody else moves: the replay of
`make e2e` drives a whole running service through past days with it (VIGIE_CLOCK_FILE).
Durations inside one process use `time.monotonic`, never this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class FileClock:
    """The instant written in a file (ISO 8601 with zone), read anew at each call."""

    path: Path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text().strip()).astimezone(UTC)


@dataclass(slots=True)
class ManualClock:
    """An instant that its holder moves: tests, and the demo's virtual days."""

    at: datetime

    def now(self) -> datetime:
        return self.at
