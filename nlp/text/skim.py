"""A text as one string in which words and phrases can be looked for: its haystack.

Every word in folded form with one blank on either side, in order, `Q` for what no phrase crosses
(an address, an empty line). Behind that, for each tag and handle: itself (`#airfrance`), the words
in it, and its whole name behind `=`, for a phrase written joined, which no bare word can be:

    " vol Q #airfrance Q =airfrance Q air france "

So "air france" is looked for as " air france " and " =airfrance ", `snow*` as " snow". The letters
are lower-case, hence no word is ever taken for the Q.

What `ReadText` finds with care (tokens, tags, addresses, places) is read off here by a few passes
of compiled code wherever the text is of the plain sort, as nearly all are; a test holds the two
against each other. A text that is not of that sort is read with care here too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from nlp.text.chars import FLAGS, MARKS, TAGS, UNSPACED
from nlp.text.field import ReadText, pieces_of
from nlp.text.fold import fold
from nlp.text.words import WORDS_AND_EMOJI, is_emoji, is_plain_latin

_LATIN_WORDS = re.compile(r"[^\W_]+|\n[^\S\n]*\n")
_CLOSE_READING = re.compile(f"[{MARKS}{UNSPACED}]")
_JOINERS = re.compile(f"[{FLAGS}{TAGS}{UNSPACED}\u200d\u20e3\U0001f3fb-\U0001f3ff]")
_ASCII = frozenset(map(chr, range(128)))
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_NAME = re.compile(r"[#@]_*[A-Za-z0-9][A-Za-z0-9_]*")
_FOREIGN_NAMES = re.compile(r"[#@](?<!\w[#@])\w+")
_URL = re.compile(r"https?://[^\s<>\"]*|(?<![\w@.])www\.[^\s<>\"]+", re.IGNORECASE)
_SCHEME = re.compile(r"https?$", re.IGNORECASE)
_ADDRESS_END = re.compile(r"[\s<>\"]")
_BREAK = "Q"
# Stands for an address: no phrase crosses it either.
_BLANK_LINE = "\n\n"
# What bytes of an ASCII text become: letters in lower case, digits, and blanks for all else.
_LETTERS = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)
_WITH_UNDERSCORES = _LETTERS[:95] + b"_" + _LETTERS[96:]


def haystack(original: str) -> bytes:
    """The text as UTF-8 bytes to look for keys in."""
    if not original.isascii():
        return _foreign(original)
    # One letter is found faster than three.
    if "." in original and ("ww." in original or "WW." in original):
        original = _URL.sub(_BLANK_LINE, original)
    elif "/" in original and "://" in original:
        original = _without_urls(original)
    if "@" not in original and "#" not in original:
        return _ascii(original, _LETTERS)
    names = _names(original)
    if names is None:
        return _read(original, fold(original))
    if "_" not in original:
        return _ascii(original, _LETTERS) + b"".join(map(tag_hay, names))
    hay = _ascii(original, _WITH_UNDERSCORES)
    # An underscore in a name is part of it, elsewhere it separates words.
    known = sorted(name[1:].lower().encode() for name in names if "_" in name)
    if sorted(word for word in hay.split() if b"_" in word) != known:
        return _read(original, fold(original))
    return hay + b"".join(map(tag_hay, names))


def _without_urls(text: str) -> str:
    """What `_URL` does, for texts without `www.`: it would look at every letter."""
    kept: list[str] = []
    done = 0
    at = text.find("://")
    while at >= 0:
        scheme = _SCHEME.search(text, max(done, at - 5), at)
        if scheme is None:
            at = text.find("://", at + 3)
            continue
        kept.append(text[done : scheme.start()])
        end = _ADDRESS_END.search(text, at + 3)
        done = end.start() if end else len(text)
        at = text.find("://", done)
    kept.append(text[done:])
    return _BLANK_LINE.join(kept)


def _ascii(text: str, table: bytes) -> bytes:
    """The words of an ASCII text, a blank on either side of each."""
    if "\n" in text and (parts := _PARAGRAPH.split(text))[1:]:
        spaced = b" Q ".join([part.encode().translate(table) for part in parts])
    else:
        spaced = text.encode().translate(table)
    return b" " + b" ".join(spaced.split()) + b" "


def _names(text: str) -> list[str] | None:
    """The tags and handles of an ASCII text, signed; None where an @ stands behind a letter,
    as in an address or a handle with its host."""
    names = []
    at = text.find("@")
    while at >= 0:
        if at and text[at - 1] not in " \n":
            return None
        if match := _NAME.match(text, at):
            names.append(match[0])
        at = text.find("@", at + 1)
    at = text.find("#")
    while at >= 0:
        inside = at and (text[at - 1].isalnum() or text[at - 1] == "_")
        if not inside and (match := _NAME.match(text, at)):
            names.append(match[0])
        at = text.find("#", at + 1)
    return names


def has_plain_signs(text: str) -> bool:
    """Whether every @ stands behind a blank: no address, no handle with its host."""
    at = text.find("@", 1)
    while at > 0:
        if text[at - 1] not in " \n":
            return False
        at = text.find("@", at + 1)
    return True


def _foreign(original: str) -> bytes:
    folded = fold(original)
    if "://" in folded or "www." in folded or not has_plain_signs(folded):
        return _read(original, folded)
    names: list[str] = []
    if "#" in folded or "@" in folded:
        names = _FOREIGN_NAMES.findall(original)
        # Folding may join or part what looks like a name: then it is read with care.
        if [fold(name) for name in names] != _FOREIGN_NAMES.findall(folded):
            return _read(original, folded)
    # #1️⃣ is a tag and a sign that encloses it.
    if "_" in folded or (names and "\u20e3" in folded):
        return _read(original, folded)
    tags = b"".join(map(tag_hay, names))
    if folded.isascii():
        return _ascii(folded, _LETTERS) + tags
    if all(map(_is_gap, {*folded} - _ASCII)):
        return _ascii(folded.encode("ascii", "replace").decode(), _LETTERS) + tags
    if is_plain_latin(folded):
        words = _LATIN_WORDS.findall(folded)
    elif _CLOSE_READING.search(folded) is None:
        words = WORDS_AND_EMOJI.findall(folded)
    else:
        return _read(original, folded)
    return _joined(_BREAK if word[0] == "\n" else word for word in words) + tags


@lru_cache(maxsize=4_000)
def _is_gap(character: str) -> bool:
    """Whether it only stands between words: neither letter, digit, mark nor emoji."""
    return not (
        character.isalnum()
        or is_emoji(character)
        or unicodedata.category(character).startswith(("M", "N", "L"))
        or _JOINERS.match(character)
    )


def _read(original: str, folded: str) -> bytes:
    text = ReadText(original, folded)
    tags = map(tag_hay, text.signed_names())
    full = (_joined((_BREAK, handle)) for handle in text.full.values())
    return b"".join((_joined(form or _BREAK for form in text.bare), *tags, *full))


def _joined(words: Iterable[str]) -> bytes:
    return f" {' '.join(words)} ".encode()


@lru_cache(maxsize=20_000)
def tag_hay(signed: str) -> bytes:
    """What a tag or handle, as written, adds to the haystack of its text."""
    words = [piece.form for piece in pieces_of(signed[1:])]
    name = fold(signed[1:])
    inside: Sequence[str] = words if words != [name] else ()
    return _joined((_BREAK, fold(signed[0]) + name, _BREAK, f"={name}", _BREAK, *inside))
