"""Bytes → Feed, for the collector and for `vigie feed`. Pure: a child process may run it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.errors import BadPayload
from collectors.rss.feed import Feed, feed_line
from collectors.rss.jsonfeed import is_json, read_json_feed
from collectors.rss.quick import read_plain_rss
from collectors.rss.xmlfeed import read_xml_feed


def read_feed(
    data: bytes, *, url: str = "", content_type: str = "", content_location: str = ""
) -> Feed:
    """Read a feed of any format.

    url: where it was read; relative links are resolved against it (and left alone without it).
    content_type, content_location: the headers it was served with, where known.
    Raises BadPayload where data is no feed. An empty body is no feed, although feedparser calls
    it well-formed; a feed without entries is one.
    """
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        raise BadPayload("not a feed: the body is empty")
    if is_json(data):
        return read_json_feed(data, url=url)
    plain = None if content_location else read_plain_rss(data, url=url, content_type=content_type)
    return plain or read_xml_feed(
        data, url=url, content_type=content_type, location=content_location
    )


def feed_lines(feed: Feed) -> Iterator[Mapping[str, object]]:
    """The objects that `vigie feed --json` writes, one an item, in the feed's order."""
    for item in feed.items:
        yield feed_line(feed, item)
