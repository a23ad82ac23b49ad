"""The words of a text without their places: all that most texts are ever asked for.

What `ReadText` finds with care (tokens, tags, addresses, places) is here read off by two or three
passes of compiled code wherever the text is of the plain sort, as nearly all are; a test holds the
two against each other. What is not of that sort is read with care here too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from nlp.text.field import ReadText, pieces_of
from nlp.text.fold import fold
from nlp.text.words import is_plain_latin

Key = str | tuple[str, str]
"""A word that a text holds, or two in a row."""

_LATIN_WORDS = re.compile(r"[^\W_]+|\n[^\S\n]*\n")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_NAMES = re.compile(r"[#@](?<![A-Za-z0-9_][#@])_*[A-Za-z0-9][A-Za-z0-9_]*")
_URL = re.compile(r"https?://[^\s<>\"]*|(?<![\w@.])www\.[^\s<>\"]+", re.IGNORECASE)
# In lower-cased text no word is a capital: this one stands for what no phrase crosses.
BREAK = "Q"
_SPACED_BREAK = f" {BREAK} "
# What bytes of an ASCII text become: letters in lower case, digits, and blanks for all else.
_LETTERS = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)
_WITH_UNDERSCORES = _LETTERS[:95] + b"_" + _LETTERS[96:]


Skimmed = tuple[list[str], Sequence[frozenset[Key]]]
"""The words in order, tags and handles by their name, BREAK for what no phrase crosses; and what
each tag and handle adds."""


def skim(original: str) -> Skimmed:
    """The words of a text."""
    if not original.isascii():
        return _skim_foreign(original)
    signs = "@" in original or "#" in original
    if "://" in original or "ww." in original or "WW." in original:
        original = _URL.sub("\n\n", original)
    if not signs:
        return (_words(original, _LETTERS), ())
    if not _plain_signs(original):
        return _read(original)
    names = _NAMES.findall(original)
    tags = list(map(tag_keys, names))
    if "_" not in original:
        return (_words(original, _LETTERS), tags)
    words = _words(original, _WITH_UNDERSCORES)
    known = {name[1:].lower() for name in names}
    # An underscore in a name is part of it, elsewhere it separates words.
    if any("_" in word and word not in known for word in words):
        return _read(original)
    return (words, tags)


def _words(text: str, table: bytes) -> list[str]:
    """The words of an ASCII text: one pass to blank out what is none, one to split."""
    if "\n" in text and (parts := _PARAGRAPH.split(text))[1:]:
        spaced = _SPACED_BREAK.join([part.encode().translate(table).decode() for part in parts])
        return spaced.split()
    return text.encode().translate(table).decode().split()


def _plain_signs(text: str) -> bool:
    """Whether every @ stands behind a blank: no address, no handle with its host."""
    return text.count("@") == text.count(" @") + text.startswith("@")


def _skim_foreign(original: str) -> Skimmed:
    folded = fold(original)
    if "#" in folded or "@" in folded or "://" in folded or "www." in folded:
        return _read(original, folded)
    if folded.isascii():
        return skim(folded)
    if "_" in folded or not is_plain_latin(folded):
        return _read(original, folded)
    return ([BREAK if word[0] == "\n" else word for word in _LATIN_WORDS.findall(folded)], ())


def _read(original: str, folded: str | None = None) -> Skimmed:
    text = ReadText(original, folded)
    tags = [tag_keys(name) for name in text.signed_names()]
    if text.full:
        tags.append(frozenset[Key](text.full.values()))
    return ([form or BREAK for form in text.bare], tags)


@lru_cache(maxsize=20_000)
def tag_keys(signed: str) -> frozenset[Key]:
    """What a tag or handle, as written, adds to the words of a text: itself, its name, the words in
    it, each two of them in a row, and ("#", name): the name as what a phrase written joined must
    be, which no bare word can."""
    words = [piece.form for piece in pieces_of(signed[1:])]
    name = fold(signed[1:])
    sign = fold(signed[0])
    return frozenset((sign + name, name, ("#", name), *words, *pairwise(words)))
