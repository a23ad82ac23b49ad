"""Trustpilot: reviews of companies, by the Business Units API (developers.trustpilot.com)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import Field, JsonValue, SecretStr, StringConstraints

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Narrowing,
    Page,
)
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention
from collectors.jsontext import read_json
from collectors.newest import after_page
from collectors.onebyone import Told, one_by_one
from collectors.rotation import rotated
from collectors.trustpilot.reviews import Reviews, is_hidden, read_review, read_reviews
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

PAGE: Final = 100
PAGES: Final = 10
"""Pages of one company that a poll reads; what is left is read at the next one."""
OVERLAP: Final = 3 * 86_400
"""Seconds before the newest known review that are read again: some are shown only once checked."""
QUOTAS: Final = ("calls in 5 minutes", "calls an hour", "calls a month")

Company = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{2,99}$")]


class TrustpilotConfig(CollectorConfig):
    """Companies, and the key that reads them."""

    companies: tuple[Company, ...] = Field(
        description="Companies to read, own ones and competitors': the domain behind "
        "trustpilot.com/review/, or the id of the business unit.",
        min_length=1,
        max_length=20,
        examples=[["example.com"]],
    )
    api_key: SecretStr = Field(
        description="API key of an application at Trustpilot, of a plan with API access."
    )
    first_days: int = Field(
        default=30, ge=1, le=3_650, description="Days that the first poll reaches back."
    )
    calls_in_5_minutes: int = Field(
        default=833, ge=1, le=1_000_000, description="Calls in 5 minutes that Trustpilot advises."
    )
    calls_an_hour: int = Field(
        default=10_000, ge=1, le=10_000_000, description="Calls an hour that Trustpilot advises."
    )
    calls_a_month: int = Field(
        default=16_600,
        ge=1,
        le=100_000_000,
        description="Calls a month at most; the first tier of the API module has 200,000 a year.",
    )
    base_url: str = Field(
        default="https://api.trustpilot.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    site_url: str = Field(
        default="https://www.trustpilot.com",
        description="Address that links to reviews begin with.",
        pattern=r"^https?://",
    )


class Trustpilot:
    """Cursor: a Walk a company with the id of its business unit, and `turn`: the last one read."""

    kind: ClassVar[str] = "trustpilot"
    platform: ClassVar[str | None] = "trustpilot"
    Config: ClassVar[type[CollectorConfig]] = TrustpilotConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        min_interval=timedelta(minutes=30),
        quota="833 calls in 5 minutes and 10,000 an hour advised; 200,000 a year in the first tier",
        cost="a paid plan of Trustpilot with API access",
        max_requests=60,
        refresh_batch=20,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, TrustpilotConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Find each company, and read one review of the first."""
        units = [await self._unit(one, http) for one in self._config.companies]
        await self._page(units[0], 1, http, size=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Company by company from the newest review down to what is known."""
        state: dict[str, JsonValue] = dict(cursor)
        for company in rotated(self._config.companies, str(cursor.get("turn") or "")):
            if http.left == 0:
                return
            unit, walk = _place(state.get(company))
            unit = unit or await self._unit(company, http)
            async with aclosing(self._follow(unit, walk, http)) as followed:
                async for page, walk in followed:
                    state |= {company: [unit, *walk.to_json()], "turn": company}
                    yield replace(page, cursor=dict(state))

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Reviews as they are now, one by one: Trustpilot has no call for many."""

        async def read(identity: str) -> Told:
            review = await self._single(identity, http)
            gone = review is None or is_hidden(review)
            return "gone" if gone else read_review(review, self._site)

        known = [one for one in ids if one.isascii() and one.isalnum()]
        return await one_by_one(known, read, http)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each company's reviews down to `since`."""
        state: dict[str, JsonValue] = dict(cursor)
        for company in self._config.companies:
            unit, number = _stand(state.get(company))
            while number and http.left != 0:
                unit = unit or await self._unit(company, http)
                found = await self._page(unit, number, http)
                kept = tuple(i for i in found.items if i.published_at and i.published_at >= since)
                more = found.found >= PAGE and len(kept) == len(found.items)
                number = number + 1 if more else 0
                state[company] = [unit, number]
                yield Page(items=kept, skipped=found.skipped, cursor=dict(state))

    def quotas(self) -> Sequence[Quota]:
        source = "developers.trustpilot.com, Rate limiting best practices"
        module = "developers.trustpilot.com, API module best practices"
        five, hour = timedelta(minutes=5), timedelta(hours=1)
        limits = self._config
        return (
            Quota(name=QUOTAS[0], limit=limits.calls_in_5_minutes, per=five, source=source),
            Quota(name=QUOTAS[1], limit=limits.calls_an_hour, per=hour, source=source),
            Quota(name=QUOTAS[2], limit=limits.calls_a_month, window="month", source=module),
        )

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A page a company."""
        return dict.fromkeys(QUOTAS, float(len(self._config.companies)))

    @property
    def _site(self) -> str:
        return self._config.site_url.rstrip("/")

    async def _follow(
        self, unit: str, walk: Walk, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk], None]:
        """Page by page: what it holds, and how far it came."""
        first = http.now - timedelta(days=self._config.first_days)
        for _ in range(PAGES):
            number = int(walk.before or 1)
            found = await self._page(unit, number, http)
            further = str(number + 1) if found.found >= PAGE else ""
            # The list is ordered by the time of writing, whatever was changed since.
            listed = [replace(one, edited_at=None) for one in found.items]
            walk = after_page(walk, listed, further, overlap=OVERLAP, first=first, now=http.now)
            yield _page(found), walk
            if not walk.before or http.left == 0:
                return

    async def _page(self, unit: str, number: int, http: Http, *, size: int = PAGE) -> Reviews:
        path = f"/v1/business-units/{unit}/reviews"
        order = {"perPage": str(size), "page": str(number), "orderBy": "createdat.desc"}
        return read_reviews(await self._ask(path, order, http), self._site)

    async def _unit(self, company: str, http: Http) -> str:
        """The id of a business unit: 24 hexadecimal digits, which no domain is."""
        if len(company) == 24 and not set(company) - set("0123456789abcdef"):
            return company
        try:
            found = await self._ask("/v1/business-units/find", {"name": company}, http)
        except _Gone as error:
            raise NeedsAttention(f"Trustpilot knows no company {company}") from error
        unit = found.get("id") if isinstance(found, dict) else None
        if not isinstance(unit, str) or not (unit.isascii() and unit.isalnum()) or len(unit) > 64:
            raise BadPayload(f"Trustpilot: the answer names no business unit of {company}")
        return unit

    async def _single(self, identity: str, http: Http) -> Any:
        """A review, or None where it is gone."""
        try:
            return await self._ask(f"/v1/reviews/{identity}", {}, http)
        except _Gone:
            return None

    async def _ask(self, path: str, params: Mapping[str, str], http: Http) -> Any:
        from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP

        for quota in QUOTAS:
            await http.desk.ledger.spend(quota)
        response = await http.request(
            "GET",
            self._config.base_url.rstrip("/") + path,
            params=params,
            # In a header, since addresses are written down on their way.
            headers={"apikey": self._config.api_key.get_secret_value()},
            accept="application/json",
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        if response.status in (404, 410):
            raise _Gone("Trustpilot: there is nothing under this id or name")
        now = http.now.timestamp()
        error = error_for(response.status, response.headers, host="Trustpilot", now=now)
        if error is not None:
            raise error
        return read_json(response.body)


class _Gone(NeedsAttention):
    """404 or 410: no such company or review."""


def _page(found: Reviews) -> Page:
    return Page(items=found.items, skipped=found.skipped, removed=found.removed)


def _place(value: JsonValue) -> tuple[str, Walk]:
    match value:
        case [str(unit), *walk]:
            return unit, Walk.from_json(walk)
        case _:
            return "", Walk()


def _stand(value: JsonValue) -> tuple[str, int]:
    """The unit and the next page of a walk through history; 0 where it has ended."""
    match value:
        case [str(unit), int(number)]:
            return unit, number
        case _:
            return "", 1
