"""What is remembered of a page besides its last text: the lines of its last readings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import JsonValue

from collectors.http.messages import Validators

READINGS: Final = 3
"""Readings whose lines count as known."""
_ETAG: Final = 200
"""Characters, written as JSON."""
_RESTLESS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """readings: digests of the lines of the last ones, the newest last.

    restless: digests of lines that went and came back; changes: how many were told so far;
    place: where the page was found, after redirects; part: what of it is read.
    """

    readings: tuple[frozenset[str], ...] = ()
    restless: frozenset[str] = frozenset()
    changes: int = 0
    place: str = ""
    part: str = ""
    asked: str = ""
    """Digest of what of the page was wanted: with other settings it is another text."""

    @property
    def seen(self) -> frozenset[str]:
        """All lines of the readings that are remembered."""
        return frozenset().union(*self.readings)

    def after(self, lines: Iterable[str], *, told: bool) -> Memory:
        """The memory after one more reading of the page."""
        now = frozenset(lines)
        last = self.readings[-1] if self.readings else frozenset[str]()
        back = (now - last) & self.seen
        restless = self.restless | back
        return replace(
            self,
            readings=(*self.readings, now)[-READINGS:],
            restless=frozenset(sorted(restless)[:_RESTLESS]),
            changes=self.changes + told,
        )

    def to_text(self) -> str:
        """As a document of the shelf."""
        kept: dict[str, Any] = {
            "readings": [sorted(one) for one in self.readings],
            "restless": sorted(self.restless),
            "changes": self.changes,
            "place": self.place,
            "part": self.part,
            "asked": self.asked,
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Memory:
        """What a document holds; anything unreadable counts as not remembered."""
        try:
            kept = json.loads(text)
            return cls(
                readings=tuple(frozenset(map(str, one)) for one in kept["readings"][-READINGS:]),
                restless=frozenset(map(str, kept["restless"])),
                changes=int(kept["changes"]),
                place=str(kept["place"]),
                part=str(kept["part"]),
                asked=str(kept["asked"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the cursor knows of one address.

    doubts: how often the answer `doubted` came in a row.
    """

    validators: Validators = field(default_factory=Validators)
    gone: bool = False
    doubts: int = 0
    doubted: str = ""

    def read(self, validators: Validators) -> Standing:
        """After an answer that was believed."""
        return Standing(validators=_short(validators))

    def doubting(self, digest: str) -> Standing:
        """After one that was not: the old validators stay, so that the page is asked whole again
        until it is what it was, or this has come often enough."""
        times = self.doubts + 1 if digest == self.doubted else 1
        return replace(self, doubts=min(times, 99), doubted=digest)

    def to_json(self) -> JsonValue:
        kept: dict[str, JsonValue] = {}
        if self.validators != Validators():
            kept["http"] = self.validators.to_cursor()
        if self.gone:
            kept["gone"] = True
        if self.doubts:
            kept["doubts"] = [self.doubts, self.doubted]
        return kept

    @classmethod
    def from_json(cls, value: JsonValue) -> Standing:
        if not isinstance(value, dict):
            return cls()
        http = value.get("http")
        doubts, doubted = 0, ""
        match value.get("doubts"):
            case [int(times), str(digest)]:
                doubts, doubted = times, digest
        return cls(
            validators=Validators.from_cursor(http) if isinstance(http, dict) else Validators(),
            gone=value.get("gone") is True,
            doubts=doubts,
            doubted=doubted,
        )


def _short(validators: Validators) -> Validators:
    """Ten addresses share the 4 KB of a cursor; a longer tag is asked without."""
    etag = validators.etag
    long = etag is not None and len(json.dumps(etag)) > _ETAG
    return Validators(None if long else etag, validators.last_modified)
