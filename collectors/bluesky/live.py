"""Listening to Jetstream: one connection after the other, pages of what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from collectors.api import Author, Cursor, Item, Listening, Narrowing, Page
from collectors.bluesky.ears import Ears
from collectors.bluesky.jetstream import Heard, Place, named
from collectors.bluesky.posts import POST, author_of
from collectors.bluesky.xrpc import BATCH, Xrpc
from collectors.errors import CollectorError, Transient
from collectors.gathered import gathered

if TYPE_CHECKING:
    from collectors.http import Http, Params

WANTED: Final[Params] = {"wantedCollections": POST, "maxMessageSizeBytes": 1_000_000}
NEWS: Final = 2.0
"""Seconds between two pages while there is news."""
MARK: Final = 30.0
"""Seconds after which a page moves the cursor although nothing was kept."""
HANDFUL: Final = 500
NAMES: Final = 5_000
"""Names of authors that are remembered while listening."""
SPARE: Final = 10
"""Requests of a session that are kept for opening the stream again; the others ask for names."""
GAP_US: Final = 600_000_000
"""Where the first event is that much later than the cursor, the host did not keep what was asked
for: the network is never silent for ten minutes."""


@dataclass(slots=True)
class _Count:
    """Of one connection. asked: requests before the last page."""

    asked: int
    told: float
    heard: int = 0
    kept: int = 0


@dataclass(slots=True)
class Listener:
    """hosts: addresses of the stream. Remembers its authors' names while it lives."""

    hosts: Sequence[str]
    api: Xrpc
    names: dict[str, Author] = field(default_factory=dict)

    async def listen(
        self, narrowing: Narrowing, people: Sequence[str], cursor: Cursor, http: Http
    ) -> AsyncGenerator[Page]:
        """Yield pages; a host that fails is left for the next one.

        people: handles whose posts are kept whatever they say.
        """
        place = Place.from_json(cursor.get("live"))
        ears = Ears.of(narrowing, await self._profiles(people, http) if people else ())
        failed = 0
        while True:
            try:
                async with aclosing(self._session(place, ears, http)) as pages:
                    async for page, reached in pages:
                        place, failed = reached, 0
                        yield page
                error: CollectorError = Transient("the live stream was closed by its server")
            except CollectorError as raised:
                error = raised
            failed += 1
            if failed >= len(self.hosts) or http.left == 0:
                raise error
            place = replace(place, host=(place.host + 1) % len(self.hosts))

    async def _session(
        self, place: Place, ears: Ears, http: Http
    ) -> AsyncGenerator[tuple[Page, Place]]:
        """One connection to one host."""
        clock = asyncio.get_running_loop().time
        count = _Count(asked=http.asked, told=clock())
        address = address_of(self.hosts[place.host % len(self.hosts)])
        params = {**WANTED, "cursor": place.rewound}
        heard = Heard()
        async with (
            http.socket(address, params=params) as socket,
            aclosing(gathered([aiter(socket)], seconds=NEWS, most=HANDFUL)) as handfuls,
        ):
            async for messages in handfuls:
                for _, message in messages:
                    heard.take(message, ears)
                if heard.time_us and (heard.items or clock() >= count.told + MARK):
                    page = await self._page(heard, place, count, http)
                    place = replace(place, time_us=max(heard.time_us, place.time_us))
                    yield replace(page, cursor={"live": place.to_json()}), place
                    heard, count.told = Heard(), clock()
        if heard.time_us:  # it was closed in good order: what came last counts too
            page = await self._page(heard, place, count, http)
            place = replace(place, time_us=max(heard.time_us, place.time_us))
            yield replace(page, cursor={"live": place.to_json()}), place

    async def _page(self, heard: Heard, place: Place, count: _Count, http: Http) -> Page:
        items = await self._named(heard, http)
        missed = not count.heard and 0 < place.time_us < heard.first_us - GAP_US
        count.heard, count.kept = count.heard + heard.posts, count.kept + len(items)
        asked, count.asked = http.asked - count.asked, http.asked
        note = f"{count.heard:,} posts heard since the stream was opened, {count.kept:,} kept"
        return Page(
            items=items,
            removed=tuple(heard.removed),
            skipped=heard.skipped,
            listening=Listening(asked=asked, missed=missed, note=note),
        )

    async def _named(self, heard: Heard, http: Http) -> list[Item]:
        """The items with their authors' names, as far as one call tells them."""
        for did in heard.renamed:
            self.names.pop(did, None)
        items = heard.latest()
        dids = dict.fromkeys(item.author.id for item in items if item.author and item.author.id)
        unknown = [did for did in dids if did not in self.names][:BATCH]
        if unknown and (http.left is None or http.left > SPARE):
            try:
                found = await self._profiles(unknown, http)
            except CollectorError:
                found = {}  # the posts matter more; a refresh fills the names in
            if len(self.names) + len(found) > NAMES:
                self.names.clear()
            self.names |= found
        return named(items, self.names)

    async def _profiles(self, actors: Sequence[str], http: Http) -> dict[str, Author]:
        """Authors by their DID."""
        found = await self.api.public("app.bsky.actor.getProfiles", {"actors": actors}, http)
        profiles = found.get("profiles")
        known = profiles if isinstance(profiles, list) else []
        dids = [(one, one.get("did")) for one in known if isinstance(one, dict)]
        return {did: author_of(one, did) for one, did in dids if isinstance(did, str)}


def address_of(host: str) -> str:
    """The stream of a host."""
    return f"{host.rstrip('/')}/subscribe"
