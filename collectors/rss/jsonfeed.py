"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.errors import BadPayload
from collectors.rss.feed import Entry, Feed, build_items, line_of, utc
from collectors.rss.head import Head
from collectors.text import web_url


def is_json(data: bytes) -> bool:
    """Whether a body is JSON rather than XML, judged by its first character."""
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_json_feed(data: bytes, *, url: str) -> Feed:
    """Raises BadPayload where data is not JSON or not a JSON Feed."""
    document = _document(data)
    version = str(document.get("version", ""))
    number = _number(version)
    if not re.fullmatch(r"1(\.\d+)?", number):
        raise BadPayload("not a feed: JSON without the version of a JSON Feed")
    entries = document.get("items")
    if not isinstance(entries, list):
        raise BadPayload("not a feed: a JSON Feed without its list of items")
    home = web_url(_text(document, "home_page_url"), base=url)
    items, skipped = build_items(_entries(entries), base=url)
    return Feed(
        title=line_of(_text(document, "title"), is_markup=False),
        url=home or url,
        format=f"json-{number}",
        items=items,
        skipped=skipped,
        head=_head(document, base=url),
    )


def _head(document: Mapping[str, object], *, base: str) -> Head:
    hubs = document.get("hubs")
    found = [
        _text(hub, "url")
        for hub in (hubs if isinstance(hubs, list) else ())
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub"
    ]
    return Head(
        next=web_url(_text(document, "next_url"), base=base),
        hub=web_url(found[0], base=base) if found else "",
        topic=web_url(_text(document, "feed_url"), base=base),
    )


def _document(data: bytes) -> Mapping[str, object]:
    try:
        # The standard parser, as it lets lone surrogates through; they are replaced later.
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadPayload("not a feed: broken JSON") from error
    if not isinstance(document, dict):
        raise BadPayload("not a feed: JSON that is no object")
    return document


def _number(version: str) -> str:
    _, _, number = version.partition("jsonfeed.org/version/")
    return "1.0" if number.strip("/") == "1" else number.strip("/")[:8]


def _entries(entries: list[object]) -> Iterator[Entry]:
    for entry in entries:
        yield _entry(entry) if isinstance(entry, dict) else Entry()


def _entry(entry: Mapping[str, object]) -> Entry:
    markup = _text(entry, "content_html")
    name, home = _author(entry)
    published = _moment(entry, "date_published")
    edited = _moment(entry, "date_modified")
    return Entry(
        id=_text(entry, "id"),
        link=_text(entry, "url") or _text(entry, "external_url"),
        title=_text(entry, "title"),
        text=markup or _text(entry, "content_text") or _text(entry, "summary"),
        text_is_markup=bool(markup),
        author=name,
        author_id=home,
        lang=_text(entry, "language"),
        published=published or edited,
        edited=edited if published and edited and edited > published else None,
        media=tuple(_media(entry)),
    )


def _author(entry: Mapping[str, object]) -> tuple[str, str]:
    people = entry.get("authors")
    first = people[0] if isinstance(people, list) and people else entry.get("author")
    if not isinstance(first, dict):
        return "", ""
    return _text(first, "name"), _text(first, "url")


def _media(entry: Mapping[str, object]) -> Iterator[str]:
    yield _text(entry, "image")
    attachments = entry.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict):
            yield _text(attachment, "url")


def _text(record: Mapping[str, object], key: str) -> str:
    """A string; a number counts as one, since ids are numbers in many feeds."""
    value = record.get(key)
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def _moment(record: Mapping[str, object], key: str) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(_text(record, key).strip()))
    except ValueError:
        return None
