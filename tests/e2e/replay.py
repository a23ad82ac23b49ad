"""Posts with times, and what an observer who only has `re` expects the service to find.

The real file is read in place (evaluation only, never copied). All times are moved by one whole
number of weeks, so that the last post falls in the last seven days before `today`. Where the
folder is absent, a generated replay with the same shape and known counts takes its place.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = Path("../shared/data/replay/airline-tweets-2015.jsonl")
BRANDS = {
    "united": "United", "usairways": "US Airways", "americanair": "American Airlines",
    "southwestair": "Southwest", "jetblue": "JetBlue", "virginamerica": "Virgin America",
}  # fmt: skip
THRESHOLD = 250
_HANDLE = re.compile(r"(?<!\w)@(\w+)")
_WEEK = timedelta(weeks=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Post:
    """One row of the replay; `row` is its number in the file (even: feed, odd: file drop)."""

    row: int
    id: str
    at: datetime
    text: str
    author: str

    @property
    def url(self) -> str:
        return f"https://posts.example/status/{self.id}"

    @property
    def handles(self) -> frozenset[str]:
        return frozenset(h.lower() for h in _HANDLE.findall(self.text)) & BRANDS.keys()


@dataclass(frozen=True, slots=True)
class Expected:
    """What the independent count says of a stretch of posts."""

    items: int
    mentions: Counter[str]
    busy_hours: frozenset[datetime]

    @property
    def total(self) -> int:
        return sum(self.mentions.values())


def load(today: datetime) -> tuple[list[Post], str]:
    """All rows, moved to the present, and what they are."""
    if FILE.is_file():
        rows, kind = list(_from_file()), "airline tweets of 2015"
    else:
        rows, kind = list(_generated()), "a generated replay"
    weeks = (today - rows[-1].at) // _WEEK
    return [replace(post, at=post.at + weeks * _WEEK) for post in rows], kind


def expected(posts: Sequence[Post]) -> Expected:
    """Count by hand: distinct ids, distinct (id, handle), hours with more than the threshold."""
    distinct = {post.id: post for post in posts}.values()
    mentions = Counter(handle for post in distinct for handle in post.handles)
    hours = Counter(
        post.at.replace(minute=0, second=0, microsecond=0) for post in distinct if post.handles
    )
    busy = frozenset(hour for hour, count in hours.items() if count > THRESHOLD)
    return Expected(items=len(distinct), mentions=mentions, busy_hours=busy)


def busiest_stretch(posts: Sequence[Post], hours: int) -> list[Post]:
    """A stretch of whole hours that holds the busiest hours, for the bounded run."""
    busy = sorted(expected(posts).busy_hours)
    start = (busy[0] if busy else posts[0].at.replace(minute=0, second=0)) - 6 * _HOUR
    return [post for post in posts if start <= post.at < start + hours * _HOUR]


def _from_file() -> Iterator[Post]:
    with FILE.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            yield Post(
                number, row["id"], datetime.fromisoformat(row["created_at"]), row["text"],
                row["author_hash"],
            )  # fmt: skip


def _generated() -> Iterator[Post]:
    """Three days, one busy hour, a few rows twice, some without a brand."""
    dice = random.Random(20150217)
    start = datetime(2015, 2, 17, tzinfo=UTC)
    number = 0
    for hour in range(72):
        for n in range(340 if hour == 40 else dice.randint(20, 60)):
            at = start + timedelta(hours=hour, seconds=dice.uniform(0, 3599))
            handle = dice.choice([*BRANDS, "nobody"])
            post = Post(
                number, f"9{hour:02}{n:04}", at,
                f"@{handle} flight {n} was {dice.choice(['late', 'great', 'fine'])}", f"a{n % 97}",
            )  # fmt: skip
            yield post
            number += 1
            if n % 50 == 0:
                yield replace(post, row=number)
                number += 1
