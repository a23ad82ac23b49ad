"""The podcasts that are followed: found when, read when, with which validators. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from collectors.desk import Document

NAME: Final = "podcasts"
"""Name of the document on the shelf."""
GIVE_UP: Final = 5
"""Failures in a row after which a feed is not asked any more until a search finds it again."""
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast:
    """A feed that is followed. seen: its newest episode that came; failed: times in a row."""

    found: datetime
    asked: datetime = LONG_AGO
    seen: datetime = LONG_AGO
    validators: Mapping[str, JsonValue] = field(default_factory=dict)
    failed: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "found": self.found.isoformat(),
            "asked": self.asked.isoformat(),
            "seen": self.seen.isoformat(),
            "validators": dict(self.validators),
            "failed": self.failed,
        }

    @classmethod
    def from_json(cls, value: Any) -> Podcast | None:
        try:
            validators, failed = value["validators"], value["failed"]
            times = {key: _moment(value[key]) for key in ("found", "asked", "seen")}
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        if not isinstance(validators, dict) or not isinstance(failed, int):
            return None
        return cls(**times, validators=validators, failed=failed)


@dataclass(frozen=True, slots=True)
class Followed:
    """All of them by the address of their feed, and when each search was made."""

    feeds: Mapping[str, Podcast] = field(default_factory=dict)
    searched: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document | None) -> Followed:
        try:
            kept = json.loads(document.text) if document else {}
        except ValueError:
            return cls()
        if not isinstance(kept, dict):
            return cls()
        feeds = {url: Podcast.from_json(one) for url, one in _table(kept, "feeds").items()}
        searched = {key: _lenient(at) for key, at in _table(kept, "searched").items()}
        return cls({url: one for url, one in feeds.items() if one}, searched)

    def document(self) -> Document:
        text = json.dumps(
            {
                "feeds": {url: one.to_json() for url, one in self.feeds.items()},
                "searched": {key: at.isoformat() for key, at in self.searched.items()},
            },
            ensure_ascii=False,
        )
        return Document(name=NAME, text=text, kind="state")

    def is_due(self, search: str, now: datetime, every: timedelta) -> bool:
        return now - self.searched.get(search, LONG_AGO) >= every

    def after_search(
        self, search: str, found: Iterable[str], now: datetime, *, most: int
    ) -> tuple[Followed, bool]:
        """With what a search found; and whether there was more than may be followed."""
        feeds = dict(self.feeds)
        left_out = False
        for url in found:
            if url in feeds:
                feeds[url] = replace(feeds[url], found=now, failed=0)
            elif len(feeds) < most:
                feeds[url] = Podcast(found=now)
            else:
                left_out = True
        return Followed(feeds, {**self.searched, search: now}), left_out

    def without_old(self, searches: Iterable[str], before: datetime) -> Followed:
        """Without podcasts that no search found for long, and searches that are no more made."""
        wanted = set(searches)
        return Followed(
            {url: one for url, one in self.feeds.items() if one.found >= before},
            {key: at for key, at in self.searched.items() if key in wanted},
        )

    def turn(self, many: int) -> list[str]:
        """The feeds that have waited longest. One that failed often waits for its next search."""
        sound = [url for url, one in self.feeds.items() if one.failed < GIVE_UP]
        return sorted(sound, key=lambda url: (self.feeds[url].asked, url))[:many]

    def after_reading(self, url: str, podcast: Podcast) -> Followed:
        return Followed({**self.feeds, url: podcast}, self.searched)


def _table(kept: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = kept.get(key)
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _lenient(value: Any) -> datetime:
    try:
        return _moment(value)
    except (TypeError, ValueError, OverflowError):
        return LONG_AGO
