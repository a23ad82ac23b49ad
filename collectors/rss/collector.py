"""Feeds: RSS, RDF, Atom and JSON Feed. The oldest door of the open web, and the dependable one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import Field, JsonValue

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
from collectors.errors import BadPayload, NeedsAttention
from collectors.rss.discover import links_on
from collectors.rss.feed import Feed
from collectors.rss.older import Walk, walk_from
from collectors.rss.propose import proposals
from collectors.rss.remembered import Remembered
from collectors.rss.window import Seen, parse

if TYPE_CHECKING:
    from collectors.http import Http, Response

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
PAGE: Final = 250
"""Items a page: what the service stores in one transaction."""
ARCHIVE_PAGES: Final = 10
"""Older pages that a first poll, or one that found a gap, follows at most."""
HISTORY_PAGES: Final = 200
"""Older pages that a walk into the past follows at most."""


class RssConfig(CollectorConfig):
    """One feed."""

    url: str = Field(
        description="Address of the feed (http or https).",
        pattern=r"^https?://",
        max_length=2_000,
        examples=["https://example.org/feed.xml"],
    )
    interval: Literal["auto", "fixed"] = Field(
        default="auto",
        description="auto: a feed that publishes seldom is asked less often, at least once a day; "
        "fixed: always at the source's interval. What the feed itself states holds in both.",
    )


class Rss:
    """Polls one feed; conditional requests keep an unchanged one nearly free.

    The cursor holds the validators (`http`), what was newest (`seen`, `count`), what is known of
    the feed (remembered.py), and where a walk through older pages stands (`older`).
    """

    kind: ClassVar[str] = "rss"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = RssConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        conditional_requests=True,
        min_interval=timedelta(minutes=15),
        quota="none stated; feeds are asked politely",
        max_requests=2 + ARCHIVE_PAGES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, RssConfig)
        self._url = config.url
        self._auto = config.interval == "auto"

    async def check(self, http: Http) -> None:
        """Read the feed once. Where a web page is there instead, name the feed it points to."""
        response = await http.get(self._url, accept=ACCEPT)
        if response is None:
            return
        try:
            await _feed(response)
        except BadPayload as error:
            offered = await links_on(response.body, base=response.url)
            if not offered:
                raise
            raise NeedsAttention(f"this is a web page; its feed is {offered[0].url}") from error

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield what the feed holds, newest first. A feed cannot be asked for less than all."""
        known = Remembered.from_cursor(cursor)
        answer = await self._asked(known, http)
        if answer is None:
            wait = known.wait(http.now, auto=self._auto)
            if wait > self.capabilities.min_interval.total_seconds():
                yield Page(cursor=cursor, freshness=wait, listening=Listening(asked=0))
        else:
            response, feed = answer
            after = _cursor_after(cursor, response, feed, http.now)
            for page in _pages(feed, cursor, after, self._wait(after, http.now)):
                yield page
            cursor = after
        while further := await _older(cursor, http):
            cursor = further.cursor
            yield further

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was published since, page by page, as far back as the feed can be leafed."""
        start = Walk(at=self._url, left=HISTORY_PAGES, guess=True)
        walk = Walk.from_cursor(cursor.get("older")) if cursor else start
        while walk is not None and http.left != 0:
            page = await _leaf(walk, http, first=walk.number == 1)
            walk = Walk.from_cursor(page.cursor.get("older"))
            recent = tuple(i for i in page.items if not i.published_at or i.published_at >= since)
            if not any(item.published_at for item in recent):
                walk = None  # behind the day that was asked for, or nothing tells how far back
            after: Cursor = {"older": walk.to_cursor()} if walk else {"done": True}
            yield replace(page, items=recent, cursor=after)

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The feeds that the sites of a brand announce."""
        return await proposals(wanted, http)

    async def _asked(self, known: Remembered, http: Http) -> tuple[Response, Feed] | None:
        """The feed, or None where it has not changed. Where it moved for good, its new address is
        asked, and the old one again where the new one no longer has it."""
        if known.home:
            try:
                response = await http.get(known.home, validators=known.validators, accept=ACCEPT)
                return (response, await _feed(response)) if response else None
            except (NeedsAttention, BadPayload):
                known = replace(known, moved=("", 0), validators=None)
        response = await http.get(self._url, validators=known.validators, accept=ACCEPT)
        return (response, await _feed(response)) if response else None

    def _wait(self, cursor: Cursor, now: datetime) -> float | None:
        return Remembered.from_cursor(cursor).wait(now, auto=self._auto) or None


async def _older(cursor: Cursor, http: Http) -> Page | None:
    """One more of the older pages that a poll walks; None at the end, or where its requests are.

    How far the walk is stands in the cursor, so that one that was cut goes on at the next poll.
    """
    from collectors.http import OverBudget  # at use: reading feed files needs no HTTP

    walk = Walk.from_cursor(cursor.get("older"))
    if walk is None or http.left == 0:
        return None
    try:
        page = await _leaf(walk, http, first=False)
    except OverBudget:  # a page that is behind redirects
        return None
    kept = {key: value for key, value in cursor.items() if key != "older"}
    return replace(page, cursor={**kept, **page.cursor})


async def _leaf(walk: Walk, http: Http, *, first: bool) -> Page:
    """The page before which a walk stands; its cursor holds no more than the walk.

    first: the feed itself, whose failure is the caller's; an older page that cannot be read ends
    the walk, and 404 is how WordPress says that there are no more.
    """
    try:
        response = await http.get(walk.at, accept=ACCEPT)
        assert response is not None  # None answers a conditional request, which this is not
        feed = await _feed(response)
    except (BadPayload, NeedsAttention) as error:
        if first:
            raise
        told = "" if walk.guess else f"an older page: {error}"
        return Page(listening=Listening(refused=int(not walk.guess), note=told))
    further = walk.beyond(feed, at=response.url)
    return Page(
        items=feed.items,
        skipped=feed.skipped,
        cursor={"older": further.to_cursor()} if further else {},
        listening=Listening(note=_gap_note(walk, feed)),
    )


def _gap_note(walk: Walk, feed: Feed) -> str:
    if not walk.until:
        return ""
    gone = walk.gone + walk.unknown_in(feed.items)
    return (
        f"at least {gone} posts had slid out of the feed between two polls; read from older pages"
    )


async def _feed(response: Response) -> Feed:
    return await parse(
        response.body,
        url=response.url,
        content_type=response.headers.get("content-type", ""),
        location=response.headers.get("content-location", ""),
    )


def _cursor_after(cursor: Cursor, response: Response, feed: Feed, now: datetime) -> Cursor:
    """What to know next time. No validators where the body was cut, so that the rest is fetched."""
    before = Seen.from_cursor(cursor)
    seen = Seen.of(feed.items) if feed.items else before
    after = {
        **Remembered.from_cursor(cursor).after(response, feed, now).to_cursor(),
        **seen.to_cursor(),
    }
    if not feed.complete:
        after["http"] = {}
    walk = _walk(cursor, response, feed, before)
    return {**after, **({"older": walk} if walk else {})}


def _walk(cursor: Cursor, response: Response, feed: Feed, before: Seen) -> JsonValue:
    """The walk to make now: over a gap, else the one under way, else a new feed's older pages."""
    if before.missed(feed.items):
        found = walk_from(
            feed, at=response.url, pages=ARCHIVE_PAGES, until=before.marks, guess=True
        )
        return found.to_cursor() if found else None
    if cursor:
        return cursor.get("older")
    found = walk_from(feed, at=response.url, pages=ARCHIVE_PAGES)
    return found.to_cursor() if found else None


def _pages(feed: Feed, cursor: Cursor, after: Cursor, wait: float | None) -> Iterator[Page]:
    """The pages of one poll. Only the last carries the new cursor: until then all is re-read."""
    missed = Seen.from_cursor(cursor).missed(feed.items)
    parts = [feed.items[at : at + PAGE] for at in range(0, len(feed.items), PAGE)] or [()]
    last = len(parts) - 1
    for number, part in enumerate(parts):
        yield Page(
            items=part,
            cursor=after if number == last else cursor,
            skipped=feed.skipped if number == last else (),
            # Said once, with the first page; the others cost nothing and tell nothing new.
            listening=Listening(asked=0) if number else _listening(feed, missed=missed),
            freshness=wait,
        )


def _listening(feed: Feed, *, missed: bool) -> Listening:
    gap = [f"all {len(feed.items)} posts are new since the last poll: others slid by"]
    return Listening(
        missed=missed,
        truncated=not feed.complete or any("left out" in warning for warning in feed.warnings),
        note="; ".join([*(gap if missed else ()), *feed.warnings])[:500],
    )
