"""A competitor's pages: prices, changelog, jobs, product, terms. What changed, told in one line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    Proposal,
    Wanted,
)
from collectors.bounded import bounded
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.http.outcomes import OverBudget, error_for
from collectors.webpage.compare import compare, digests_of
from collectors.webpage.doubt import EMPTY, wall, went_home
from collectors.webpage.extract import Looking, Reading, read_page
from collectors.webpage.propose import proposals
from collectors.webpage.state import Standing
from collectors.webpage.telling import Lang, Role
from collectors.webpage.watch import Kept, Seen, Watch

if TYPE_CHECKING:
    from collectors.http import Http, Response

ADDRESSES: Final = 10
_ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5, */*;q=0.1"
_GONE: Final = frozenset({404, 410})
_READABLE: Final = ("text/", "application/xhtml", "application/xml")


class WebPageConfig(CollectorConfig):
    """Up to ten pages of one brand, all of one role."""

    urls: tuple[str, ...] = Field(
        description="Addresses of the pages to watch, ten at most.",
        min_length=1,
        max_length=ADDRESSES,
        examples=[["https://acme.example/pricing"]],
    )
    about: str = Field(
        default="",
        max_length=100,
        description="Name of the brand. It begins each title, so that the brand's query finds it; "
        "without it the site's name does.",
    )
    role: Role = Field(
        default="other",
        description="What the pages are: price, changelog, careers, product, legal or other. It "
        "decides what is looked for in a change.",
    )
    selector: str = Field(
        default="",
        max_length=300,
        description="CSS selector of the part to watch; without it the main text is found.",
        examples=["main .plans"],
    )
    ignore: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="CSS selectors of parts to leave out.",
        examples=[[".partners", "#ticker"]],
    )
    ignore_words: tuple[str, ...] = Field(
        default=(),
        max_length=50,
        description="Lines that hold one of these texts are left out; * stands for anything.",
        examples=[["offre valable jusqu'au *"]],
    )
    language: Lang = Field(default="fr", description="Language of the titles: fr or en.")
    max_bytes: int = Field(
        default=2_000_000,
        ge=10_000,
        le=10_000_000,
        description="Largest page that is read, in bytes.",
    )

    @field_validator("urls", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("urls")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            parts = urlsplit(address)  # raises ValueError for addresses such as https://[
            if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > 2_000:
                raise ValueError(f"{address[:80]!r} is no http(s) address")
        return tuple(dict.fromkeys(value))

    @field_validator("selector", "ignore")
    @classmethod
    def _selectors(cls, value: Any) -> Any:
        from cssselect import HTMLTranslator, SelectorError

        for selector in (value,) if isinstance(value, str) else value:
            try:
                if selector:
                    HTMLTranslator().css_to_xpath(selector)
            except SelectorError as error:
                raise ValueError(f"{selector[:80]!r} is no CSS selector") from error
        return value


class WebPage:
    """Reads each page, compares it with the version kept, and tells what changed.

    Cursor: a Standing an address. Versions and what is remembered beside them are documents.
    """

    kind: ClassVar[str] = "webpage"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = WebPageConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        conditional_requests=True,
        min_interval=timedelta(minutes=30),
        quota="none stated; pages are asked politely",
        max_requests=3 * ADDRESSES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, WebPageConfig)
        self._config = config
        watches = (
            Watch(
                address=address,
                about=config.about.strip() or (urlsplit(address).hostname or ""),
                role=config.role,
                lang=config.language,
            )
            for address in config.urls
        )
        self._watches = tuple({one.identity: one for one in watches}.values())

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """Pages at the usual places of the brand's first site, where they answer."""
        return await proposals(wanted, http)

    async def check(self, http: Http) -> None:
        """Read the first page once."""
        watch = self._watches[0]
        response = await http.get(watch.address, accept=_ACCEPT, max_bytes=self._config.max_bytes)
        assert response is not None  # None answers a conditional request, which this is not
        _refuse(await self._reading(response, Kept()), watch.address, response.url)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield one page for each address about which there is something to say or to keep."""
        standings = {one.key: Standing.from_json(cursor.get(one.key)) for one in self._watches}
        failures: list[CollectorError] = []
        for watch in self._watches:
            try:
                seen = await self._visit(watch, standings[watch.key], http)
            except (RateLimited, OverBudget):
                raise
            except CollectorError as error:
                failures.append(error)
                continue
            changed = seen.standing != standings[watch.key]
            standings[watch.key] = seen.standing
            if changed or seen.items or seen.keep or seen.skipped or seen.note:
                yield Page(
                    items=seen.items,
                    cursor=_cursor(standings),
                    skipped=seen.skipped,
                    keep=seen.keep,
                    listening=Listening(refused=len(seen.skipped), note=seen.note[:500]),
                )
        if len(failures) == len(self._watches):
            raise failures[0]
        if failures:
            note = "; ".join(dict.fromkeys(str(one) for one in failures))[:500]
            yield Page(
                cursor=_cursor(standings),
                listening=Listening(asked=len(failures), refused=len(failures), note=note),
            )

    async def _visit(self, watch: Watch, standing: Standing, http: Http) -> Seen:
        kept = await watch.kept(http.desk.shelf, self._looking())
        response = await http.request(
            "GET",
            watch.address,
            validators=standing.validators if kept.is_known else None,
            accept=_ACCEPT,
            max_bytes=self._config.max_bytes,
            raise_for_status=False,
        )
        assert response is not None  # None comes only where statuses are raised
        if response.status == 304:
            return watch.unchanged(standing)
        if response.status in _GONE and kept.is_known:
            return watch.gone(standing, kept, why=str(response.status), now=http.now)
        host = urlsplit(response.url).hostname or ""
        error = error_for(response.status, response.headers, host=host, now=http.now.timestamp())
        if error is not None:
            raise error
        reading = await self._reading(response, kept)
        return await self._read(watch, standing, kept, reading, response, http)

    async def _read(
        self,
        watch: Watch,
        standing: Standing,
        kept: Kept,
        reading: Reading,
        response: Response,
        http: Http,
    ) -> Seen:
        here = standing.read(response.validators)
        if not kept.is_known:
            _refuse(reading, watch.address, response.url)
            lines = await bounded(partial(digests_of, role=watch.role), reading.lines)
            return watch.first(here, kept, reading, lines, place=response.url)
        doubted = watch.doubted(standing, kept, reading, place=response.url, now=http.now)
        if doubted is not None:
            return doubted
        if reading.lines == kept.lines and not standing.gone:
            return watch.same(here, kept, place=response.url)
        comparison = await bounded(
            partial(
                compare,
                seen=kept.memory.seen,
                restless=kept.memory.restless,
                role=watch.role,
                lang=watch.lang,
            ),
            kept.lines,
            reading.lines,
        )
        back = standing.gone
        return watch.changed(
            here, kept, reading, comparison, place=response.url, back=back, now=http.now
        )

    def _looking(self) -> Looking:
        config = self._config
        return Looking(
            selector=config.selector,
            ignore=config.ignore,
            words=config.ignore_words,
            article=config.role not in ("price", "careers"),
        )

    async def _reading(self, response: Response, kept: Kept) -> Reading:
        stated = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if stated and not stated.startswith(_READABLE):
            host = urlsplit(response.url).hostname
            raise NeedsAttention(f"{host}: this is no web page but {stated[:60]}")
        looking = kept.as_before(self._looking())
        content_type = response.headers.get("content-type", "")[:200]
        try:
            return await bounded(read_page, response.body, content_type, looking)
        except BadPayload as error:
            raise BadPayload(f"{urlsplit(response.url).hostname}: {error}") from error


def _refuse(reading: Reading, asked: str, place: str) -> None:
    """Say what to do where a page cannot be watched as it is answered. Raises NeedsAttention."""
    host = urlsplit(place).hostname
    if went_home(asked, place):
        raise NeedsAttention(f"{host}: the address leads to the home page; give the page's own")
    if not reading.found:
        raise NeedsAttention(f"{host}: the selector finds nothing on the page; check it")
    found = wall(reading.title, reading.lines)
    if found:
        advice = "check it" if found.means_gone else "watch the site's feed or sitemap instead"
        raise NeedsAttention(f"{host}: at the address {found.said}; {advice}")
    if sum(map(len, reading.lines)) < (EMPTY if reading.part else 1):
        raise NeedsAttention(
            f"{host}: the page as served has no text (JavaScript writes it in the browser); give "
            "a CSS selector of the part to watch, or watch the site's feed or sitemap"
        )


def _cursor(standings: dict[str, Standing]) -> Cursor:
    return {key: one.to_json() for key, one in standings.items() if one != Standing()}
