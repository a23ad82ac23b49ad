"""Walking down a newest-first listing without losing what lies between two polls.

A platform that lists the newest first gives its newest id at once, but that id is safe as a
cursor only when everything down to the last known one is stored. So a walk under way is part of
the cursor: `top` (where it began) and `before` (how far down it came); it goes on at the next
poll, and only its end makes `top` the new `since`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """since: all up to here is stored. top and before are "" while no walk is under way."""

    since: str = ""
    top: str = ""
    before: str = ""

    @classmethod
    def from_json(cls, value: JsonValue) -> Walk:
        match value:
            case [str(since), str(top), str(before)]:
                return cls(since=since, top=top, before=before)
            case _:
                return cls()

    def to_json(self) -> list[JsonValue]:
        return [self.since, self.top, self.before]

    def down_to(self, before: str, *, top: str) -> Walk:
        """After a page was stored whose oldest is `before`; top: the newest of the first page."""
        return replace(self, top=self.top or top, before=before)

    def ended(self, *, top: str = "") -> Walk:
        """After the page that reached `since`, or the end of the listing."""
        return Walk(since=self.top or top or self.since)
