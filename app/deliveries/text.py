"""Foreign text made inert before it is put into any channel. Pure.

A mention is written by anybody: it may hold control characters, marks that turn the direction of
what follows, invisible letters, and whatever a channel takes for markup.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Controls but line feed, bidi marks, invisible letters, tag characters, lone surrogates.
# ZERO WIDTH JOINER stays between emoji (it makes 👩‍🚒 of two) and goes elsewhere.
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
_BLANKS = re.compile(r"[ \t\r\f\v]+")
# French needs its no-break spaces, wide and narrow: they stay.
_WHITE = re.compile(r"[^\S\u00a0\u202f]+")
_LINES = re.compile(r"\s*\n\s*")
_URL_LIMIT = 3_000


def inert(text: str) -> str:
    """Text whose every character is seen, in the order in which it is stored."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _LOOSE_JOINER.sub("", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Inert text on one line: titles, names, mail headers."""
    text = text.replace("\u2028", " ").replace("\u2029", " ")
    return _WHITE.sub(" ", inert(text)).strip()


def paragraph(text: str) -> str:
    """Inert text that keeps its line breaks, without empty lines."""
    return _LINES.sub("\n", _BLANKS.sub(" ", inert(text))).strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended by an ellipsis where something is left out."""
    if len(text) <= limit:
        return text
    kept = text[: max(limit - 1, 0)].rstrip()
    space = kept.rfind(" ")
    if space > len(kept) * 0.8:
        kept = kept[:space]
    return kept.rstrip(" ,;:.\u200d") + "…" if limit else ""


def safe_url(url: str) -> str:
    """An http(s) address that ends no link, attribute or line early; "" where it is none."""
    url = one_line(url)
    if len(url) > _URL_LIMIT or any(mark in url for mark in "<>|\"'`\\ {}^"):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
