"""LinkedIn's Ad Library by its API, which the EU's DSA opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import Field, SecretStr, StringConstraints, model_validator

from collectors.ads import STATE, Lang, Place, Teller, page_of, read_ads, state_of
from collectors.api import Capabilities, CollectorConfig, Cursor, Narrowing, Page
from collectors.desk import Quota
from collectors.linkedinads.records import number_in, reader
from collectors.restli import CALLS, Rest, encoded, list_of

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
COUNT: Final = 25
"""Ads of one page at most."""
_SOURCE: Final = "linkedin.com/ad-library/api"
_NEEDS: Final = "the product LinkedIn Ad Library (add it to your app at developer.linkedin.com)"
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class LinkedInAdsConfig(CollectorConfig):
    """What a person chooses for the ads of a competitor."""

    access_token: SecretStr = Field(
        description="Access token of an app that has the Ad Library product; see the README."
    )
    advertisers: tuple[Words, ...] = Field(
        default=(),
        description="Names of advertisers whose ads are watched, as on LinkedIn.",
        max_length=20,
        examples=[["Acme"]],
    )
    keywords: tuple[Words, ...] = Field(
        default=(),
        description="Words that ads are searched for besides; all of one entry must be there.",
        max_length=20,
    )
    about: str = Field(
        default="",
        description="Whose ads these are: it leads the titles, so that the queries find them.",
        max_length=100,
    )
    language: Lang = Field(default="fr", description="Language of the titles: fr or en.")
    countries: tuple[Country, ...] = Field(
        default=(), max_length=40, description="Countries of the ads; empty: all."
    )
    days: int = Field(default=30, ge=1, le=365, description="Days back in which an ad was shown.")
    quiet_days: int = Field(
        default=3, ge=1, le=60, description="Days without being shown after which an ad has ended."
    )
    calls_a_day: int = Field(
        default=500, ge=1, le=10_000_000, description="Calls a day that LinkedIn allows your app."
    )
    version: str = Field(
        default="202609",
        description="Version of the API (year and month).",
        pattern=r"^20[0-9]{4}$",
    )
    base_url: str = Field(
        default="https://api.linkedin.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _something(self) -> LinkedInAdsConfig:
        if not self.advertisers and not self.keywords:
            raise ValueError("give advertisers or keywords")
        return self


class LinkedInAds:
    """Reads the whole list in rounds. Cursor: the place in the round; the ads are on the shelf."""

    kind: ClassVar[str] = "linkedinads"
    platform: ClassVar[str | None] = "linkedinads"
    Config: ClassVar[type[CollectorConfig]] = LinkedInAdsConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        history=timedelta(days=30),
        min_interval=timedelta(hours=6),
        quota="a daily limit an app, shown in its usage page at developer.linkedin.com",
        max_requests=MAX_REQUESTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, LinkedInAdsConfig)
        self._config = config
        self._teller = Teller(about=config.about.strip(), lang=config.language)
        self._rest = Rest(config.base_url, config.version, config.access_token)

    async def check(self, http: Http) -> None:
        """Ask for one ad."""
        await self._page(self._asks()[0], 0, http, count=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield the new and the stopped ads page by page, at a round's end those that are gone."""
        asks = self._asks()
        place = Place.of(cursor, asks, http.now)
        state = state_of(await http.desk.shelf.latest(STATE))
        while place.ask < len(asks) and http.left != 0:
            start = int(place.further) if place.further.isdigit() else 0
            records = await self._page(asks[place.ask], start, http)
            quiet = timedelta(days=self._config.quiet_days)
            read = reader(http.now, self._config.language, quiet)
            # A page that is not full is the last one of its question.
            after = place.after(str(start + len(records)) if len(records) >= COUNT else "")
            goes_on = after if after.ask < len(asks) else None
            found = read_ads(records, read, number_in, repr)
            page, state = page_of(found, state, place, goes_on, http.now, self._teller)
            place = after
            yield page

    def quotas(self) -> Sequence[Quota]:
        limit = self._config.calls_a_day
        return (Quota(name=CALLS, limit=limit, window="day", source=_SOURCE),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """One page of each question; a long list costs more."""
        return {CALLS: float(len(self._asks()))}

    def _asks(self) -> list[tuple[str, str]]:
        config = self._config
        return list(
            dict.fromkeys(
                [("advertiser", one) for one in config.advertisers]
                + [("keyword", one) for one in config.keywords]
            )
        )

    async def _page(
        self, ask: tuple[str, str], start: int, http: Http, *, count: int = COUNT
    ) -> list[Any]:
        query = {"q": "criteria", ask[0]: encoded(ask[1])}
        if self._config.countries:
            urns = [f"urn:li:country:{one}" for one in self._config.countries]
            query["countries"] = f"(value:{list_of(urns)})"
        query["dateRange"] = _range(http.now, self._config.days)
        query |= {"start": str(start), "count": str(count)}
        return await self._rest.elements("/adLibrary", query, http, needs=_NEEDS)


def _range(now: datetime, days: int) -> str:
    """From the first day to tomorrow, which is not included."""
    first, end = (now - timedelta(days=days)).date(), (now + timedelta(days=1)).date()
    parts = (
        f"{name}:(year:{day.year},month:{day.month},day:{day.day})"
        for name, day in (("start", first), ("end", end))
    )
    return f"({','.join(parts)})"
