"""A competitor's sitemap: the pages that came and went."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Proposal,
    Skipped,
    Wanted,
)
from collectors.bounded import bounded
from collectors.desk import Document
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.http.messages import Validators
from collectors.http.outcomes import OverBudget, error_for
from collectors.sitemap.known import File, Known, outline
from collectors.sitemap.places import announced, has_sitemap, usual
from collectors.sitemap.read import Listing, key_of, read_listing
from collectors.sitemap.sweep import Findings, Visit, rerooted, swept
from collectors.sitemap.telling import Lang, Teller
from collectors.text import web_url

if TYPE_CHECKING:
    from collectors.http import Http, Response

FILES: Final = 50
"""Sitemap files a poll reads at most; those of a larger site take turns."""
_STATE: Final = "pages"
_ACCEPT: Final = (
    "application/xml, text/xml;q=0.9, application/gzip;q=0.8, text/plain;q=0.7, */*;q=0.1"
)
_GONE: Final = frozenset({404, 410})


class SitemapConfig(CollectorConfig):
    """One site's sitemap."""

    url: str = Field(
        description="Address of the sitemap, or of the site alone: its robots.txt is then asked.",
        pattern=r"^https?://",
        max_length=2_000,
        examples=["https://acme.example", "https://acme.example/sitemap_index.xml"],
    )
    about: str = Field(
        default="",
        max_length=100,
        description="Name of the brand. It begins each title, so that the brand's query finds it; "
        "without it the site's name does.",
    )
    include: tuple[str, ...] = Field(
        default=(),
        max_length=50,
        description="Only pages whose path begins with one of these.",
        examples=[["/blog/", "/cas-clients/"]],
    )
    exclude: tuple[str, ...] = Field(
        default=(), max_length=50, description="No pages whose path begins with one of these."
    )
    language: Lang = Field(default="fr", description="Language of the titles: fr or en.")
    new_pages: int = Field(
        default=50,
        ge=1,
        le=200,
        description="New pages that a poll tells one by one; the others are summed up in one item.",
    )

    @field_validator("url")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not urlsplit(value).hostname:  # raises ValueError for addresses such as https://[
            raise ValueError("the address names no host")
        return value

    @field_validator("include", "exclude")
    @classmethod
    def _paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(one.startswith("/") for one in value):
            raise ValueError("a path begins with /")
        return value


@dataclass(slots=True)
class _Walk:
    """What a poll has visited so far."""

    visits: list[Visit] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failures: list[CollectorError] = field(default_factory=list)
    stop: CollectorError | None = None
    after: str = ""
    ended: bool = True
    cut: bool = False
    """A file was larger than the protocol allows, or broken."""


class Sitemap:
    """Sweeps through the sitemap files of one site.

    Cursor: the number of the sweep, and the file after which it goes on. What is known of the
    pages is a document, see known.py.
    """

    kind: ClassVar[str] = "sitemap"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = SitemapConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        conditional_requests=True,
        min_interval=timedelta(hours=1),
        quota="none stated; files are asked politely",
        max_requests=FILES + 20,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, SitemapConfig)
        self._config = config
        parts = urlsplit(config.url)
        self._site = f"{parts.scheme}://{parts.netloc}"
        self._is_site = parts.path in ("", "/") and not parts.query
        wanted = (key_of(config.url), *config.include, "", *config.exclude)
        self._asked = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:8]
        self._about = config.about.strip() or (parts.hostname or "")

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The sitemap of the brand's first sites, where there is one."""
        found = []
        for domain in wanted.domains[:2]:
            site = web_url(domain if "://" in domain else f"https://{domain.strip().lower()}")
            if site and await has_sitemap(site, http):
                config = {"url": site, "about": wanted.name, "language": _lang(wanted)}
                found.append(
                    Proposal(
                        name=f"{wanted.name}, sitemap",
                        config=config,
                        why=wanted.says(
                            fr="le plan du site de la marque", en="the sitemap of the brand's site"
                        ),
                    )
                )
        return found

    async def check(self, http: Http) -> None:
        """Read the first file once."""
        roots = await self._roots(http)
        walk = _Walk()
        await self._visit(roots[0], File(), walk, http, is_root=True)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield one page where anything came, went or has to be kept; none where nothing did."""
        document = await http.desk.shelf.latest(_STATE)
        text = document.text if document else ""
        known = await bounded(outline, text)
        round_, after = _place(cursor)
        if not known.roots or known.asked not in ("", self._asked):
            roots = await self._roots(http)
            files = {one: File(stock=True) for one in roots}
            known = Known(asked=self._asked, roots=roots, files=files)
            text, round_, after = known.to_text(), 0, ""
        try:
            walk = await self._walk(known, after, http)
        except NeedsAttention:
            roots = await self._roots(http) if self._is_site else known.roots
            if set(roots) == set(known.roots):
                raise
            text = await bounded(partial(rerooted, round_=round_), text, roots)
            walk = await self._walk(await bounded(outline, text), "", http)
        found = await bounded(partial(swept, round_=round_, ended=walk.ended), text, walk.visits)
        page = self._page(found, walk, round_, http.now)
        cursor_now = _cursor(round_, walk, found)
        changed = found.known != (document.text if document else "")
        if changed:
            page = replace(page, keep=(Document(name=_STATE, text=found.known, kind="state"),))
        if changed or page.items or page.skipped or page.listening.note or cursor_now != cursor:
            yield replace(page, cursor=cursor_now)
        if walk.stop is not None:
            raise walk.stop

    async def _walk(self, known: Known, after: str, http: Http) -> _Walk:
        """Visit the roots, then as many of the other files as there is room for."""
        walk = _Walk()
        waiting = sorted(a for a in known.files if a not in known.roots and a > after)
        visited: set[str] = set()
        room = FILES
        for is_root, address in [(True, one) for one in known.roots]:
            room -= 1
            visited.add(address)
            waiting += await self._next(address, known, walk, http, is_root=is_root)
        if len(walk.failures) == len(known.roots):
            raise walk.failures[0]
        waiting = sorted(dict.fromkeys(waiting))
        while waiting and room and walk.stop is None and http.left != 0:
            address = waiting.pop(0)
            if address not in visited:
                visited.add(address)
                room -= 1
                waiting += await self._next(address, known, walk, http)
                walk.after = max(walk.after, address)
        walk.ended = not waiting and walk.stop is None
        return walk

    async def _next(
        self, address: str, known: Known, walk: _Walk, http: Http, *, is_root: bool = False
    ) -> list[str]:
        """Visit one file; the files that it lists and that were not known."""
        file = known.files.get(address, File())
        try:
            visit = await self._visit(address, file, walk, http, is_root=is_root)
        except (RateLimited, OverBudget) as error:
            if not walk.visits:
                raise
            walk.stop = error
            return []
        except CollectorError as error:
            walk.failures.append(error)
            visit = Visit(address=address, outcome="failed")
        walk.visits.append(visit)
        return [one for one in visit.listing.sitemaps if one not in known.files]

    async def _visit(
        self, address: str, file: File, walk: _Walk, http: Http, *, is_root: bool
    ) -> Visit:
        response = await http.request(
            "GET",
            address,
            validators=Validators(file.etag, file.modified),
            accept=_ACCEPT,
            raise_for_status=False,
        )
        assert response is not None  # None comes only where statuses are raised
        if response.status == 304:
            return Visit(address=address, outcome="same")
        if response.status in _GONE and not is_root:
            return Visit(address=address, outcome="gone")
        host = urlsplit(response.url).hostname or ""
        error = error_for(response.status, response.headers, host=host, now=http.now.timestamp())
        if error is not None:
            raise error
        listing = await self._listing(response)
        walk.cut = walk.cut or not listing.complete
        walk.skipped += [
            Skipped("an entry without a readable address", raw=one) for one in listing.bad
        ]
        # What was cut is to be read again, not to be told "unchanged".
        kept = response.validators if listing.complete else Validators()
        return Visit(
            address=address,
            outcome="read",
            listing=listing,
            etag=kept.etag,
            modified=kept.last_modified,
        )

    async def _listing(self, response: Response) -> Listing:
        host = urlsplit(response.url).hostname
        try:
            return await bounded(
                read_listing,
                response.body,
                response.url,
                self._config.include,
                self._config.exclude,
            )
        except BadPayload as error:
            said = str(error)
            raise BadPayload(said if said.startswith(f"{host}") else f"{host}: {said}") from error

    async def _roots(self, http: Http) -> tuple[str, ...]:
        """Where to begin: the address given, or what the site's robots.txt says, or a guess."""
        if not self._is_site:
            return (self._config.url,)
        return await announced(self._site, http) or (
            f"{self._site}{await usual(self._site, http)}",
        )

    def _page(self, found: Findings, walk: _Walk, round_: int, now: datetime) -> Page:
        notes = [f"{one}: far fewer pages than before; doubted once" for one in found.doubts[:3]]
        notes += dict.fromkeys(str(one) for one in walk.failures[:3])
        notes += ["more pages or files than can be known; the others are not watched"] * found.full
        return Page(
            items=self._items(found, round_, now),
            skipped=tuple(walk.skipped[:20]),
            listening=Listening(
                asked=max(len(walk.visits), 1),
                refused=len(walk.failures),
                truncated=walk.cut or found.full,
                note="; ".join(notes)[:500],
            ),
        )

    def _items(self, found: Findings, round_: int, now: datetime) -> tuple[Item, ...]:
        most = self._config.new_pages
        teller = Teller(
            about=self._about,
            lang=self._config.language,
            site=self._site,
            round_=round_,
            now=now,
        )
        items = [teller.new_page(address, lastmod) for address, lastmod in found.came[:most]]
        rest = [address for address, _ in found.came[most:]]
        if rest:
            items.append(teller.more_pages(rest, found.came_count - most))
        if found.went_count:
            items.append(teller.removed_pages(found.went, found.went_count))
        return tuple(items)


def _place(cursor: Cursor) -> tuple[int, str]:
    """The number of the sweep under way, and after which file it goes on."""
    match cursor.get("sweep"):
        case [int(round_), str(after)]:
            return round_, after
        case _:
            return 1, ""


def _cursor(round_: int, walk: _Walk, found: Findings) -> Cursor:
    """The next sweep gets a new number where something waits for it, or the first one is over:
    a site where nothing happens keeps its cursor, and its polls store nothing."""
    if not walk.ended:
        return {"sweep": [round_, walk.after[:2_000]]}
    return {"sweep": [round_ + 1 if found.waiting or found.came or not round_ else round_, ""]}


def _lang(wanted: Wanted) -> Lang:
    return "fr" if wanted.language.startswith("fr") else "en"
