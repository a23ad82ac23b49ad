"""One mail → items. Runs in a child process: a mail is as hostile as anything from outside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from collectors.api import Author, Item, Skipped
from collectors.imap.alerts import (
    SENDER,
    Entry,
    entries,
    looks_like_alerts,
    text_entries,
)
from collectors.imap.markup import Piece, flowed, pieces_of
from collectors.text import LINKS_LIMIT, one_line, plain_text, scrub, web_url

Kind = Literal["newsletter", "google_alerts", "auto"]

_PARTS: Final = 200
_ID_LIMIT: Final = 900
_LEAVING: Final = re.compile(
    r"unsubscri|opt.?out|d[ée]sabonn|d[ée]sinscri|manage (?:your )?(?:preference|subscription)"
    r"|email.preference|g[ée]rer (?:vos|mes|votre) (?:pr[ée]f[ée]rence|abonnement)"
    r"|pr[ée]f[ée]rences? (?:d.e.?mail|de communication)",
    re.IGNORECASE,
)
_IN_BROWSER: Final = re.compile(
    r"(?:in|with|to) (?:your |a |the )?(?:web )?browser"
    r"|(?:view|read|see|open)(?: it| this[ \w-]{0,20})? online"
    r"|web ?version|online version|version (?:web|en ligne)"
    r"|(?:dans|depuis|avec) (?:votre|un|le) navigateur"
    r"|(?:lire|voir|consulter|ouvrir|afficher)[ \w’'-]{0,30} en ligne",
    re.IGNORECASE,
)
_FORWARDED: Final = re.compile(r"(?:(?:fwd?|tr|wg)\s*:\s*)+", re.IGNORECASE)
_FROM_LINE: Final = re.compile(
    r"[>*\s]{0,10}(?:from|de|expéditeur)\s?:[*\s]{0,5}(.{1,300})", re.IGNORECASE
)
_HEAD_LINE: Final = re.compile(
    r"[>*\s]{0,10}(?:from|de|expéditeur|to|à|cc|date|sent|envoyé|subject|objet|reply-to)\s?:",
    re.IGNORECASE,
)
_PLAIN_LINK: Final = re.compile(r"https?://[^\s<>\"]{1,4000}")
_TOKEN_IN_URL: Final = re.compile(r"[\w-]*\d[\w-]*")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail holds for us."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_mail(raw: bytes, received: str, kind: Kind) -> Letter:
    """The items of one mail. received: the time of arrival as the server writes it.

    A newsletter is one item; a Google Alerts mail is one item an entry.
    """
    mail = _innermost(message_from_bytes(raw, policy=policy.default))
    pieces, plain = _bodies(mail)
    at = _moment(_header(mail, "date")) or _moment(received)
    alerts = kind == "google_alerts" or (kind == "auto" and _is_alerts(mail, pieces))
    if alerts:
        return _alerts(mail, pieces, plain, at)
    return _newsletter(mail, pieces, plain, at)


def _innermost(mail: EmailMessage) -> EmailMessage:
    """A mail forwarded as an attachment stands for the one around it."""
    for part in _walk(mail):
        if part is not mail and part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            if isinstance(payload, list) and payload and isinstance(payload[0], EmailMessage):
                return payload[0]
    return mail


def _walk(mail: EmailMessage) -> Iterator[EmailMessage]:
    for number, part in enumerate(mail.walk()):
        if number >= _PARTS:
            return
        if isinstance(part, EmailMessage):
            yield part


def _bodies(mail: EmailMessage) -> tuple[list[Piece], str]:
    """The visible pieces of the HTML form, and the plain form; either may be empty."""
    pieces: list[Piece] = []
    plain = ""
    for part in _walk(mail):
        if part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/html" and not pieces:
            pieces = pieces_of(_decoded(part))
        elif kind == "text/plain" and not plain:
            plain = plain_text(_decoded(part))
    return pieces, plain


def _without_leaving(plain: str) -> str:
    """A plain text without the lines that lead out of the list."""
    lines = plain.split("\n")
    return "\n".join(
        line for line in lines if not ("://" in line and _LEAVING.search(line[:2_000]))
    ).strip()


def _decoded(part: EmailMessage) -> str:
    """The text of a part: by its charset, else as UTF-8, else as what Windows wrote."""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252"):
        try:
            return scrub(data.decode(charset))
        except (LookupError, UnicodeError):
            continue
    return scrub(data.decode("utf-8", "replace"))


def _header(mail: EmailMessage, name: str) -> str:
    """A header as one line, decoded; "" where it is missing or beyond reading."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name), "")
    if not raw.isascii():  # written without any encoding: bytes that the parser kept aside
        return one_line(_guessed(str(raw)[:4_000]))
    try:
        return one_line(str(mail.get(name, ""))[:4_000])
    except Exception:  # the standard parser stumbles over odd headers in many ways
        return one_line(raw[:4_000])


def _guessed(raw: str) -> str:
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _moment(text: str) -> datetime | None:
    """A mail's date, or IMAP's INTERNALDATE. A time without a zone is UTC."""
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_alerts(mail: EmailMessage, pieces: Sequence[Piece]) -> bool:
    sender = parseaddr(_header(mail, "from"))[1].lower()
    return sender == SENDER or looks_like_alerts(pieces)


def _alerts(mail: EmailMessage, pieces: Sequence[Piece], plain: str, at: datetime | None) -> Letter:
    found = entries(pieces) or text_entries(plain)
    if not found:
        reason = "a Google Alerts mail in which no result was found"
        return Letter(skipped=(Skipped(reason, _message_id(mail), plain[:2_000]),))
    return Letter(tuple(_result(entry, at) for entry in found))


def _result(entry: Entry, at: datetime | None) -> Item:
    return Item(
        external_id=_short_id(entry.url),
        url=entry.url,
        title=entry.title[:2_000],
        text=entry.snippet,
        author=Author(name=entry.publisher[:500]) if entry.publisher else None,
        published_at=at,
        kind="article",
    )


def _newsletter(mail: EmailMessage, pieces: list[Piece], plain: str, at: datetime | None) -> Letter:
    subject = _header(mail, "subject")
    title = _FORWARDED.sub("", subject, count=1) if _FORWARDED.match(subject) else subject
    kept = [one for one in pieces if not (one.href and _leads_away(one))]
    text = flowed(kept) or _without_leaving(plain)
    if not text and not title:
        raw = f"message-id: {_message_id(mail)}"
        return Letter(skipped=(Skipped("a mail without subject and text", raw=raw),))
    author = _author(_header(mail, "from"))
    if title != subject:
        author, text = _forwarded(text, author)
    return Letter(
        (
            Item(
                external_id=_message_id(mail) or _digest(mail, subject, text),
                url=_address(mail, pieces, plain),
                title=title[:2_000],
                text=text,
                author=author,
                published_at=at,
                kind="article",
                lang=_header(mail, "content-language")[:2].lower() or None,
                links=_links(mail, kept, plain),
            ),
        )
    )


def _leads_away(piece: Piece) -> bool:
    """Links out of the list, and to the mail itself on the web, are no text of it."""
    words = piece.text
    return bool(_LEAVING.search(words) or _LEAVING.search(piece.href) or _IN_BROWSER.search(words))


def _author(sender: str) -> Author | None:
    name, address = parseaddr(sender)
    name = one_line(name) or address.partition("@")[0]
    return Author(name=name[:500], id=address.lower()[:500] or None) if name else None


def _forwarded(text: str, author: Author | None) -> tuple[Author | None, str]:
    """A mail sent on by hand: the first writer, and the text without the lines that name them."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines[:60]) if _FROM_LINE.match(line)), None)
    if first is None:
        return author, text
    found = _FROM_LINE.match(lines[first])
    assert found is not None
    last = first
    while last < min(len(lines), first + 20) and (
        not lines[last].strip() or _HEAD_LINE.match(lines[last])
    ):
        last += 1
    return _author(found[1].replace("[mailto:", "<").replace("]", ">")) or author, "\n".join(
        lines[last:]
    ).strip()


def _message_id(mail: EmailMessage) -> str:
    return _short_id(_header(mail, "message-id").strip("<> "))


def _short_id(text: str) -> str:
    if len(text) <= _ID_LIMIT:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _digest(mail: EmailMessage, subject: str, text: str) -> str:
    told = "\n".join((_header(mail, "from"), _header(mail, "date"), subject, text[:1_000]))
    return f"sha256:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _address(mail: EmailMessage, pieces: Sequence[Piece], plain: str) -> str:
    """Where this very mail is on the web; "" where nowhere, or where the link names no mail.

    A link without any number is the same for every mail of a list: items would become one.
    """
    named = web_url(_header(mail, "archived-at").strip("<> "))
    if named and "://" in named:
        return named
    texts: dict[int, str] = {}
    for one in pieces:
        texts[one.link] = texts.get(one.link, "") + one.text
    hrefs = {one.link: one.href for one in pieces if one.href}
    offered = [hrefs[n] for n, words in texts.items() if n in hrefs and _IN_BROWSER.search(words)]
    if not pieces:
        offered = list(_plain_offers(plain))
    return next((url for url in offered if _names_one(url)), "")


def _plain_offers(plain: str) -> Iterator[str]:
    """The address on the line that speaks of the browser, or on the next."""
    lines = plain.split("\n")[:400]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if _IN_BROWSER.search(line) and (found := _PLAIN_LINK.search(f"{line}\n{below}")):
            yield _trimmed(found[0])


def _names_one(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    query = [pair for pair in parts.query.split("&") if not pair.startswith("utm_")]
    tokens = _TOKEN_IN_URL.findall(f"{parts.path} {' '.join(query)}")
    return any(len(token) >= 4 for token in tokens)


def _links(mail: EmailMessage, kept: Sequence[Piece], plain: str) -> tuple[str, ...]:
    leaving = set(_PLAIN_LINK.findall(_header(mail, "list-unsubscribe")))
    if kept:
        found = (one.href for one in kept if one.href)
    else:
        found = (_trimmed(one) for one in _PLAIN_LINK.findall(plain) if not _LEAVING.search(one))
    urls = (web_url(one) for one in found if one not in leaving)
    return tuple(dict.fromkeys(url for url in urls if "://" in url))[:LINKS_LIMIT]


def _trimmed(url: str) -> str:
    return url.rstrip(".,;:!?)]}'’»")
