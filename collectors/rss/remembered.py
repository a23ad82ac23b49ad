"""What is known of a feed between two polls, beside its posts. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from collectors.api import Cursor
from collectors.rss.feed import Feed
from collectors.rss.links import header_links
from collectors.rss.rhythm import Pace
from collectors.rss.stated import DAY, Stated

if TYPE_CHECKING:
    from collectors.http import Response, Validators

BELIEVED: Final = 3
"""Times in a row that a feed has to be found moved for good before its new address is asked."""
_ADDRESS_BYTES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """validators: for a conditional request. stated, pace: how often to come.

    moved: where lasting redirects led, and how many answers in a row came from there.
    hub: who tells of news (WebSub), and the feed's name with it; the service subscribes.
    """

    validators: Validators | None = None
    stated: Stated = field(default_factory=Stated)
    pace: Pace | None = None
    moved: tuple[str, int] = ("", 0)
    hub: tuple[str, str] = ("", "")

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> Remembered:
        from collectors.http import Validators  # at use: reading feed files needs no HTTP

        kept = cursor.get("http")
        return cls(
            validators=Validators.from_cursor(kept) if isinstance(kept, dict) else None,
            stated=Stated.from_cursor(cursor.get("stated")),
            pace=Pace.from_cursor(cursor.get("pace")),
            moved=_moved(cursor.get("moved")),
            hub=hub_of(cursor),
        )

    def to_cursor(self) -> dict[str, JsonValue]:
        kept: dict[str, JsonValue] = {
            "http": self.validators.to_cursor() if self.validators else {}
        }
        if self.stated != Stated():
            kept["stated"] = self.stated.to_cursor()
        if self.pace:
            kept["pace"] = self.pace.to_cursor()
        if self.moved[0]:
            kept["moved"] = list(self.moved)
        if self.hub[0]:
            kept["hub"] = list(self.hub)
        return kept

    @property
    def home(self) -> str:
        """The new address of a feed that moved for good, once that is believed."""
        address, times = self.moved
        return address if times >= BELIEVED else ""

    def after(self, response: Response, feed: Feed, now: datetime) -> Remembered:
        """What is known once a feed was read."""
        pace = Pace.of((item.published_at for item in feed.items), now)
        return replace(
            self, validators=response.validators, stated=feed.head.stated,
            pace=pace or self.pace, moved=self._moved_after(response),
            hub=_hub(response, feed),
        )  # fmt: skip

    def wait(self, now: datetime, *, auto: bool) -> float:
        """Seconds that the feed may be left alone: as it states, and with auto, as it publishes."""
        own = self.pace.interval(now).total_seconds() if auto and self.pace else 0.0
        return min(max(own, self.stated.wait(now)), DAY.total_seconds())

    def _moved_after(self, response: Response) -> tuple[str, int]:
        address, times = self.moved
        if self.home and response.url == self.home:
            return self.moved
        target = response.moved_to
        if not target or len(json.dumps(target)) > _ADDRESS_BYTES:
            return "", 0
        return target, times + 1 if target == address else 1


def hub_of(cursor: Cursor) -> tuple[str, str]:
    """The hub and the topic that a cursor remembers; "" where the feed names none."""
    match cursor.get("hub"):
        case [str(hub), str(topic)]:
            return hub, topic
    return "", ""


def _hub(response: Response, feed: Feed) -> tuple[str, str]:
    """The header before the feed, as WebSub has it; a topic is a name, and never asked."""
    said = header_links(response.headers.get("link", ""), base=response.url)
    hub = said.get("hub") or feed.head.hub
    topic = said.get("self") or feed.head.topic or response.url
    fits = len(json.dumps([hub, topic])) <= _ADDRESS_BYTES
    return (hub, topic) if hub and fits else ("", "")


def _moved(kept: JsonValue) -> tuple[str, int]:
    match kept:
        case [str(address), int(times)]:
            return address, times
    return "", 0
