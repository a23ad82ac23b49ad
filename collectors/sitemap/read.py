"""A sitemap file as pages or as more sitemaps: XML, gzip, text. Runs in a child process."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from collectors.errors import BadPayload, NeedsAttention
from collectors.text import scrub, web_url

UNPACKED: Final = 52_428_800
"""Bytes of one file: what the protocol allows (sitemaps.org/protocol.html)."""
PAGES: Final = 50_000
"""Pages of one file, likewise."""
_ADDRESS: Final = 2_048
_BAD: Final = 5
"""Unreadable entries of a file that are shown; the others are only left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One file. pages: a line each, "key\taddress\tlastmod"; sitemaps: addresses of an index.

    Text rather than tuples, because 50,000 of them go through a pipe.
    complete: False where the file was cut or is broken: what is not in it says nothing.
    """

    pages: str = ""
    sitemaps: tuple[str, ...] = ()
    is_index: bool = False
    complete: bool = True
    bad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """loc as it stands in the file, lastmod as it stands there."""

    loc: str
    lastmod: str = ""


def read_listing(
    body: bytes, base: str, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Listing:
    """base: the file's address. include, exclude: beginnings of paths.

    Raises BadPayload or NeedsAttention where it is no sitemap.
    """
    data, whole = _unpacked(body)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    head = data[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise NeedsAttention(
            f"{urlsplit(base).hostname}: this is a web page, no sitemap; give the sitemap's "
            "address, or the site's alone so that its robots.txt is asked"
        )
    if head.startswith(b"<") or b"<loc" in head:
        entries, is_index, complete = _xml(data)
    else:
        entries, is_index, complete = _text(data), False, True
        if not any(entry.loc.startswith(("http://", "https://")) for entry in entries[:100]):
            raise BadPayload(f"{urlsplit(base).hostname}: not a sitemap: no address in it")
    complete = complete and whole and len(entries) <= PAGES
    if is_index:
        found = (web_url(entry.loc, base=base) for entry in entries[:PAGES])
        return Listing(
            sitemaps=tuple(dict.fromkeys(filter(None, found))), is_index=True, complete=complete
        )
    pages, bad = _pages(entries[:PAGES], base, tuple(include), tuple(exclude))
    return Listing(pages="\n".join(pages), complete=complete, bad=tuple(bad))


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    """The file, and whether all of it; a bomb of gzip is cut where the protocol ends."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:UNPACKED], len(body) <= UNPACKED
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, UNPACKED)
    except zlib.error as error:
        raise BadPayload("not readable: the gzip file is broken") from error
    return data, unpacker.eof


def _xml(data: bytes) -> tuple[list[Entry], bool, bool]:
    """Entries, whether they are sitemaps, and whether the file is whole."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    try:
        found = list(islice(_parsed(data), PAGES + 1))
    except DefusedXmlException as error:
        raise BadPayload("not readable: the file declares entities") from error
    except (ParseError, ValueError, LookupError):
        # Unbound prefixes, a stray ampersand, a file cut short: the addresses are plain to see.
        is_index = b"<sitemapindex" in data[:4_096]
        scanned = list(islice(_scanned(data.decode("utf-8", "replace")), PAGES + 1))
        closed = data.rstrip().endswith((b"</urlset>", b"</sitemapindex>"))
        return scanned, is_index, closed
    kinds = {kind for kind, _ in found[:1]}
    return [entry for _, entry in found], "sitemap" in kinds, True


def _parsed(data: bytes) -> Iterator[tuple[str, Entry]]:
    """Entries as they come by; what was read is let go, so that a large file stays small."""
    from defusedxml.ElementTree import iterparse

    root: Any = None
    stripped = io.BytesIO(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
    for event, element in iterparse(stripped, events=("start", "end"), forbid_dtd=False):
        if event == "start":
            root = element if root is None else root
            continue
        name = _local(element.tag)
        if name in ("url", "sitemap"):
            yield name, _entry(element)
            root.clear()


def _entry(element: Any) -> Entry:
    """The direct children only: an image has a loc of its own, hreflang links are other pages."""
    loc = lastmod = ""
    for child in element:
        if _local(child.tag) == "loc" and not loc and _space(child.tag) == _space(element.tag):
            loc = (child.text or "").strip()
        elif _local(child.tag) == "lastmod":
            lastmod = (child.text or "").strip()
    return Entry(loc[: 2 * _ADDRESS], lastmod[:40])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _space(tag: str) -> str:
    return tag.rpartition("}")[0]


def _scanned(text: str) -> Iterator[Entry]:
    """Addresses between <loc> and </loc>, and the lastmod that follows before the next."""
    at = text.find("<loc>")
    while at >= 0:
        following = text.find("<loc>", at + 5)
        until = at + 3 * _ADDRESS if following < 0 else min(following, at + 3 * _ADDRESS)
        end = text.find("</loc>", at, until)
        if end >= 0:
            until = following if following >= 0 else min(len(text), end + 2_000)
            yield Entry(unescape(text[at + 5 : end].strip()), _lastmod(text, end, until))
        at = following


def _lastmod(text: str, start: int, end: int) -> str:
    opened = text.find("<lastmod>", start, end)
    closed = text.find("</lastmod>", opened, opened + 60) if opened >= 0 else -1
    return text[opened + 9 : closed].strip() if closed >= 0 else ""


def _text(data: bytes) -> list[Entry]:
    lines = (line.decode("utf-8-sig", "replace").strip() for line in io.BytesIO(data))
    return [Entry(line[: 2 * _ADDRESS]) for line in islice(lines, 2 * PAGES) if line][: PAGES + 1]


def _pages(
    entries: Sequence[Entry], base: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Lines of Listing.pages, each page once, and what could not be read."""
    pages: dict[str, str] = {}
    bad: list[str] = []
    for entry in entries:
        address = web_url(entry.loc) if "://" in entry.loc else ""
        if not address or len(address) > _ADDRESS:
            if len(bad) < _BAD:
                bad.append(scrub(entry.loc)[:300])
            continue
        path = urlsplit(address).path or "/"
        if (include and not path.startswith(include)) or path.startswith(exclude):
            continue
        key = key_of(address)
        pages.setdefault(key, f"{key}\t{address}\t{' '.join(entry.lastmod.split())}")
    return list(pages.values()), bad


def key_of(address: str) -> str:
    """What two addresses of one page share: no scheme, no www, no port, no closing slash."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/') or '/'}{query}".replace("\t", " ").replace("\n", " ")


def sitemaps_in_robots(text: str, *, base: str) -> tuple[str, ...]:
    """The addresses that a robots.txt gives."""
    found: list[str] = []
    for line in text.splitlines()[:2_000]:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "sitemap":
            found.append(web_url(value.split("#")[0].strip(), base=base))
    return tuple(dict.fromkeys(filter(None, found)))[:20]


def title_of(address: str) -> str:
    """ "/blog/comment-choisir-son-crm.html" as "Comment choisir son crm"; else the path."""
    path = unquote(urlsplit(address).path, errors="replace")
    slug = path.rstrip("/").rpartition("/")[2]
    stem, dot, ending = slug.rpartition(".")
    if dot and ending.lower() in ("html", "htm", "php", "asp", "aspx", "jsp"):
        slug = stem
    words = slug.replace("-", " ").replace("_", " ").replace("+", " ").split()
    while len(words) > 1 and _is_number(words[0]):
        words.pop(0)
    while len(words) > 1 and _is_number(words[-1]):
        words.pop()
    said = scrub(" ".join(words))
    if not any(char.isalpha() for char in said):
        return scrub(path)[:200] or "/"
    return (said[0].upper() + said[1:])[:200]


def _is_number(word: str) -> bool:
    """An id of the shop's database; years and "10 conseils" are words."""
    return word.isdigit() and len(word) >= 5
