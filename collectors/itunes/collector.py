"""Podcasts: Apple's directory finds those that speak of a thing, their own feeds tell the rest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from collectors.api import (
    Author,
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Skipped,
)
from collectors.desk import Document, Quota
from collectors.errors import CollectorError, NeedsAttention, RateLimited
from collectors.http.outcomes import error_for
from collectors.itunes.config import FEEDS, TERMS, ItunesConfig
from collectors.itunes.podcasts import NAME, Followed, Podcast
from collectors.itunes.searches import Found, Search, read_found, words_of
from collectors.jsontext import read_json
from collectors.rss.feed import Feed
from collectors.rss.window import parse

if TYPE_CHECKING:
    from collectors.http import Http

SEARCHES: Final = "searches"
PAGE: Final = 250
WAIT: Final = 60.0
"""Seconds to wait where Apple refuses and names no time."""
OVERLAP: Final = timedelta(days=7)
"""Before the newest known episode that is read again: episodes are edited, and dated back."""
_ACCEPT: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
_DOCS: Final = (
    "developer.apple.com/library/archive/documentation/AudioVideo/Conceptual/iTuneSearchAPI"
)


class Itunes:
    """Finds podcasts in Apple's directory and reads their feeds.

    Searches once a day, reads the feeds in turn. The podcasts are kept on the shelf.
    """

    kind: ClassVar[str] = "itunes"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = ItunesConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True,
        conditional_requests=True,
        history=timedelta(days=365),
        min_interval=timedelta(minutes=30),
        quota=f"about 20 searches a minute per address ({_DOCS}); feeds are asked politely",
        max_requests=4 * TERMS + 3 * FEEDS,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, ItunesConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Make one search for one result."""
        await self._search(Search("radio", "podcast"), http, most=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield a page a feed that changed, and a last one that says whose turn comes next."""
        searches = self._searches(narrowing)
        kept = Followed.of(await http.desk.shelf.latest(NAME))
        old = http.now - timedelta(days=self._config.forget_days)
        looked = await self._look(
            searches, kept.without_old((one.key for one in searches), old), http
        )
        followed = looked.followed
        notes: list[str] = []
        for url in followed.turn(self._config.feeds):
            if http.left == 0:
                break
            read = await self._read(url, followed.feeds[url], http)
            followed = followed.after_reading(url, read.podcast)
            notes += [read.note] if read.note else []
            for page in read.pages(followed.document()):
                yield page
        yield Page(
            skipped=looked.skipped,
            keep=(followed.document(),),
            listening=Listening(
                asked=looked.asked,
                refused=len(notes),
                truncated=looked.left_out,
                note="; ".join(notes)[:500],
            ),
        )
        if looked.error:
            raise looked.error

    def quotas(self) -> Sequence[Quota]:
        limit, minute = self._config.searches_per_minute, timedelta(minutes=1)
        return (Quota(name=SEARCHES, limit=limit, per=minute, scope="host", source=_DOCS),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """Of one poll a day, which searches; the others only read feeds."""
        return {SEARCHES: float(len(self._searches(narrowing)))}

    def _searches(self, narrowing: Narrowing) -> list[Search]:
        words = words_of(narrowing, self._config.terms)
        if not words:
            raise NeedsAttention("a podcast search needs words: give the source a query or terms")
        entities = ("podcastEpisode", "podcast") if self._config.episodes else ("podcast",)
        return [Search(word, entity) for word in words[:TERMS] for entity in entities]

    async def _look(self, searches: Sequence[Search], kept: Followed, http: Http) -> Look:
        """Make the searches that are due. One that fails stops them; known feeds are read first."""
        look = Look(followed=kept)
        every = timedelta(hours=self._config.search_hours)
        for search in searches:
            if not kept.is_due(search.key, http.now, every) or http.left == 0:
                continue
            try:
                found = await self._search(search, http, most=self._config.results)
            except CollectorError as error:
                if not look.followed.feeds:
                    raise
                return replace(look, error=error)
            look = look.after(search, found, http.now, most=self._config.podcasts)
        return look

    async def _search(self, search: Search, http: Http, *, most: int) -> Found:
        await http.desk.ledger.spend(SEARCHES)
        response = await http.request(
            "GET",
            f"{self._config.base_url}/search",
            params={
                "term": search.words,
                "country": self._config.country,
                "media": "podcast",
                "entity": search.entity,
                "limit": str(most),
            },
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        host, now = urlsplit(response.url).hostname or "", http.now.timestamp()
        if response.status == 403:  # Apple's way to say that it was too much
            raise RateLimited(f"{host}: 403, too many searches", WAIT)
        error = error_for(response.status, response.headers, host=host, now=now)
        if error is not None:
            raise error
        return read_found(read_json(response.body))

    async def _read(self, url: str, podcast: Podcast, http: Http) -> Reading:
        """One feed, if it changed. One that fails is noted, and never stops the others."""
        from collectors.http import Validators  # at use: reading state needs no HTTP

        asked = replace(podcast, asked=http.now)
        validators = Validators.from_cursor(podcast.validators)
        try:
            response = await http.get(url, validators=validators, accept=_ACCEPT)
            if response is None:
                return Reading(replace(asked, failed=0))
            kind = response.headers.get("content-type", "")
            feed = await parse(response.body, url=response.url, content_type=kind)
        except CollectorError as error:
            return Reading(replace(asked, failed=podcast.failed + 1), note=str(error)[:100])
        fresh = response.validators.to_cursor() if feed.complete else {}
        floor = self._floor(podcast, http.now)
        items = tuple(_episode(one, feed, url) for one in feed.items if _is_new(one, floor))
        times = [one.published_at for one in items if one.published_at]
        seen = min(max([podcast.seen, *times]), http.now)
        return Reading(
            replace(asked, seen=seen, validators=fresh, failed=0), items=items, skipped=feed.skipped
        )

    def _floor(self, podcast: Podcast, now: datetime) -> datetime:
        return max(podcast.seen - OVERLAP, now - timedelta(days=self._config.first_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the searches of a poll brought."""

    followed: Followed
    asked: int = 0
    skipped: tuple[Skipped, ...] = ()
    error: CollectorError | None = None
    """Raised once the feeds are read."""
    left_out: bool = False

    def after(self, search: Search, found: Found, now: datetime, *, most: int) -> Look:
        followed, left_out = self.followed.after_search(search.key, found.feeds, now, most=most)
        return replace(
            self,
            followed=followed,
            asked=self.asked + 1,
            skipped=(*self.skipped, *found.skipped)[:PAGE],
            left_out=self.left_out or left_out,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one feed brought, and how it is followed from now on."""

    podcast: Podcast
    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    note: str = ""

    def pages(self, document: Document) -> list[Page]:
        """Only the last says that the feed was read: until then all of it is read again."""
        starts = range(0, len(self.items), PAGE)
        return [
            Page(
                items=self.items[at : at + PAGE],
                skipped=() if at else self.skipped,
                keep=(document,) if at == starts[-1] else (),
            )
            for at in starts
        ]


def _is_new(item: Item, floor: datetime) -> bool:
    return item.published_at is None or item.published_at >= floor


def _episode(item: Item, feed: Feed, url: str) -> Item:
    """An entry of a podcast's feed. Who speaks is the podcast."""
    name = feed.title or (item.author.name if item.author else "")
    return replace(
        item,
        external_id=_identity(item.external_id, feed, url),
        author=Author(name=name, id=feed.url or url) if name else None,
    )


def _identity(guid: str, feed: Feed, url: str) -> str:
    """The feed's guid; one that is too short to be the only one in the world gets company: the
    site of the podcast and the path of its feed, as feeds move from host to host."""
    if "://" in guid or len(guid) >= 16:
        return guid
    company = f"{feed.url if feed.url != url else ''} {urlsplit(url).path}"
    return f"{hashlib.sha256(company.encode('utf-8', 'replace')).hexdigest()[:10]}:{guid}"
