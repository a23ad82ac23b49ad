"""A Google Alerts mail → its entries. Pure.

The mail is a list of links by way of google.com/url, each with its title as text, then the
publisher (news only) and an excerpt. In its present form the parts are marked up by schema.org
(itemprop url, name, publisher, description); where they are not, their order tells them.
Nothing here depends on the language of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from collectors.imap.markup import Piece
from collectors.text import one_line, web_url

SENDER: Final = "googlealerts-noreply@google.com"
MOST: Final = 200
_GOOGLE: Final = re.compile(r"(?:www\.)?google(?:\.com?)?(?:\.[a-z]{2})?")
_LINK: Final = re.compile(r"<?(https?://[^\s<>]{1,4000})>?")
_LONGEST_PUBLISHER: Final = 80
_PATH: Final = "/url"


@dataclass(slots=True)
class Entry:
    """One result. publisher: "" where the mail names none."""

    url: str
    title: str
    publisher: str = ""
    snippet: str = ""


@dataclass(slots=True)
class _Draft:
    url: str
    link: int
    title: list[str] = field(default_factory=list)
    publisher: list[str] = field(default_factory=list)
    snippet: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    open: bool = True


def target(href: str) -> str:
    """Where a google.com/url link leads; "" for any other link."""
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower()
        given = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return ""
    if parts.path != _PATH or not _GOOGLE.fullmatch(host):
        return ""
    found = web_url((given.get("url") or given.get("q") or [""])[0])
    return found if "://" in found else ""


def looks_like_alerts(pieces: Sequence[Piece]) -> bool:
    """Whether a mail is one although another address sent it on: it links as Google does."""
    managed = any("google." in p.href and "/alerts" in p.href for p in pieces)
    return managed and any(target(p.href) for p in pieces)


def entries(pieces: Sequence[Piece]) -> list[Entry]:
    """The results of the HTML form, each address once."""
    drafts: dict[str, _Draft] = {}
    now: _Draft | None = None
    for piece in pieces:
        url = target(piece.href) if piece.href else ""
        if url and piece.text.strip():
            now = drafts.setdefault(url, _Draft(url, piece.link))
            _add_title(now, piece)
        elif now is not None and piece.href and "/alerts" in piece.href:
            now.open = False  # "flag as irrelevant", the buttons to share it: the end of an entry
        elif now is not None and now.open:
            _add(now, piece)
    return [_entry(draft) for draft in list(drafts.values())[:MOST] if draft.title]


def _add_title(now: _Draft, piece: Piece) -> None:
    # The publisher may be linked to the same place, and an excerpt may be too.
    if piece.prop in ("publisher", "description"):
        _add(now, piece)
    elif piece.link == now.link:
        now.title.append(piece.text)


def _add(now: _Draft, piece: Piece) -> None:
    if piece.prop == "description":
        now.snippet.append(piece.text)
    elif piece.prop == "publisher":
        now.publisher.append(piece.text)
    else:
        now.rest.append(piece.text)


def _entry(draft: _Draft) -> Entry:
    publisher, snippet = one_line("".join(draft.publisher)), one_line("".join(draft.snippet))
    if not publisher and not snippet:
        lines = [one_line(line) for line in "".join(draft.rest).split("\n")]
        publisher, snippet = _by_order([line for line in lines if line])
    return Entry(draft.url, one_line("".join(draft.title)), publisher, snippet)


def _by_order(lines: Sequence[str]) -> tuple[str, str]:
    """Publisher and excerpt of the lines under a title; news have both, web pages one."""
    if len(lines) > 1 and len(lines[0]) <= _LONGEST_PUBLISHER:
        return lines[0], " ".join(lines[1:])
    return "", " ".join(lines)


def text_entries(text: str) -> list[Entry]:
    """The results of the plain form: title, publisher, excerpt, then the link, then a gap."""
    found: dict[str, Entry] = {}
    for block in _blocks(text):
        links = [one[1] for line in block if (one := _LINK.search(line))]
        url = next((real for link in links if (real := target(link))), "")
        lines = [one_line(line) for line in block if not _LINK.search(line)]
        if url and lines and url not in found and len(found) < MOST:
            publisher, snippet = _by_order(lines[1:])
            found[url] = Entry(url, lines[0], publisher, snippet)
    return list(found.values())


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in (*text.splitlines(), ""):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
