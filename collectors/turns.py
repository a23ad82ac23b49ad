"""Several searches of one source, read one after the other, none of them starved.

Each search walks down from its newest hit to what is known (collectors/walk.py). Where requests or
a quota end first, the next poll begins with the search behind the one that was read last. All of
it is in the cursor: a walk a search, under the search's short key, and the turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from pydantic import JsonValue

from collectors.api import Cursor, Listening, Page
from collectors.errors import BadPayload
from collectors.rotation import rotated
from collectors.walk import Walk

TURN: Final = "turn"
_DONE: Final = "done"


class Keyed(Protocol):
    """A search, with its name in the cursor."""

    @property
    def key(self) -> str: ...


S = TypeVar("S", bound=Keyed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One answer: what it held, where it leaves the walk, whether the walk goes on.

    spent: the platform says that nothing more may be asked now.
    """

    page: Page
    walk: Walk
    more: bool
    spent: bool = False


def short_key(*parts: str) -> str:
    """A search's name in the cursor: short, whatever the words."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:10]


async def in_turn(
    searches: Sequence[S],
    cursor: Cursor,
    ask: Callable[[S, Walk], Awaitable[Step]],
    may_ask: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[Page, None]:
    """Yield pages search by search; what several searches find comes once.

    may_ask: whether there are requests left. It is not asked before the first one, which says
    itself how long to wait where there are none.
    """
    walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in searches}
    turn = str(cursor.get(TURN) or "")
    waiting = rotated(searches, turn, key=lambda one: one.key)
    known: set[str] = set()
    first = True
    while waiting:
        one, more = waiting.pop(0), True
        while more:
            if not first and not await may_ask():
                yield _left_over(len(waiting) + 1, _cursor(walks, turn))
                return
            step = await ask(one, walks[one.key])
            first, more, turn = False, step.more, one.key
            moved, walks[one.key] = step.walk != walks[one.key], step.walk
            page = _fresh(step.page, known)
            if moved or _tells(page):
                yield replace(page, cursor=_cursor(walks, turn))
            if step.spent:
                if waiting or more:
                    yield _left_over(len(waiting) + more, _cursor(walks, turn))
                return


async def back_in_turn(
    searches: Sequence[S],
    cursor: Cursor,
    ask: Callable[[S, Walk], Awaitable[Step]],
    may_ask: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[Page, None]:
    """The same for the past: each search is walked down to its end, once."""
    state: dict[str, JsonValue] = dict(cursor)
    known: set[str] = set()
    first = True
    for one in searches:
        while state.get(one.key) != _DONE:
            if not first and not await may_ask():
                return
            step = await ask(one, Walk.from_json(state.get(one.key)))
            first = False
            state[one.key] = step.walk.to_json() if step.more else _DONE
            yield replace(_fresh(step.page, known), cursor=dict(state))
            if step.spent:
                return


def by_time(walk: Walk, times: Sequence[int], *, records: int, more: bool, floor: int) -> Step:
    """The step that one answer of a newest-first search makes, in seconds since 1970. Pure.

    The walk is asked for what is no newer than `before`, so the second of the oldest hit is asked
    for again: more may lie in it. A whole answer from one second cannot be taken apart: the walk
    goes on below it and says so.

    times: of the records that have one; records: how many there were.
    more: whether the platform has older ones; floor: how far down to go.
    """
    if records and not times:
        # A cursor that moved on here would pass over what nobody has read.
        raise BadPayload("no record of the answer has a readable time")
    if not times:
        return Step(page=Page(), walk=walk.ended(), more=False)
    top, oldest = str(max(times)), min(times)
    if not more or oldest <= floor:
        return Step(page=Page(), walk=walk.ended(top=top), more=False)
    stuck = walk.before == str(oldest)
    heard = Listening(truncated=stuck, note="more posts in one second than one answer" * stuck)
    below = walk.down_to(str(oldest - stuck), top=top)
    return Step(page=Page(listening=heard), walk=below, more=True)


def floor_of(walk: Walk, *, overlap: int, first: int) -> int:
    """How far down to read: a little below what is known, at first to `first`."""
    return int(walk.since) - overlap if walk.since.isdecimal() else first


def _fresh(page: Page, known: set[str]) -> Page:
    """Without the items that came before; they are noted."""
    items = {item.external_id: item for item in page.items if item.external_id not in known}
    known.update(items)
    return replace(page, items=tuple(items.values()))


def _tells(page: Page) -> bool:
    """Whether there is anything in it: no change, no page."""
    heard = page.listening
    told = heard.truncated or heard.missed or heard.refused or heard.note
    return bool(page.items or page.removed or page.skipped or page.keep or told)


def _left_over(count: int, cursor: Cursor) -> Page:
    note = f"{count} searches are read at the next polls, as the quota allows"
    return Page(cursor=cursor, listening=Listening(asked=0, note=note))


def _cursor(walks: Mapping[str, Walk], turn: str) -> Cursor:
    kept: dict[str, JsonValue] = {
        key: walk.to_json() for key, walk in walks.items() if walk != Walk()
    }
    return kept | {TURN: turn}
