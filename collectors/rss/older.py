"""Walking back through the older pages of a feed: on first sight, over a gap, into its history.

Pure. The walk stands in a cursor, so one that was cut goes on where it was. It ends by itself: a
page must not be newer than the one before, nor the same, and there are only so many.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from pydantic import JsonValue

from collectors.api import Item
from collectors.rss.feed import Feed
from collectors.rss.head import paged

_ADDRESS_BYTES: Final = 500
"""As JSON: a cursor stays under 4 KB."""
_NEVER: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Stands before a page to read.

    at: its address; number: which page it is, counted as WordPress counts.
    left: pages that may still be read, this one included.
    newest, mark: of the page before: epoch seconds and fingerprint.
    until: marks of posts that we know; the page that holds one is the last. gone: posts before
        those, found on the way: so many at least had slid out of the feed.
    guess: whether a page that the feed does not name may be asked for, where WordPress made it.
    """

    at: str
    left: int
    number: int = 1
    newest: int = _NEVER
    mark: str = ""
    until: tuple[str, ...] = ()
    gone: int = 0
    guess: bool = False

    def to_cursor(self) -> dict[str, JsonValue]:
        return {**asdict(self), "until": list(self.until)}

    @classmethod
    def from_cursor(cls, kept: JsonValue) -> Walk | None:
        """None where nothing readable was kept."""
        match kept:
            case {
                "at": str(at), "left": int(left), "number": int(number), "newest": int(newest),
                "mark": str(mark), "until": list(until), "gone": int(gone), "guess": bool(guess),
            }:  # fmt: skip
                known = tuple(one for one in until if isinstance(one, str))
                return cls(at=at, left=left, number=number, newest=newest, mark=mark,
                           until=known, gone=gone, guess=guess)  # fmt: skip
        return None

    def beyond(self, feed: Feed, *, at: str) -> Walk | None:
        """The walk before the next page, once this one was read; None where it was the last.

        at: where the page really was, after redirects.
        """
        address = self._next(feed, at)
        newest, mark = _newest(feed.items), fingerprint(feed.items)
        leads_back = newest <= self.newest and mark != self.mark
        if not (address and leads_back) or self.left <= 1 or self.ends_in(feed.items):
            return None
        return replace(
            self, at=address, left=self.left - 1, number=self.number + 1, newest=newest, mark=mark,
            gone=self.gone + self.unknown_in(feed.items),
        )  # fmt: skip

    def ends_in(self, items: Sequence[Item]) -> bool:
        """Whether the posts that we know are reached."""
        return self.unknown_in(items) < len(items)

    def unknown_in(self, items: Sequence[Item]) -> int:
        """How many posts of a page, newest first, come before the first that we know."""
        for number, item in enumerate(items):
            if mark_of(item) in self.until:
                return number
        return len(items)

    def _next(self, feed: Feed, at: str) -> str:
        address = feed.head.older
        if not address and self.guess and feed.head.wordpress and feed.items:
            address = paged(at, self.number + 1)
        fits = len(json.dumps(address)) <= _ADDRESS_BYTES
        return address if fits and address not in (self.at, at) else ""


def walk_from(
    feed: Feed, *, at: str, pages: int, until: Collection[str] = (), guess: bool = False
) -> Walk | None:
    """The walk that begins behind a feed read at `at`; None where nothing older is to be had."""
    first = Walk(at=at, left=pages + 1, until=tuple(until), guess=guess).beyond(feed, at=at)
    return replace(first, gone=0) if first else None


def mark_of(item: Item) -> str:
    """A post's id, short enough to be remembered."""
    return hashlib.sha256(item.external_id.encode()).hexdigest()[:12]


def fingerprint(items: Sequence[Item]) -> str:
    told = "\n".join(item.external_id for item in items)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _newest(items: Sequence[Item]) -> int:
    """Of the dated ones; without any a page counts as neither newer nor older."""
    return max((int(i.published_at.timestamp()) for i in items if i.published_at), default=0)
