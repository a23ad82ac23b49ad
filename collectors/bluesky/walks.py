"""What a source follows, and how far each of its listings has been read. Pure.

Search and feeds list the newest first, by an opaque cursor that the platform may forget or refuse
(and after 10,000 posts does). So a walk keeps, beside that cursor, the time it came down to: where
the cursor fails, the search goes on from there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from collectors.api import Narrowing, Term
from collectors.bluesky.posts import Read, moment
from collectors.fitting import count_bytes, fitting

LIMIT: Final = 100
"""Posts a page: the most that the API gives."""
CLAUSES: Final = 12
"""Searches of one source at most; each has its place in the cursor (4 KB)."""
BYTES: Final = 400
"""Of one search; the lexicon names no limit, addresses have one."""
OVERLAP: Final = timedelta(minutes=10)
"""Before the newest known post that is read again: posts are indexed late and out of order."""
_HANDLE: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_CURSOR_LIMIT: Final = 150
"""Characters; a longer one of the platform's is not kept between polls."""


@dataclass(frozen=True, slots=True)
class Target:
    """One listing. handle: whose feed; "" for a search with these parameters."""

    handle: str = ""
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name in the cursor."""
        words = repr(sorted(self.query.items()))
        return hashlib.sha256(f"{self.handle} {words}".encode("utf-8", "replace")).hexdigest()[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """since: all up to here is stored. The others are "" while no walk is under way:
    top, where it began; before, the platform's cursor; floor, the time it came down to."""

    since: str = ""
    top: str = ""
    before: str = ""
    floor: str = ""

    @classmethod
    def from_json(cls, value: JsonValue) -> Walk:
        match value:
            case [str(since), str(top), str(before), str(floor)]:
                times = (since, top, floor)
                if all(not time or _is_moment(time) for time in times):
                    return cls(since=since, top=top, before=before, floor=floor)
        return cls()

    def to_json(self) -> list[JsonValue]:
        kept = self.before if len(self.before) <= _CURSOR_LIMIT else ""
        return [self.since, self.top, kept, self.floor]

    def bottom(self, first: datetime) -> datetime:
        """Down to which time it goes: a bit below what is known, else `first`."""
        return moment(self.since) - OVERLAP if self.since else first

    def without_cursor(self) -> Walk:
        """Where the platform refused its own cursor: on from the time it came down to."""
        return replace(self, before="")

    def ended(self) -> Walk:
        return Walk(since=max(self.top, self.since))


def after(
    walk: Walk, read: Read, cursor: str, *, count: int, bottom: datetime
) -> tuple[Walk, bool]:
    """Where a page leaves the walk, and whether there is more.

    count: records on the page, unreadable ones included. cursor: "" where the answer had none.
    """
    if not count:
        return walk.ended(), False
    newest = stamp(max(read.times)) if read.times else ""
    oldest = stamp(min(read.times)) if read.times else walk.floor
    below = replace(walk, top=walk.top or newest, before=cursor, floor=oldest)
    deep_enough = bool(read.times) and min(read.times) < bottom
    if cursor:
        goes_on = cursor != walk.before
    else:
        # A full page without a cursor: the platform gives no more pages, not no more posts.
        goes_on = count >= LIMIT and bool(oldest) and (not walk.floor or oldest < walk.floor)
    if deep_enough or not goes_on:
        return below.ended(), False
    return below, True


def paging(target: Target, walk: Walk, bottom: datetime) -> dict[str, str]:
    """The parameters that ask for the next page of a walk."""
    params = {"limit": str(LIMIT)}
    if walk.before:
        params["cursor"] = walk.before
    if not target.handle:
        params["since"] = stamp(bottom)
        if walk.floor and not walk.before:
            # `until` is exclusive, and several posts may share a moment.
            params["until"] = stamp(moment(walk.floor) + timedelta(seconds=1))
    return params


def stamp(at: datetime) -> str:
    """A time as the API writes it; these sort as text."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def targets(narrowing: Narrowing, handles: Sequence[str], *, search: bool) -> list[Target]:
    """The feeds and the searches of a source."""
    found = [Target(handle=handle) for handle in dict.fromkeys(map(bare_handle, handles)) if handle]
    if search:
        asked = {one.key: one for one in map(_search, narrowing.any_of) if one.query}
        found += list(asked.values())[:CLAUSES]
    return found


def notes(narrowing: Narrowing, *, search: bool) -> Iterator[str]:
    """What is not asked for, and why."""
    if not search:
        return
    asked = {one.key for one in map(_search, narrowing.any_of) if one.query}
    if len(asked) > CLAUSES:
        yield f"only {CLAUSES} of {len(asked)} searches are asked for: the live stream hears all"
    if any(clause and not _search(clause).query for clause in narrowing.any_of):
        yield f"a word of more than {BYTES} bytes cannot be searched for"
    if not narrowing.any_of:
        yield "the queries name no word to search for: the live stream hears all"


def bare_handle(text: str) -> str:
    """A handle or DID as the API takes it."""
    return text.strip().lstrip("@").lower() if not text.startswith("did:") else text.strip()


def is_handle(text: str) -> bool:
    """Whether it has the form of one: a host name."""
    return _HANDLE.fullmatch(text) is not None


def _search(clause: Sequence[Term]) -> Target:
    """A clause in the platform's words. Tags and mentions are filters of their own; the text of the
    search may not be empty, and there it takes them with their marks."""
    terms = fitting(clause[:8], BYTES, count_bytes)
    tags = [_bare(term) for term in terms if term.kind == "hashtag" and _bare(term)]
    people = [bare_handle(term.text) for term in terms if term.kind == "handle"]
    known = [one for one in people if is_handle(one)]
    words = [_quoted(term.text) for term in terms if term.kind in {"word", "phrase"}]
    words += [_quoted(one) for one in people if one and not is_handle(one)]
    words = [word for word in dict.fromkeys(words) if word]
    if not words:
        marks = [*(f"#{tag}" for tag in tags), *(f"@{one}" for one in known)]
        return Target(query={"q": " ".join(marks)}) if marks else Target()
    query: dict[str, str | Sequence[str]] = {"q": " ".join(words)}
    if tags:
        query["tag"] = tuple(tags)
    if known:
        query["mentions"] = known[0]
    return Target(query=query)


def _bare(term: Term) -> str:
    return "".join(term.text.split()).lstrip("#")


def _quoted(text: str) -> str:
    """A word as it is; what a search might read as more than one, or as a sign, in quotes."""
    text = " ".join(text.replace('"', " ").split())
    return text if text.isalnum() or not text else f'"{text}"'


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except (ValueError, OverflowError):
        return False
    return True
