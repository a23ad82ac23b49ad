"""A mail's HTML as a row of pieces: what a reader sees, with the links it stands in. Pure.

Mails are not web pages: a hidden line for the inbox's preview, pixels that count readers, style
sheets longer than the text, and comments for one mail program. None of it is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from collectors.text import FIELD_LIMIT, web_url

MARKUP_LIMIT: Final = 2_000_000
_DEEPEST: Final = 2_000
_VOID: Final = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)
_NOT_TEXT: Final = frozenset(
    ["head", "style", "script", "template", "svg", "select", "textarea", "object", "title"]
)
_BREAKS: Final = frozenset(
    ["br", "div", "li", "tr", "dt", "dd", "hr", "table", "section", "article", "center"]
)
_PARAGRAPHS: Final = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol"]
)
_CELLS: Final = frozenset(["td", "th"])
_WHOLE: Final = frozenset({"publisher", "description"})
_HIDDEN: Final = re.compile(
    r"display:none|visibility:hidden|(?:opacity|max-height):0(?:\.0+)?(?:px)?(?:!important)?(?:;|$)"
)
_BLANKS: Final = re.compile(r"\s+")
# What fills the preview of an inbox up: blanks that nobody sees.
_FILLING: Final = re.compile("[\u00ad\u034f\u200b\u200c\u200d\u2007\ufeff\xa0\\s]{6,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. href: the link it stands in; prop: its schema.org property, if marked up.

    link: the number of the link in the mail, so that two of one address are told apart; 0: none.
    """

    text: str
    href: str = ""
    prop: str = ""
    link: int = 0


def pieces_of(markup: str) -> list[Piece]:
    """The visible text in order; a break is a piece of line ends."""
    reader = _Reader()
    try:
        reader.feed(markup[:MARKUP_LIMIT])
        reader.close()
    except AssertionError:
        pass  # the standard parser's answer to a broken declaration: keep what was read
    return reader.pieces


def flowed(pieces: list[Piece]) -> str:
    """The pieces as plain text."""
    text = _FILLING.sub(_blank, "".join(one.text for one in pieces))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:FIELD_LIMIT]


def _blank(found: re.Match[str]) -> str:
    """Breaks among the filling stay breaks."""
    return "\n" * min(found[0].count("\n"), 2) or " "


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that is open, and what holds within it."""

    tag: str
    hidden: bool = False
    href: str = ""
    link: int = 0
    prop: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._stack: list[_Open] = [_Open("")]
        self._links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        if tag in _VOID or len(self._stack) > _DEEPEST:
            return
        given = {name: value or "" for name, value in attrs}
        outer = self._stack[-1]
        href, link = outer.href, outer.link
        if tag == "a":
            self._links += 1
            href, link = web_url(given.get("href", "")), self._links
            href = href if "://" in href else ""
        self._stack.append(
            _Open(
                tag,
                hidden=outer.hidden or tag in _NOT_TEXT or _is_hidden(given),
                href=href,
                link=link,
                prop=_property(given, outer),
            )
        )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        for depth in range(1, min(len(self._stack) - 1, 200) + 1):
            if self._stack[-depth].tag == tag:
                self._break(tag)
                del self._stack[-depth:]
                return

    def handle_data(self, data: str) -> None:
        now = self._stack[-1]
        if not now.hidden and data:
            text = _BLANKS.sub(" ", data) if now.tag != "pre" else data
            self.pieces.append(Piece(text, now.href, now.prop, now.link))

    def unknown_decl(self, data: str) -> None:
        """`<![if !mso]>` and the like say nothing."""

    def _break(self, tag: str) -> None:
        if self._stack[-1].hidden:
            return
        sign = "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _BREAKS else ""
        sign = " " if tag in _CELLS else sign
        if sign:
            self.pieces.append(Piece(sign))


def _property(given: dict[str, str], outer: _Open) -> str:
    """A publisher's name is the publisher's, not one more name."""
    own = given.get("itemprop", "")[:40]
    return outer.prop if outer.prop in _WHOLE else own or outer.prop


def _is_hidden(given: dict[str, str]) -> bool:
    style = _BLANKS.sub("", given.get("style", "")[:2_000]).lower()
    return "hidden" in given or (bool(style) and _HIDDEN.search(style) is not None)
