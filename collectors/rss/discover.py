"""Find the feeds of a site: what its page announces, else what is at the usual places."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from collectors.bounded import bounded
from collectors.errors import BadPayload, NeedsAttention
from collectors.rss.feed import Feed
from collectors.rss.window import parse
from collectors.text import one_line, web_url

if TYPE_CHECKING:
    from collectors.http import Http, Response

_TYPES: Final = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rdf",
    "text/rss+xml": "rss",
    "text/atom+xml": "atom",
    "application/x.atom+xml": "atom",
}
COMMON_PATHS: Final = (
    "/feed",
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/blog/feed",
)
_PAGE_LIMIT: Final = 512 * 1024
"""Bytes of a page that are looked at: links to feeds stand in its head."""
_LINKS_LIMIT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that was found. format: rss, atom, rdf, json, or "" where unknown."""

    url: str
    title: str = ""
    format: str = ""


def feed_links(page: bytes, *, base: str) -> tuple[FeedLink, ...]:
    """The feeds that an HTML page announces, in its order, each address once.

    A link counts where `alternate` is among its relations and its type is one of a feed's; the
    older `rel="feed"` counts without a type.
    """
    reader = _Links()
    reader.feed(page[:_PAGE_LIMIT].decode("utf-8", "replace"))
    root = web_url(reader.base, base=base) if reader.base else ""
    found: dict[str, FeedLink] = {}
    for attributes in reader.links:
        link = _feed_link(attributes, base=root or base)
        if link is not None and len(found) < _LINKS_LIMIT:
            found.setdefault(link.url, link)
    return tuple(found.values())


async def links_on(page: bytes, *, base: str) -> tuple[FeedLink, ...]:
    """feed_links where a hostile page cannot stall the service; nothing where it is unreadable."""
    try:
        return await bounded(partial(feed_links, base=base), page[:_PAGE_LIMIT], seconds=10.0)
    except BadPayload:
        return ()


class _Links(HTMLParser):
    """Collects <link> elements and the first <base>."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[dict[str, str]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.links.append(attributes)
        elif tag == "base" and not self.base:
            self.base = attributes.get("href", "")


def _feed_link(attributes: dict[str, str], *, base: str) -> FeedLink | None:
    relations = attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").split(";")[0].strip().lower()
    is_feed = ("alternate" in relations and kind in _TYPES) or "feed" in relations
    url = web_url(attributes.get("href", ""), base=base)
    if not is_feed or not url or not attributes.get("href"):
        return None
    return FeedLink(
        url=url, title=one_line(attributes.get("title", ""))[:200], format=_TYPES.get(kind, "")
    )


async def discover(url: str, http: Http) -> list[FeedLink]:
    """The feeds of the site at url; url itself where it is one. Empty where there is none.

    Asks for the page, and where it announces nothing, for the usual places until one answers
    with a feed (len(COMMON_PATHS) more requests at most). Raises CollectorError where the page
    itself cannot be read.
    """
    response = await http.get(url)
    if response is None:
        return []
    feed = await _as_feed(response)
    if feed is not None:
        return [_found(response, feed)]
    announced = await links_on(response.body, base=response.url)
    return list(announced) or [link async for link in _usual(response.url, http)]


async def _usual(url: str, http: Http) -> AsyncIterator[FeedLink]:
    for address in common_addresses(url):
        if http.left == 0:
            return
        try:
            response = await http.get(address)
        except (NeedsAttention, BadPayload):  # most are not there; that is what asking is for
            continue
        feed = await _as_feed(response) if response else None
        if response is not None and feed is not None:
            yield _found(response, feed)
            return


def common_addresses(url: str) -> Iterator[str]:
    """Where feeds usually are on the site of url."""
    parts = urlsplit(url)
    for path in COMMON_PATHS:
        yield urljoin(f"{parts.scheme}://{parts.netloc}", path)


async def _as_feed(response: Response) -> Feed | None:
    try:
        return await parse(response.body, url=response.url)
    except BadPayload:
        return None


def _found(response: Response, feed: Feed) -> FeedLink:
    return FeedLink(url=response.url, title=feed.title, format=feed.format.split("-")[0])
