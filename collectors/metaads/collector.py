"""Meta's Ad Library by its API (ads_archive), which the EU's DSA opened for all ads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from urllib.parse import parse_qsl

from pydantic import Field, SecretStr, StringConstraints, model_validator

from collectors.ads import STATE, Lang, Place, Teller, page_of, read_ads, state_of
from collectors.api import Capabilities, CollectorConfig, Cursor, Narrowing, Page
from collectors.desk import Quota
from collectors.meta.errors import Unaccepted
from collectors.meta.graph import CALLS, Graph, exchanged
from collectors.meta.values import identity
from collectors.metaads.records import FIELDS, reader

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 40
PAGES_AT_ONCE: Final = 10
"""Facebook pages that one question may name."""
EU: Final = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
_SOURCE: Final = "developers.facebook.com/docs/graph-api/reference/ads_archive"
PageId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,32}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class MetaAdsConfig(CollectorConfig):
    """What a person chooses for the ads of a competitor."""

    access_token: SecretStr = Field(
        description="Access token of a person whose identity Meta has confirmed; see the README."
    )
    page_ids: tuple[PageId, ...] = Field(
        default=(),
        description="Numbers of the Facebook pages whose ads are watched.",
        max_length=50,
    )
    search_terms: str = Field(
        default="",
        description="Words that ads are searched for besides; all of them must be there.",
        max_length=100,
    )
    about: str = Field(
        default="",
        description="Whose ads these are: it leads the titles, so that the queries find them.",
        max_length=100,
    )
    language: Lang = Field(default="fr", description="Language of the titles: fr or en.")
    countries: tuple[Country, ...] = Field(
        default=EU,
        min_length=1,
        max_length=40,
        description="Countries that an ad has reached; the library holds all ads for the EU only.",
    )
    days: int = Field(
        default=30, ge=1, le=365, description="Days back in which an ad was last shown."
    )
    page_size: int = Field(default=100, ge=1, le=500, description="Ads that one request asks for.")
    app_id: str = Field(
        default="",
        description="Number of your app at Meta; with its secret the token is renewed by itself.",
        pattern=r"^[0-9]{0,32}$",
    )
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app; each call is signed with it."
    )
    calls_per_hour: int = Field(
        default=200, ge=1, le=10_000_000, description="Calls an hour that Meta allows your app."
    )
    version: str = Field(
        default="v25.0", description="Version of the Graph API.", pattern=r"^v[0-9]{1,3}\.[0-9]$"
    )
    base_url: str = Field(
        default="https://graph.facebook.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _something(self) -> MetaAdsConfig:
        if not self.page_ids and not self.search_terms.strip():
            raise ValueError("give page_ids or search_terms")
        if self.app_id and self.app_secret is None:
            raise ValueError("app_id needs its app_secret")
        return self


class MetaAds:
    """Reads the whole list in rounds. Cursor: the place in the round; the ads are on the shelf."""

    kind: ClassVar[str] = "metaads"
    platform: ClassVar[str | None] = "metaads"
    Config: ClassVar[type[CollectorConfig]] = MetaAdsConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        history=timedelta(days=30),
        min_interval=timedelta(hours=6),
        quota=f"200 calls an hour and user of the app ({_SOURCE})",
        max_requests=MAX_REQUESTS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, MetaAdsConfig)
        self._config = config
        self._teller = Teller(about=config.about.strip(), lang=config.language)
        self._graph = Graph(
            "Meta Ad Library",
            config.base_url,
            config.version,
            config.access_token,
            app_secret=config.app_secret,
            renewal=exchanged(config.version, config.app_id, config.app_secret),
        )

    async def check(self, http: Http) -> None:
        """Ask for one ad."""
        asked = {**self._params(self._asks()[0], http), "limit": "1", "fields": "id"}
        await self._graph.page("/ads_archive", asked, http, needs=_NEEDS)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield the new and the stopped ads page by page, at a round's end those that are gone."""
        asks = self._asks()
        place = Place.of(cursor, asks, http.now)
        state = state_of(await http.desk.shelf.latest(STATE))
        while place.ask < len(asks) and http.left != 0:
            try:
                found = await self._graph.page(
                    "/ads_archive",
                    self._params(asks[place.ask], http) | dict(parse_qsl(place.further)),
                    http,
                    needs=_NEEDS,
                )
            except Unaccepted:
                if not place.further:
                    raise
                place = Place.of({}, asks, http.now)  # the kept cursor is too old: a new round
                continue
            read = read_ads(found.records, reader(http.now, self._config.language), _id_in, _raw)
            after = place.after(found.further)
            goes_on = after if after.ask < len(asks) else None
            page, state = page_of(read, state, place, goes_on, http.now, self._teller)
            place = after
            yield page

    def quotas(self) -> Sequence[Quota]:
        hour = timedelta(hours=1)
        return (Quota(name=CALLS, limit=self._config.calls_per_hour, per=hour, source=_SOURCE),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """One page of each question; a long list costs more."""
        return {CALLS: float(len(self._asks()))}

    def _asks(self) -> list[dict[str, str]]:
        ids = list(dict.fromkeys(self._config.page_ids))
        asks = [
            {"search_page_ids": json.dumps(ids[start : start + PAGES_AT_ONCE])}
            for start in range(0, len(ids), PAGES_AT_ONCE)
        ]
        words = " ".join(self._config.search_terms.split())
        return [*asks, *([{"search_terms": words}] if words else [])]

    def _params(self, ask: Mapping[str, str], http: Http) -> dict[str, str]:
        since = (http.now - timedelta(days=self._config.days)).date()
        return {
            "ad_active_status": "ALL",
            "ad_delivery_date_min": since.isoformat(),
            "ad_reached_countries": json.dumps(list(self._config.countries)),
            "ad_type": "ALL",
            "fields": FIELDS,
            "limit": str(self._config.page_size),
            **ask,
        }


_NEEDS: Final = "to read the Ad Library: confirm your identity at facebook.com/ID"


def _id_in(record: Any) -> str:
    return identity(record["id"])


def _raw(record: Any) -> str:
    """The record as it was, without an address of Meta's that would hold the token."""
    if isinstance(record, dict):
        record = {key: one for key, one in record.items() if key != "ad_snapshot_url"}
    return repr(record)
