"""Reading known items again where a platform has no call for many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Literal

from collectors.api import Item, Listening, Page, Skipped
from collectors.errors import RateLimited

if TYPE_CHECKING:
    from collectors.http import Http

Told = Item | Skipped | Literal["gone", "untold"]
"""What one call said of an item. untold: neither that it is there nor that it is not."""


async def one_by_one(
    ids: Iterable[str], read: Callable[[str], Awaitable[Told]], http: Http
) -> Page:
    """A page of what each id is now, once. Raises what `read` raises.

    Where a limit or the budget ends first, what was read is kept: the others have their turn again.
    """
    items: list[Item] = []
    skipped: list[Skipped] = []
    removed: list[str] = []
    asked = refused = 0
    for identity in dict.fromkeys(ids):
        if http.left == 0:
            break
        try:
            told = await read(identity)
        except RateLimited:
            if not asked:
                raise
            refused = 1
            break
        asked += 1
        items += [told] if isinstance(told, Item) else []
        skipped += [told] if isinstance(told, Skipped) else []
        removed += [identity] if told == "gone" else []
    heard = Listening(asked=asked + refused, refused=refused)
    return Page(items=items, skipped=skipped, removed=removed, listening=heard)
