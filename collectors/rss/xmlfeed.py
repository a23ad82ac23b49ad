"""RSS, RDF, Atom and CDF by feedparser, given bytes only and with its own cleaning switched off.

`feedparser.parse(str)` opens files and addresses, its sanitiser is super-linear and lets
`java&#10;script:` through: we hand it a BytesIO and clean with nh3 (collectors/text.py).
It gets no base address either: relative guids would be made absolute with it, and so change
when a feed moves. Links are resolved afterwards, against xml:base and then the feed's address.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import feedparser

from collectors.errors import BadPayload
from collectors.rss.feed import Entry, Feed, build_items, line_of
from collectors.rss.head import Head, made_by_wordpress
from collectors.rss.moments import moment
from collectors.rss.stated import stated
from collectors.text import looks_like_markup, web_url

_ROOT_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_PROLOG = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<![A-Z][^<>\[]*>", re.DOTALL)
_FIRST_TAG = re.compile(rb"<(?:[A-Za-z][\w.-]{0,40}:)?([A-Za-z]{1,20})")
# Roots that make a document a feed even where feedparser names no version: RSS 1.1 and CDF have
# <Channel>, and many writers forget the namespace or the version. RDF holds much else.
_ROOTS = {"rss": "rss", "feed": "atom", "channel": "rss"}
_FAMILIES = {
    "rss090": "rdf-0.90",
    "rss10": "rdf-1.0",
    "rss11": "rdf-1.1",
    "rss20": "rss-2.0",
    "atom01": "atom-0.1",
    "atom02": "atom-0.2",
    "atom03": "atom-0.3",
    "atom10": "atom-1.0",
}


def read_xml_feed(data: bytes, *, url: str, content_type: str, location: str) -> Feed:
    """Raises BadPayload where feedparser finds no feed in data."""
    parsed = _parse(data, content_type=content_type)
    root = _root(data)
    if not parsed.get("version") and not parsed["entries"] and root not in _ROOTS:
        raise BadPayload("not a feed: no RSS, Atom, RDF or JSON Feed in it")
    base = web_url(location, base=url) or url if location else url
    head = parsed["feed"]
    items, skipped = build_items((_entry(entry) for entry in parsed["entries"]), base=base)
    broken = bool(parsed.get("bozo"))
    return Feed(
        title=_line(head, "title"),
        url=web_url(_link(head), base=base) or url,
        format=_format(str(parsed.get("version") or ""), root=root),
        items=items,
        skipped=skipped,
        warnings=(_complaint(parsed),) if broken else (),
        complete=not (broken and _is_cut(data)),
        head=_head(head, data, base=base),
    )


def _parse(data: bytes, *, content_type: str) -> Any:
    headers = {"content-type": content_type} if content_type else {}
    try:
        return feedparser.parse(
            io.BytesIO(data),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except RecursionError as error:
        raise BadPayload("not readable: nested too deeply") from error
    except Exception as error:  # hostile bytes reach every corner of a foreign parser
        raise BadPayload(f"not readable: {type(error).__name__} in the parser") from error


def _root(data: bytes) -> str:
    """Name of the first tag, lower case, without its prefix; "" where there is none."""
    head = _PROLOG.sub(b"", data[:8192].replace(b"\x00", b""))
    found = _FIRST_TAG.search(head)
    return found[1].decode("ascii").lower() if found else ""


def _format(version: str, *, root: str) -> str:
    known = _FAMILIES.get(version)
    if known:
        return known
    if version.startswith("rss09"):
        return f"rss-0.{version[4:6]}"
    return version or _ROOTS.get(root, "unknown")


def _complaint(parsed: dict[str, Any]) -> str:
    problem = parsed.get("bozo_exception")
    return f"not well-formed: {str(problem)[:200]}" if problem else "not well-formed"


def _is_cut(data: bytes) -> bool:
    """Whether the closing tag of the root is missing (NULs out: UTF-16 and UTF-32 have them)."""
    return _ROOT_END.search(data[-4096:].replace(b"\x00", b"")) is None


def _entry(entry: dict[str, Any]) -> Entry:
    body, body_is_markup = _body(entry)
    title = _text(entry, "title")
    published = moment(dict.get(entry, "published_parsed")) or moment(
        dict.get(entry, "created_parsed")
    )
    edited = moment(dict.get(entry, "updated_parsed"))
    name, identity = _author(entry)
    return Entry(
        id=_text(entry, "id"),
        link=_link(entry),
        title=title,
        title_is_markup=_is_markup(entry.get("title_detail"), title),
        text=body,
        text_is_markup=body_is_markup,
        author=name,
        author_id=identity,
        lang=_lang(entry),
        published=published or edited,
        edited=edited if published and edited and edited > published else None,
        media=tuple(_media(entry)),
        in_reply_to=_reply(entry),
    )


def _text(record: dict[str, Any], key: str) -> str:
    # dict.get, as FeedParserDict's own maps one missing key to another with a warning.
    value = dict.get(record, key)
    return value if isinstance(value, str) else ""


def _line(record: dict[str, Any], key: str) -> str:
    value = _text(record, key)
    return line_of(value, is_markup=_is_markup(record.get(f"{key}_detail"), value))


def _is_markup(detail: Any, value: str) -> bool:
    kind = detail.get("type", "") if isinstance(detail, dict) else ""
    return kind in ("text/html", "application/xhtml+xml") or looks_like_markup(value[:2_000])


def _body(entry: dict[str, Any]) -> tuple[str, bool]:
    """The content where there is one in text, else the summary."""
    for content in _dicts(entry, "content"):
        value = _text(content, "value")
        kind = _text(content, "type")
        if value and (kind.startswith("text/") or kind.endswith("xhtml+xml") or not kind):
            return value, _is_markup(content, value)
    summary = _text(entry, "summary")
    return summary, _is_markup(entry.get("summary_detail"), summary)


def _dicts(record: dict[str, Any], key: str) -> Sequence[dict[str, Any]]:
    value = dict.get(record, key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else ()


def _link(record: dict[str, Any]) -> str:
    """The page meant, of all links: what feedparser chose, else the first alternate.

    feedparser also lets an id stand in for a link; that is right for addresses only.
    """
    stated = {_text(link, "href") for link in _dicts(record, "links")}
    chosen = _text(record, "link")
    if chosen not in stated and "://" not in chosen:
        chosen = ""
    alternates = (
        _text(link, "href")
        for link in _dicts(record, "links")
        if link.get("rel", "alternate") == "alternate"
    )
    for link in (chosen, *alternates):
        if web_url(link):
            return link
    return ""


def _author(entry: dict[str, Any]) -> tuple[str, str]:
    """Name and address of the writer, else of the source that an aggregator names."""
    detail = entry.get("author_detail")
    if isinstance(detail, dict) and _text(detail, "name"):
        return _text(detail, "name"), _text(detail, "href")
    if _text(entry, "author"):
        return _text(entry, "author"), ""
    source = entry.get("source")
    if isinstance(source, dict):
        return _text(source, "title"), _text(source, "href") or _text(source, "link")
    return "", ""


def _lang(entry: dict[str, Any]) -> str:
    for key in ("title_detail", "summary_detail"):
        detail = entry.get(key)
        if isinstance(detail, dict) and _text(detail, "language"):
            return _text(detail, "language")
    return ""


def _media(entry: dict[str, Any]) -> Iterator[str]:
    for link in _dicts(entry, "links"):
        if link.get("rel") == "enclosure":
            yield _text(link, "href")
    for key in ("media_content", "media_thumbnail"):
        for one in _dicts(entry, key):
            yield _text(one, "url")


def _reply(entry: dict[str, Any]) -> str:
    for one in _dicts(entry, "thr_in-reply-to"):
        return _text(one, "ref")
    return ""


def _head(head: dict[str, Any], data: bytes, *, base: str) -> Head:
    links: dict[str, str] = {}
    for link in _dicts(head, "links"):
        for relation in _text(link, "rel").lower().split():
            links.setdefault(relation, web_url(_text(link, "href"), base=base))
    return Head(
        archive=links.get("prev-archive", ""),
        next=links.get("next", ""),
        wordpress=made_by_wordpress(_text(head, "generator")),
        hub=links.get("hub", ""),
        topic=links.get("self", ""),
        stated=stated(head, data),
    )
