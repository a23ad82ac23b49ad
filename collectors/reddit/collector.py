"""Reddit: searches and whole subreddits, by the API with a key, by the feeds without."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    ProfileSnapshot,
    Proposal,
    Wanted,
)
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention
from collectors.reddit.config import RedditConfig
from collectors.reddit.doors import ApiDoor, Door, FeedDoor, Found
from collectors.reddit.listings import (
    LIMIT,
    SEARCHES,
    Listing,
    Place,
    advance,
    floor_of,
    left_out,
    listings,
)
from collectors.reddit.things import SITE, is_name
from collectors.rotation import rotated
from collectors.text import one_line

if TYPE_CHECKING:
    from collectors.http import Http

PAGES: Final = 10
"""Pages of one listing in a poll: the 1,000 things that Reddit lists."""
MAX_REQUESTS: Final = 60
_TURN: Final = "turn"
_ACCOUNT: Final = re.compile(r"(?:(r|u)/)?([\w-]{2,24})", re.ASCII)


class Reddit:
    """Cursor: a Place a listing, and `turn`: the listing that was read last."""

    kind: ClassVar[str] = "reddit"
    platform: ClassVar[str | None] = "reddit"
    Config: ClassVar[type[CollectorConfig]] = RedditConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        min_interval=timedelta(minutes=5),
        quota="with a key 100 requests a minute; without one about one feed a minute and address",
        max_requests=MAX_REQUESTS,
        refresh_batch=LIMIT,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, RedditConfig)
        self._config = config
        self._api = ApiDoor(config) if config.client_id else None
        self._door: Door = self._api or FeedDoor(config)

    async def check(self, http: Http) -> None:
        """Read one page of what will be read, or search for a common word."""
        wanted = self._listings(Narrowing())
        await self._door.page(wanted[0] if wanted else Listing(words="news"), "", http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages listing by listing, each from its newest down to what is known.

        What the quota or the budget does not reach comes first in the next poll.
        """
        wanted = self._listings(narrowing)
        if not wanted:
            raise NeedsAttention("give the source subreddits, or words to search for")
        places = {one.key: Place.from_json(cursor.get(one.key)) for one in wanted}
        turn = str(cursor.get(_TURN) or "")
        known: set[str] = set()
        waiting = rotated(wanted, turn, key=lambda one: one.key)
        goes_on = True
        while waiting and goes_on:
            listing = waiting.pop(0)
            async with aclosing(self._follow(listing, places[listing.key], http)) as followed:
                async for page, place, spent in followed:
                    places[listing.key], turn = place, listing.key
                    new = tuple(item for item in page.items if item.external_id not in known)
                    known.update(item.external_id for item in new)
                    yield replace(page, items=new, cursor=_cursor(places, turn))
                    goes_on = not spent
            goes_on = goes_on and await self._may_ask(http)
        note = "; ".join(self._notes(narrowing, waiting))
        if note:
            cut = left_out(narrowing, length=self._config.query_length) and self._config.search
            yield Page(
                cursor=_cursor(places, turn),
                listening=Listening(asked=0, truncated=cut, note=note),
            )

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts and comments as they are now; without a key nothing can be asked for."""
        names = [one for one in dict.fromkeys(ids) if is_name(one)][:LIMIT]
        if self._api is None or not names:
            return Page(listening=Listening(asked=0))
        things = await self._api.things(names, http)
        if not things.names and not things.skipped and len(names) > 1:
            # Reddit leaves out what nobody may read any more; all at once is rather its trouble.
            note = f"Reddit answered for none of {len(names)} posts"
            return Page(listening=Listening(refused=1, note=note))
        spoken = {*things.names, *(one.external_id for one in things.skipped)}
        absent = tuple(name for name in names if name not in spoken)
        return Page(items=things.items, removed=things.removed + absent, skipped=things.skipped)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each listing down to `since`, or to where Reddit's listing ends. With a key only."""
        if self._api is None:
            return
        state = dict(cursor)
        for listing in self._listings(narrowing):
            place = Place.from_json(cursor.get(listing.key))
            while state.get(listing.key) != "done" and http.left != 0:
                found = await self._api.page(listing, place.walk.before, http)
                step = advance(place, found.things, found.after, floor=int(since.timestamp()))
                place = step.place
                state[listing.key] = place.to_json() if step.more else "done"
                page = _page(found, listing, short=step.ended_short)
                new = tuple(
                    one for one in page.items if one.published_at and one.published_at >= since
                )
                yield replace(page, items=new, cursor=dict(state))
                if found.spent:
                    return

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Members of a subreddit (`r/name`); of a person Reddit tells no followers."""
        if self._api is None:
            raise NeedsAttention("figures of Reddit accounts need a client id and its secret")
        match = _ACCOUNT.fullmatch(account.strip().strip("/"))
        if match is None:
            raise NeedsAttention("a Reddit account is r/name or u/name")
        is_subreddit, name = match[1] == "r", match[2]
        path = f"/{'r' if is_subreddit else 'user'}/{quote(name)}/about"
        found, _ = await self._api.ask(path, {}, http)
        data = found.get("data") if isinstance(found, dict) else None
        if not isinstance(data, dict):
            raise BadPayload("Reddit: the answer is no profile")
        members = data.get("subscribers") if is_subreddit else None
        return ProfileSnapshot(
            handle=f"{'r' if is_subreddit else 'u'}/{name}",
            name=one_line(str(data.get("title") or name)),
            url=f"{SITE}/{'r' if is_subreddit else 'user'}/{name}/",
            followers=members if isinstance(members, int) else None,
        )

    def quotas(self) -> Sequence[Quota]:
        return (self._door.quota,)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A page a listing; of the feeds no more than their quota lets through."""
        asked = len(self._listings(narrowing))
        return {self._door.quota.name: float(min(asked, self._door.quota.limit))}

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The search of all of Reddit, which needs no key."""
        why = wanted.says(
            fr="publications de tout Reddit qui nomment la marque ; plus lent sans clé",
            en="posts in all of Reddit that name the brand; works without a key, more slowly",
        )
        return (Proposal(name=f"Reddit: {wanted.name}", config={}, why=why),)

    def _listings(self, narrowing: Narrowing) -> list[Listing]:
        return listings(
            narrowing,
            subreddits=self._config.subreddits,
            comments=self._config.comments,
            search=self._config.search,
            length=self._config.query_length,
        )

    async def _may_ask(self, http: Http) -> bool:
        return http.left != 0 and await http.desk.ledger.left(self._door.quota.name) > 0

    async def _follow(
        self, listing: Listing, place: Place, http: Http
    ) -> AsyncGenerator[tuple[Page, Place, bool], None]:
        """Page by page: what it holds, how far it came, and whether Reddit says to stop."""
        first = int(http.now.timestamp()) - self._config.first_days * 86_400
        floor, is_first = floor_of(place, first=first), not place.walk.since
        for number in range(PAGES):
            if http.left == 0 or (number and not await self._may_ask(http)):
                return
            found = await self._door.page(listing, place.walk.before, http)
            step = advance(place, found.things, found.after, floor=floor)
            missed = step.ended_short and not is_first
            place = step.place
            yield _page(found, listing, missed=missed), place, found.spent
            if not step.more or found.spent:
                return

    def _notes(self, narrowing: Narrowing, waiting: Sequence[Listing]) -> list[str]:
        notes = []
        if waiting:
            notes.append(f"{len(waiting)} listings are read at the next polls, as the quota allows")
        if self._config.search and left_out(narrowing, length=self._config.query_length):
            notes.append(f"more or longer words than {SEARCHES} searches can ask for")
        return notes


def _page(found: Found, listing: Listing, *, missed: bool = False, short: bool = False) -> Page:
    note = f"{listing.name}: Reddit's list ended before it came to what is known" if missed else ""
    if short:
        note = f"{listing.name}: Reddit lists no more than this"
    return Page(
        items=found.things.items,
        removed=found.things.removed,
        skipped=found.things.skipped,
        listening=Listening(
            missed=missed, truncated=short or missed or not found.complete, note=note
        ),
    )


def _cursor(places: Mapping[str, Place], turn: str) -> Cursor:
    told: dict[str, object] = {
        key: place.to_json() for key, place in places.items() if place != Place()
    }
    return {**told, **({_TURN: turn} if turn else {})}  # type: ignore[dict-item]
