"""App Store: customer reviews of a known app, country by country, from Apple's public feed.

The feed gives 10 pages of 50 reviews a country, the newest first. Since October 2026 its JSON form
comes empty, so the XML is read; it too comes empty now and then in one spelling of the address and
full in another.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, JsonValue, StringConstraints

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.appstore.reviews import Reviews, read_reviews
from collectors.bounded import bounded
from collectors.rotation import rotated
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

PAGES: Final = 10
"""Pages that Apple gives a country."""
OVERLAP: Final = 86_400
"""Seconds before the newest known review that are read again: reviews show up late."""
SPELLINGS: Final = (
    "/{country}/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/xml",
    "/{country}/rss/customerreviews/id={app}/page={page}/sortby=mostrecent/xml",
    "/{country}/rss/customerreviews/id={app}/page={page}/sortBy=mostRecent/xml",
)

Country = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class AppStoreConfig(CollectorConfig):
    """One app, and the countries whose reviews are read."""

    app_id: str = Field(
        description="Number of the app: the digits behind `id` in its address at apps.apple.com.",
        pattern=r"^[0-9]{5,15}$",
        examples=["310633997"],
    )
    countries: tuple[Country, ...] = Field(
        default=("fr",),
        description="Store countries to read, two small letters each.",
        min_length=1,
        max_length=20,
        examples=[["fr", "be", "ch"]],
    )
    first_pages: int = Field(
        default=1, ge=1, le=PAGES, description="Pages of 50 that the first poll reads a country."
    )
    base_url: str = Field(
        default="https://itunes.apple.com",
        description="Address of the feeds; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    site_url: str = Field(
        default="https://apps.apple.com",
        description="Address that links to reviews begin with.",
        pattern=r"^https?://",
    )


class AppStore:
    """Cursor: a Walk a country (`since` and `top` in seconds since 1970, `before` a page)."""

    kind: ClassVar[str] = "appstore"
    platform: ClassVar[str | None] = "appstore"
    Config: ClassVar[type[CollectorConfig]] = AppStoreConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        min_interval=timedelta(minutes=30),
        quota="none stated by Apple; 500 reviews a country are all there is",
        max_requests=60,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, AppStoreConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Read the first page of the first country."""
        await self._page(self._config.countries[0], 1, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Country by country from the newest down to what is known.

        Those that the budget does not reach come first in the next poll.
        """
        walks = {one: Walk.from_json(cursor.get(one)) for one in self._config.countries}
        known: set[str] = set()
        for country in rotated(self._config.countries, str(cursor.get("turn") or "")):
            async with aclosing(self._follow(country, walks[country], http)) as followed:
                async for page, walk in followed:
                    walks[country] = walk
                    new = tuple(one for one in page.items if one.external_id not in known)
                    known.update(one.external_id for one in new)
                    yield replace(page, items=new, cursor=_cursor(walks, country))

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """All pages that Apple gives, country by country, down to `since`."""
        state = dict(cursor)
        for country in self._config.countries:
            number = state.get(country, 1)
            while isinstance(number, int) and 1 <= number <= PAGES and http.left != 0:
                reviews, asked = await self._page(country, number, http, again=number == 1)
                dated = [one for one in reviews.items if one.published_at]
                kept = tuple(one for one in dated if one.published_at and one.published_at >= since)
                number = number + 1 if reviews.found and len(kept) == len(dated) else 0
                state[country] = number
                yield Page(
                    items=kept,
                    skipped=reviews.skipped,
                    cursor=dict(state),
                    listening=Listening(asked=asked),
                )

    async def _follow(
        self, country: str, walk: Walk, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk], None]:
        """The pages of one country, each with how far it came."""
        number = int(walk.before) if walk.before.isdigit() else 1
        while http.left != 0:
            expected = number == 1 and walk.since != "0"
            reviews, asked = await self._page(country, number, http, again=expected)
            step = advance(
                walk, reviews, number=number, first_pages=self._config.first_pages, now=http.now
            )
            known = walk.since not in ("", "0")
            page = _page(reviews, country, asked=asked, number=number, step=step, known=known)
            walk, number = step.walk, number + 1
            yield page, walk
            if not walk.before:
                return

    async def _page(
        self, country: str, number: int, http: Http, *, again: bool = False
    ) -> tuple[Reviews, int]:
        """One page, and how many requests it took. again: try other spellings where it is empty."""
        reviews = Reviews()
        for asked, spelling in enumerate(SPELLINGS, start=1):
            path = spelling.format(country=country, page=number, app=self._config.app_id)
            response = await http.get(self._config.base_url.rstrip("/") + path, accept="text/xml")
            assert response is not None  # None answers a conditional request, which this is not
            site = self._config.site_url.rstrip("/")
            read = partial(read_reviews, app_id=self._config.app_id, country=country, site=site)
            reviews = await bounded(read, response.body)
            if reviews.found or not again or http.left == 0:
                return reviews, asked
        return reviews, len(SPELLINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a page leaves the walk of its country; a walk with `before` goes on."""

    walk: Walk
    missed: bool = False


def advance(walk: Walk, reviews: Reviews, *, number: int, first_pages: int, now: datetime) -> Step:
    """Where page `number` leaves the walk. Pure.

    A walk that was cut goes on at its page: reviews that came meanwhile push others down, so some
    are read twice and none is passed over.
    """
    # A time to come would hide all that is written until then.
    times = [
        int(min(one.published_at, now).timestamp()) for one in reviews.items if one.published_at
    ]
    top = walk.top or (str(max(times)) if times else walk.since or "0")
    if not reviews.found:
        # Nothing where reviews were known is Apple's trouble: what is known stays known.
        return Step(walk=walk.ended(top=top))
    first = walk.since in ("", "0")
    floor = int(walk.since or 0) - OVERLAP
    reached = number >= first_pages if first else bool(times) and min(times) < floor
    if reached:
        return Step(walk=walk.ended(top=top))
    if number >= PAGES:
        return Step(walk=walk.ended(top=top), missed=not first)
    return Step(walk=walk.down_to(str(number + 1), top=top))


def _page(
    reviews: Reviews, country: str, *, asked: int, number: int, step: Step, known: bool
) -> Page:
    empty = known and number == 1 and not reviews.found
    notes = ["Apple's feed is empty although reviews are known"] if empty else []
    if step.missed:
        notes.append(f"more new reviews than the {PAGES} pages that Apple gives")
    return Page(
        items=reviews.items,
        skipped=reviews.skipped,
        listening=Listening(
            asked=asked,
            refused=int(empty),
            missed=step.missed,
            note=f"{country}: {'; '.join(notes)}" if notes else "",
        ),
    )


def _cursor(walks: Mapping[str, Walk], turn: str) -> Cursor:
    told: dict[str, JsonValue] = {
        country: walk.to_json() for country, walk in walks.items() if walk != Walk()
    }
    return {**told, "turn": turn}
