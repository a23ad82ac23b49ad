"""Google Business: reviews of one's own places, by the Business Profile API.

Reviews have stayed with version 4 (mybusiness.googleapis.com) while the other parts moved:
developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews/list.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, JsonValue, SecretStr, StringConstraints

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.googleaccess import Gone, GoogleAccess, refresh_grant
from collectors.googlebusiness.reviews import Reviews, is_name, read_review, read_reviews
from collectors.newest import after_page
from collectors.onebyone import Told, one_by_one
from collectors.rotation import rotated
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

PAGE: Final = 50
"""Reviews of a page; Google gives no more."""
OVERLAP: Final = 86_400
"""Seconds before the newest known review that are read again."""
QUOTA: Final = "calls a minute"

Place = Annotated[str, StringConstraints(pattern=r"^accounts/[0-9]{1,30}/locations/[0-9]{1,30}$")]


class GoogleBusinessConfig(CollectorConfig):
    """One's own places, and the access to them."""

    locations: tuple[Place, ...] = Field(
        description="Own places: accounts/…/locations/…, with the numbers of your profile.",
        min_length=1,
        max_length=20,
        examples=[["accounts/1234567890/locations/9876543210"]],
    )
    client_id: str = Field(
        description="Client id of the OAuth client in the Google Cloud project.",
        min_length=1,
        max_length=200,
    )
    client_secret: SecretStr = Field(description="Secret of that OAuth client.")
    refresh_token: SecretStr = Field(
        description="Refresh token of a manager of the places, for the scope business.manage."
    )
    first_days: int = Field(
        default=30, ge=1, le=3_650, description="Days that the first poll reaches back."
    )
    calls_a_minute: int = Field(
        default=300, ge=1, le=100_000, description="Calls a minute that Google allows the project."
    )
    base_url: str = Field(
        default="https://mybusiness.googleapis.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    site_url: str = Field(
        default="https://business.google.com/reviews",
        description="Address that reviews link to; Google gives none of a single one.",
        pattern=r"^https?://",
    )
    auth_url: str = Field(
        default="https://oauth2.googleapis.com/token",
        description="Address that gives access tokens; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class GoogleBusiness:
    """Cursor: a Walk a place (in seconds of the last change), and `turn`: the last one read."""

    kind: ClassVar[str] = "googlebusiness"
    platform: ClassVar[str | None] = "googlebusiness"
    Config: ClassVar[type[CollectorConfig]] = GoogleBusinessConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        min_interval=timedelta(minutes=15),
        quota="300 calls a minute (developers.google.com/my-business/content/limits)",
        max_requests=60,
        refresh_batch=50,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, GoogleBusinessConfig)
        self._config = config
        secret = config.client_secret.get_secret_value()
        refresh = config.refresh_token.get_secret_value()
        self._access = GoogleAccess(
            name="Google Business",
            token_url=config.auth_url,
            grant=lambda now: refresh_grant(config.client_id, secret, refresh),
            quota=QUOTA,
            advice="check the client, the refresh token, and that the account manages the places",
        )

    async def check(self, http: Http) -> None:
        """Read one review of each place."""
        for place in self._config.locations:
            await self._page(place, "", http, size=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Place by place from what changed last down to what is known."""
        walks = {one: Walk.from_json(cursor.get(one)) for one in self._config.locations}
        for place in _in_turn(walks, str(cursor.get("turn") or "")):
            if http.left == 0:
                return
            async with aclosing(self._follow(place, walks[place], http)) as followed:
                async for page, walk in followed:
                    walks[place] = walk
                    yield replace(page, cursor=_cursor(walks, place))

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Reviews as they are now, one by one."""

        async def read(name: str) -> Told:
            try:
                found = await self._access.ask(self._address(name), {}, http)
            except Gone:
                return "gone"
            return read_review(found, self._config.site_url)

        return await one_by_one(filter(is_name, ids), read, http)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each place's reviews down to `since`, the last changed first."""
        state: dict[str, JsonValue] = dict(cursor)
        for place in self._config.locations:
            while state.get(place) != "" and http.left != 0:
                token = str(state.get(place) or "")
                try:
                    found = await self._page(place, token, http)
                except NeedsAttention as error:
                    if not token or isinstance(error, Gone):
                        raise
                    # The token of the next page was kept too long; the rest is not worth a
                    # second walk through what is stored already.
                    state[place] = ""
                    note = Listening(refused=1, truncated=True, note=f"history ends: {error}"[:500])
                    yield Page(cursor=dict(state), listening=note)
                    break
                # What was changed lately may have been written long ago.
                kept = tuple(i for i in found.items if i.published_at and i.published_at >= since)
                times = [when for i in found.items if (when := i.edited_at or i.published_at)]
                state[place] = "" if times and min(times) < since else found.further
                yield Page(items=kept, skipped=found.skipped, cursor=dict(state))

    def quotas(self) -> Sequence[Quota]:
        return (
            Quota(
                name=QUOTA,
                limit=self._config.calls_a_minute,
                per=timedelta(minutes=1),
                source="developers.google.com/my-business/content/limits",
            ),
        )

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A page a place."""
        return {QUOTA: float(len(self._config.locations))}

    async def _follow(
        self, place: str, walk: Walk, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk], None]:
        """Page by page: what it holds, and how far it came."""
        first = http.now - timedelta(days=self._config.first_days)
        while True:
            try:
                found = await self._page(place, walk.before, http)
            except Gone:
                raise
            except NeedsAttention:
                if not walk.before:
                    raise
                # A token of the next page does not keep for ever: begin again from the top.
                walk = Walk(since=walk.since)
                found = await self._page(place, "", http)
            walk = after_page(
                walk, found.items, found.further, overlap=OVERLAP, first=first, now=http.now
            )
            yield Page(items=found.items, skipped=found.skipped), walk
            if not walk.before or http.left == 0:
                return

    async def _page(self, place: str, token: str, http: Http, *, size: int = PAGE) -> Reviews:
        params = {"pageSize": str(size), "orderBy": "updateTime desc"}
        params |= {"pageToken": token} if token else {}
        found = await self._access.ask(self._address(f"{place}/reviews"), params, http)
        return read_reviews(found, self._config.site_url)

    def _address(self, name: str) -> str:
        return f"{self._config.base_url.rstrip('/')}/v4/{name}"


def _in_turn(walks: Mapping[str, Walk], turn: str) -> list[str]:
    """The places behind the one that was read last, but first the one whose walk was cut.

    So one token of a next page stands in the cursor at most, which stays small.
    """
    return sorted(rotated(walks, turn), key=lambda place: not walks[place].before)


def _cursor(walks: Mapping[str, Walk], turn: str) -> Cursor:
    told: dict[str, JsonValue] = {
        place: walk.to_json() for place, walk in walks.items() if walk != Walk()
    }
    return {**told, "turn": turn}
