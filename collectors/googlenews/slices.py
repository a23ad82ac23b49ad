"""The past cut into slices of days, each small enough for one search. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydantic import JsonValue

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The days before `end`, which is not among them."""

    end: date
    days: int

    @classmethod
    def from_json(cls, value: JsonValue) -> Slice | None:
        match value:
            case [str(end), int(days)] if days > 0:
                try:
                    return cls(end=date.fromisoformat(end), days=days)
                except ValueError:
                    return None
            case _:
                return None

    def to_json(self) -> list[JsonValue]:
        return [self.end.isoformat(), self.days]

    def asked(self, words: str, *, since: date) -> str:
        """The search for this slice. Google does not say whether `after:` and `before:` take their
        own day in, so a day more is asked for; an article that comes twice is one."""
        start = max(self.end - timedelta(days=self.days), since)
        return f"{words} after:{start - _DAY} before:{self.end}"

    def after(self, *, full: bool, most: int) -> Slice:
        """What to read next: half of it where the answer was full and can be cut, else the days
        below, more of them again."""
        if full and self.days > 1:
            return replace(self, days=self.days // 2)
        return Slice(end=self.end - timedelta(days=self.days), days=min(self.days * 2, most))


def search_key(words: str) -> str:
    """Its name in the cursor: short, whatever the words."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:10]
