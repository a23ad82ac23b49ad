"""Feeds: RSS, RDF, Atom and JSON Feed. The oldest door of the open web, and the dependable one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, JsonValue

from collectors.api import Capabilities, CollectorConfig, Cursor, Listening, Narrowing, Page
from collectors.errors import BadPayload, NeedsAttention
from collectors.rss.discover import links_on
from collectors.rss.feed import Feed
from collectors.rss.window import Seen, parse

if TYPE_CHECKING:
    from collectors.http import Http, Response, Validators

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
PAGE: Final = 250
"""Items a page: what the service stores in one transaction."""
ARCHIVE_PAGES: Final = 10
"""Older pages (RFC 5005) that a first poll follows at most."""


class RssConfig(CollectorConfig):
    """One feed."""

    url: str = Field(
        description="Address of the feed (http or https).",
        pattern=r"^https?://",
        max_length=2_000,
        examples=["https://example.org/feed.xml"],
    )


class Rss:
    """Polls one feed; conditional requests keep an unchanged one nearly free.

    The cursor holds the validators (`http`), what was newest (`seen`, `count`), and where a first
    poll's walk through older pages stands (`older`).
    """

    kind: ClassVar[str] = "rss"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = RssConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        conditional_requests=True,
        min_interval=timedelta(minutes=15),
        quota="none stated; feeds are asked politely",
        max_requests=1 + ARCHIVE_PAGES,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, RssConfig)
        self._url = config.url

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
        response = await http.get(self._url, validators=_kept(cursor), accept=ACCEPT)
        if response is not None:
            feed = await _feed(response)
            first = feed.archive and not cursor
            older: list[JsonValue] | None = [feed.archive, ARCHIVE_PAGES] if first else None
            after = _cursor_after(cursor, response, feed, older=older)
            for page in pages(feed, cursor, after):
                yield page
            cursor = after
        while further := await _older(cursor, http):
            cursor = further.cursor
            yield further


async def _older(cursor: Cursor, http: Http) -> Page | None:
    """One more of the older pages of a paged feed, which a first poll walks; None at the end.

    How far the walk is stands in the cursor, so that one that was cut goes on at the next poll.
    """
    match cursor.get("older"):
        case [str(address), int(left)] if left > 0 and len(address) <= 1_000 and http.left != 0:
            pass
        case _:
            return None
    ended = {key: value for key, value in cursor.items() if key != "older"}
    try:
        response = await http.get(address, accept=ACCEPT)
        feed = await _feed(response) if response else None
    except (BadPayload, NeedsAttention) as error:
        return Page(cursor=ended, listening=Listening(refused=1, note=f"an older page: {error}"))
    if feed is None or not feed.archive or feed.archive == address:
        further = ended
    else:
        further = {**ended, "older": [feed.archive, left - 1]}
    return Page(items=feed.items if feed else (), cursor=further)


async def _feed(response: Response) -> Feed:
    return await parse(
        response.body,
        url=response.url,
        content_type=response.headers.get("content-type", ""),
        location=response.headers.get("content-location", ""),
    )


def _kept(cursor: Cursor) -> Validators | None:
    from collectors.http import Validators  # at use: reading feed files needs no HTTP

    kept = cursor.get("http")
    return Validators.from_cursor(kept) if isinstance(kept, dict) else None


def _cursor_after(
    cursor: Cursor, response: Response, feed: Feed, *, older: list[JsonValue] | None
) -> Cursor:
    """What to know next time. No validators where the body was cut, so that the rest is fetched."""
    validators = response.validators.to_cursor() if feed.complete else {}
    seen = Seen.of(feed.items) if feed.items else Seen.from_cursor(cursor)
    walk = older or cursor.get("older")
    return {"http": validators, **seen.to_cursor(), **({"older": walk} if walk else {})}


def pages(feed: Feed, cursor: Cursor, after: Cursor) -> list[Page]:
    """The pages of one poll. Only the last carries the new cursor: until then all is re-read."""
    missed = Seen.from_cursor(cursor).missed(feed.items)
    parts = [feed.items[at : at + PAGE] for at in range(0, len(feed.items), PAGE)] or [()]
    last = len(parts) - 1
    return [
        Page(
            items=part,
            cursor=after if number == last else cursor,
            skipped=feed.skipped if number == last else (),
            # Said once, with the first page; the others cost nothing and tell nothing new.
            listening=Listening(asked=0) if number else _listening(feed, missed=missed),
        )
        for number, part in enumerate(parts)
    ]


def _listening(feed: Feed, *, missed: bool) -> Listening:
    return Listening(
        missed=missed,
        truncated=not feed.complete or any("left out" in warning for warning in feed.warnings),
        note="; ".join(feed.warnings)[:500],
    )
