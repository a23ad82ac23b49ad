"""Jetstream (github.com/bluesky-social/jetstream): the posts of the whole network as they happen.

Events of version 1: one JSON object a message, `kind` commit (a record was created, updated or
deleted), account or identity; `time_us` is the server's own clock and the cursor at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from collectors.api import Author, Item, Skipped
from collectors.bluesky.ears import Ears
from collectors.bluesky.posts import POST, UNREADABLE, item_of, unreadable
from collectors.errors import BadPayload
from collectors.jsontext import read_json
from collectors.text import scrub

REWIND: Final = timedelta(seconds=5)
"""What is heard again when the stream is opened again, or at another host: each has its clock."""
SKIPPED: Final = 5
"""Unreadable posts that a page names; of all the network's there would be many."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: the newest event heard, and which host is next."""

    time_us: int = 0
    host: int = 0

    @classmethod
    def from_json(cls, value: JsonValue) -> Place:
        match value:
            case [int(time_us), int(host)] if 0 <= time_us < 2**63 and 0 <= host < 1_000:
                return cls(time_us, host)
            case _:
                return cls()

    def to_json(self) -> list[JsonValue]:
        return [self.time_us, self.host]

    @property
    def rewound(self) -> int | None:
        """The cursor to open with; None listens from now on."""
        rewound = self.time_us - REWIND // timedelta(microseconds=1)
        return rewound if rewound > 0 else None


@dataclass(slots=True)
class Heard:
    """What a stretch of the stream brought."""

    items: list[Item] = field(default_factory=list)
    removed: dict[str, None] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    renamed: set[str] = field(default_factory=set)
    """DIDs whose name may be another one now."""
    posts: int = 0
    first_us: int = 0
    time_us: int = 0

    def take(self, message: str | bytes, ears: Ears) -> None:
        """Take one message. A bad one is noted, and the stream goes on."""
        try:
            event = read_json(message.encode() if isinstance(message, str) else message)
            at = _time_of(event)
        except (BadPayload, *UNREADABLE) as error:
            self._skip(unreadable(repr(message)[:2_000], error))
            return
        self.first_us = self.first_us or at
        self.time_us = max(self.time_us, at)
        if event.get("kind") == "identity" and isinstance(event.get("did"), str):
            self.renamed.add(event["did"])
        commit = event.get("commit")
        if isinstance(commit, dict) and commit.get("collection") == POST:
            self._take_post(event, commit, ears)

    def _take_post(self, event: dict[str, Any], commit: dict[str, Any], ears: Ears) -> None:
        uri = scrub(f"at://{event.get('did')}/{POST}/{commit.get('rkey')}")
        if commit.get("operation") == "delete":
            self.removed[uri] = None
            self.items = [item for item in self.items if item.external_id != uri]
            return
        self.posts += 1
        if not ears.may_want(event.get("did"), commit.get("record")):
            return
        try:
            item = read_commit(event, commit)
        except UNREADABLE as error:
            self._skip(replace(unreadable(event, error), external_id=uri[:1_000]))
            return
        if ears.want(item):
            self.removed.pop(uri, None)
            self.items.append(item)

    def _skip(self, one: Skipped) -> None:
        if len(self.skipped) < SKIPPED:
            self.skipped.append(one)

    def latest(self) -> list[Item]:
        """Each post once, as it was last."""
        return list({item.external_id: item for item in self.items}.values())


def read_commit(event: dict[str, Any], commit: dict[str, Any]) -> Item:
    """A created or updated post. Raises one of UNREADABLE."""
    did = event["did"]
    at = datetime.fromtimestamp(_time_of(event) / 1_000_000, UTC)
    uri = f"at://{did}/{POST}/{commit['rkey']}"
    # The stream knows no names; the collector asks for them, or a refresh fills them in.
    item = item_of(uri, commit["record"], indexed=at, author=Author(name=scrub(did), id=scrub(did)))
    return replace(item, edited_at=at) if commit.get("operation") == "update" else item


def named(items: Sequence[Item], names: dict[str, Author]) -> list[Item]:
    """The items with the names of those of their authors that are known."""
    return [
        replace(item, author=names.get((item.author and item.author.id) or "", item.author))
        for item in items
    ]


def _time_of(event: Any) -> int:
    at = event["time_us"]
    if not isinstance(at, int) or isinstance(at, bool) or not 0 < at < 2**53:
        raise ValueError("an event without its time")
    return at
