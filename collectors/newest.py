"""How far a walk down a list of reviews came, the newest first, page by page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collectors.api import Item
from collectors.walk import Walk


def after_page(
    walk: Walk, items: Sequence[Item], further: str, *, overlap: int, first: datetime, now: datetime
) -> Walk:
    """Where a page leaves the walk, whose `since` and `top` are seconds since 1970.

    items: of the page, each at the time that the list is ordered by (`listed_at`).
    further: what the next page is asked with; "" at the end of the list.
    overlap: seconds before the newest known one that are read again.
    first: how far down a first walk goes.
    """
    # A time to come would hide all that is written until then.
    times = [int(min(moment, now).timestamp()) for one in items if (moment := listed_at(one))]
    top = walk.top or (str(max(times)) if times else walk.since)
    floor = int(walk.since) - overlap if walk.since else int(first.timestamp())
    if not further or (times and min(times) < floor):
        return walk.ended(top=top)
    return walk.down_to(further, top=top)


def listed_at(item: Item) -> datetime | None:
    """The time of the last change, else of writing."""
    return item.edited_at or item.published_at
