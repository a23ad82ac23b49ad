"""Telegram's preview pages, read. Runs in a child process: the pages hold what anybody wrote.

t.me/s/<channel>        some 20 posts, the newest at the end; `?before=ID` gives those before
t.me/<channel>/ID?embed one post, or the word that there is none
t.me/<channel>          the channel's name and how many follow it
A page without what all of these have carried for years is refused, so that a change of theirs
is a fault that shows, and not a silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collectors.api import Author, Item, ProfileSnapshot, Skipped
from collectors.errors import BadPayload, NeedsAttention
from collectors.text import markup_text, one_line, scrub, web_url

SITE: Final = "https://t.me"
_POSTS_LIMIT: Final = 200
_MEDIA_LIMIT: Final = 20
_POST: Final = re.compile(r"([A-Za-z]\w{3,31})/([0-9]{1,12})", re.ASCII)
_PICTURE: Final = re.compile(r"url\(['\"]?(https?://[^'\")\s]{1,2000})")
_COUNT: Final = re.compile(
    r"([0-9][0-9\s,]{0,20}(?:\.[0-9]{1,3})?)\s?([KMB]?)(?![A-Za-z])", re.IGNORECASE
)
_TIMES: Final = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_MOST: Final = 10**12
_CONTROLS: Final = {c: " " for c in range(32) if c not in (9, 10, 13)} | {127: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One page. ids: of all that stands there, service messages too; before: the next page."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ids: tuple[int, ...] = ()
    before: int = 0


def read_preview(body: bytes, channel: str, *, newest: bool) -> Preview:
    """A page of posts. newest: whether it is the first page, which is never without any."""
    root = _tree(body)
    if _first(root, "tgme_channel_history") is None:
        raise _no_preview(root, channel)
    told = list(_all(root, "tgme_widget_message", limit=_POSTS_LIMIT))
    told = [one for one in told if one.get("data-post") is not None]
    if newest and not told and _first(root, "tme_no_messages_found") is None:
        raise BadPayload("Telegram: the preview holds no post; its pages may have changed")
    read = [read_post(one) for one in told if not _is(one, "service_message")]
    items = {post.external_id: post for post in read if isinstance(post, Item)}
    if read and not items:
        raise BadPayload(f"Telegram: none of {len(read)} posts is readable; its pages changed")
    return Preview(
        items=tuple(items.values()),
        skipped=tuple(post for post in read if isinstance(post, Skipped)),
        ids=tuple(sorted({number for one in told if (number := _number(one))})),
        before=_before(root),
    )


def read_single(body: bytes, wanted: str) -> Item | Skipped | None:
    """The one post of an embedding page; None where Telegram says that it is gone."""
    root = _tree(body)
    refused = _line(_first(root, "tgme_widget_message_error"))
    if refused and "post not found" not in refused.lower():
        # "Channel is private", say: then nobody can tell whether the post is still there.
        raise BadPayload(f"Telegram does not show the post: {refused[:100]}")
    if refused:
        return None
    for one in _all(root, "tgme_widget_message"):
        if (one.get("data-post") or "").lower() == wanted.lower():
            return read_post(one)
    raise BadPayload("Telegram: the page holds neither the post nor word of it")


def read_profile(body: bytes, channel: str) -> ProfileSnapshot:
    """A channel's figures, from the page that invites to it."""
    root = _tree(body)
    told = _line(_first(root, "tgme_page_extra"))
    if _first(root, "tgme_page") is None:
        raise BadPayload("Telegram: the page is no channel's; its pages may have changed")
    if "subscriber" not in told.lower():
        raise NeedsAttention(f"Telegram knows no public channel @{channel}")
    return ProfileSnapshot(
        handle=channel,
        name=_line(_first(root, "tgme_page_title")),
        url=f"{SITE}/{channel}",
        followers=count_of(told),
    )


def count_of(text: str) -> int | None:
    """`12.3K`, `1.35M`, `10 123 456 subscribers`: the first number in text."""
    found = _COUNT.search(text[:200])
    if found is None:
        return None
    digits = re.sub(r"[\s,]", "", found[1])
    count = round(float(digits) * _TIMES[found[2].upper()])
    return count if count <= _MOST else None


def read_post(post: Any) -> Item | Skipped:
    """One post as an Item, or why it cannot be read."""
    try:
        return _item(post)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raw = one_line(" ".join(_texts(post)))[:2_000]
        return Skipped(f"unreadable post: {error}"[:300], _name(post) or None, raw)


def _item(post: Any) -> Item:
    name = _name(post)
    if not name:
        raise ValueError("no channel and number")
    text, links = _words(post)
    forwarded = _first(post, "tgme_widget_message_forwarded_from_name")
    views = count_of(_line(_first(post, "tgme_widget_message_views")))
    outside = (_href(forwarded), _href(_first(post, "tgme_widget_message_link_preview")))
    return Item(
        external_id=name,
        url=f"{SITE}/{name}",
        text=text,
        author=_author(post, name),
        published_at=_moment(post),
        kind="post" if forwarded is None else "repost",
        in_reply_to=_answered(post),
        links=tuple(dict.fromkeys(link for link in (*links, *outside) if link)),
        media=tuple(dict.fromkeys(_media(post)))[:_MEDIA_LIMIT],
        metrics={} if views is None else {"views": views},
    )


def _author(post: Any, name: str) -> Author | None:
    channel = name.partition("/")[0]
    title = _line(_first(post, "tgme_widget_message_owner_name"))
    return Author(name=title or channel, id=channel)


def _words(post: Any) -> tuple[str, tuple[str, ...]]:
    """Text and links; of a poll its question and answers, of a file its name."""
    from lxml import etree

    pieces: list[str] = []
    links: list[str] = []
    for body in _all(post, "js-message_text", limit=3):
        markup = etree.tostring(body, encoding="unicode", method="html", with_tail=False)
        text, found = markup_text(markup, base=f"{SITE}/s/")
        pieces.append(text)
        # A hashtag is a link to a search of the same page.
        own = f"{SITE}/s/?q="
        # Since 2024 Telegram escapes the & of an address twice.
        links += [one.replace("&amp;", "&") for one in found if not one.startswith(own)]
    told = ("tgme_widget_message_poll_question", "tgme_widget_message_poll_option_text")
    for kind in (*told, "tgme_widget_message_document_title"):
        pieces += [_line(one) for one in _all(post, kind, limit=20)]
    return "\n".join(piece for piece in pieces if piece), tuple(links)


def _moment(post: Any) -> datetime:
    for anchor in _all(post, "tgme_widget_message_date", limit=3):
        for time in anchor.iter("time"):
            return datetime.fromisoformat(time.get("datetime") or "").astimezone(UTC)
    raise ValueError("no time")


def _answered(post: Any) -> str | None:
    """The post of the same place that this one answers."""
    reply = _first(post, "tgme_widget_message_reply")
    found = _POST.fullmatch((_href(reply) or "").removeprefix(f"{SITE}/").partition("?")[0])
    return f"{found[1].lower()}/{found[2]}" if found else None


def _media(post: Any) -> Iterator[str]:
    for kind in ("tgme_widget_message_photo_wrap", "tgme_widget_message_video_thumb"):
        for one in _all(post, kind, limit=_MEDIA_LIMIT):
            found = _PICTURE.search((one.get("style") or "")[:4_000])
            if found and (address := web_url(found[1])):
                yield address


def _name(post: Any) -> str:
    """`channel/number`, the channel in small letters, as Telegram does not tell them apart."""
    found = _POST.fullmatch((post.get("data-post") or "").strip())
    return f"{found[1].lower()}/{int(found[2])}" if found else ""


def _number(post: Any) -> int:
    return int(_name(post).partition("/")[2] or 0)


def _before(root: Any) -> int:
    for one in _all(root, "tme_messages_more", limit=4):
        value = one.get("data-before") or ""
        if value.isascii() and value.isdigit() and len(value) <= 12:
            return int(value)
    return 0


def _no_preview(root: Any, channel: str) -> Exception:
    if _first(root, "tgme_page") is not None:
        return NeedsAttention(
            f"Telegram shows no preview of @{channel}: there is no such channel, it is private, "
            "or Telegram restricts it"
        )
    return BadPayload("Telegram: the page is no preview of a channel; its pages may have changed")


def _tree(body: bytes) -> Any:
    from lxml import etree, html

    data = scrub(body.decode("utf-8-sig", "replace")).translate(_CONTROLS).encode()
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise BadPayload("Telegram: the answer is no page") from error


def _is(element: Any, name: str) -> bool:
    return name in (element.get("class") or "").split()


def _all(root: Any, name: str, *, limit: int = 500) -> Iterator[Any]:
    """The elements of a class, in their order."""
    found = 0
    for element in root.iter():
        if isinstance(element.tag, str) and _is(element, name):
            yield element
            found += 1
            if found >= limit:
                return


def _first(root: Any, name: str) -> Any:
    return next(_all(root, name, limit=1), None)


def _texts(element: Any) -> Iterator[str]:
    return (str(text) for text in element.itertext())


def _line(element: Any) -> str:
    return "" if element is None else one_line("".join(_texts(element)))[:2_000]


def _href(element: Any) -> str:
    return "" if element is None else web_url(element.get("href") or "", base=SITE)
