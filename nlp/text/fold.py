"""Folding: the one spelling in which queries and texts are compared.

NFKC, case folding, accents removed on Latin and Greek letters only, œ = oe, æ = ae, ß = ss, one
apostrophe, one dash, zero-width characters dropped. Folding is *defined* cluster by cluster (a
character with its combining marks, or an emoji sequence), so that every folded character belongs
to a known stretch of the original and spans can be mapped back.

Cost: linear. ASCII is `str.lower`; text without combining characters is one table look-up a
character; each remaining cluster is folded once.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

from nlp.text.chars import (
    ACCENTS,
    COMPOSING,
    DROPPED,
    EMOJI,
    FLAGS,
    GREEK_LATIN,
    MARKS,
    TAGS,
)

_SPECIAL = {
    "æ": "ae",
    "œ": "oe",
    # Kept out of the word: NFKC alone would make "Decathlon™" the word "decathlontm".
    "™": " ",
    "℠": " ",
    "\x85": "\n",
    "\u2028": "\n",
    "\u2029": "\n\n",
    "\u200d": "",
    **dict.fromkeys("‘’‛ʹʻʼʽˈʾʿ′´ꞌ", "'"),
    **dict.fromkeys("‐‑‒–—―⁃−﹘﹣", "-"),
}
_JOIN = "\u200d"
# A set that reaches beyond U+FFFF is searched range by range for every character it does not hold;
# these cheap looks ahead spare ordinary letters that search.
_RARE = r"(?=[\u00ad\u0300-\u036f\u0483-\u1fff\u200b-\u200f\u202a-\u202e\u2060-\U0010ffff])"
_PICTURE = r"(?=[\u2300-\U0010ffff])"
_CONT = f"(?:{_RARE}[{MARKS}{COMPOSING}{DROPPED}{_JOIN}])"
_EMOJI_SEQUENCE = (
    f"{_PICTURE}[{EMOJI}{FLAGS}][{DROPPED}{TAGS}\U0001f3fb-\U0001f3ff]*"
    f"(?:{_JOIN}[{EMOJI}][{DROPPED}{TAGS}\U0001f3fb-\U0001f3ff]*)*"
)
# Characters that fold to exactly one character, whatever stands around them (marks apart).
_PLAIN = (
    r"\x00-\x7f\xa0-\xa7\xa9\xab\xac\xb0\xb1\xb6\xb7\xbb\xbf-\xc5\xc7-\xde\xe0-\xe5\xe7-\xff"
    r"\u0400-\u0481\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u2010-\u2016\u2018-\u2022\u20ac"
    r"\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3"
)

_DROPPED = re.compile(f"[{DROPPED}]+")
_COMBINING = re.compile(f"{_RARE}[{MARKS}{COMPOSING}{_JOIN}]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_CLUSTER = re.compile(f"{_EMOJI_SEQUENCE}|.{_CONT}*", re.DOTALL)
_BENT = re.compile(f"{_EMOJI_SEQUENCE}|[^{_PLAIN}]{_CONT}*|[{_PLAIN}]{_CONT}+")
_IS_EMOJI = re.compile(f"{_PICTURE}[{EMOJI}{FLAGS}]")
_ACCENTED = re.compile(f"(?<=[{GREEK_LATIN}])[{ACCENTS}]+")
_GREEK_LATIN_START = re.compile(f"[{GREEK_LATIN}]")
_ACCENT = re.compile(f"[{ACCENTS}]+")
_TABLE_LIMIT = 30_000


def _fold_character(character: str) -> str:
    if _IS_EMOJI.match(character):
        return character
    if character in _SPECIAL:
        return _SPECIAL[character]
    if _DROPPED.match(character):
        return ""
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"  # Half a pair, as JSON escapes allow: it has no UTF-8 for the automaton.
    bare = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", character)).lower()
    bare = _ACCENTED.sub("", bare).casefold()
    composed = unicodedata.normalize("NFKC", bare)
    return "".join(_SPECIAL.get(c, c) for c in composed).lower()


class _Table(dict[int, str]):
    """Code point → folded text, filled as characters are met; bounded against hostile texts."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


_table = _Table()


def _translate(match: re.Match[str]) -> str:
    return match[0].translate(_table)


def _fold_cluster(cluster: str) -> str:
    if len(cluster) == 1:
        return _table[ord(cluster)]
    if _IS_EMOJI.match(cluster):
        return _DROPPED.sub("", cluster)
    base = unicodedata.normalize("NFC", _DROPPED.sub("", cluster).replace(_JOIN, ""))
    folded = base.translate(_table)
    if _GREEK_LATIN_START.match(folded):
        folded = _ACCENT.sub("", folded)
    return unicodedata.normalize("NFC", folded)


def fold(text: str) -> str:
    """The folded spelling of `text`: `École` → `ecole`, `L’Oréal` → `l'oreal`."""
    if text.isascii():
        return text.lower()
    if _COMBINING.search(text) is None:
        # Every cluster is one character (with dropped ones), so the table says it all.
        return _NON_ASCII.sub(_translate, text).lower()
    return "".join(map(_fold_cluster, _CLUSTER.findall(text))).lower()


class OffsetMap:
    """From positions of the folded text to code points of the original."""

    __slots__ = ("_bends", "_starts")

    def __init__(self, text: str) -> None:
        self._bends = _bends(text)
        self._starts = [bend[0] for bend in self._bends]

    def start(self, position: int) -> int:
        """Where the folded character at `position` begins in the original."""
        at = bisect_right(self._starts, position) - 1
        if at < 0:
            return position
        _, folded_end, start, end = self._bends[at]
        return start if position < folded_end else end + position - folded_end

    def end(self, position: int) -> int:
        """Where the folded character before `position` ends in the original."""
        last = position - 1
        at = bisect_right(self._starts, last) - 1
        if at < 0:
            return position
        _, folded_end, _, end = self._bends[at]
        return end if last < folded_end else end + position - folded_end


def _bends(text: str) -> list[tuple[int, int, int, int]]:
    """The stretches whose folding has another length: (folded start, end, original start, end)."""
    if text.isascii():
        return []
    found = []
    shift = 0
    for match in _BENT.finditer(text):
        start, end = match.span()
        length = len(_fold_cluster(match[0]).lower())
        if length == 1 == end - start:
            continue
        found.append((start + shift, start + shift + length, start, end))
        shift += length - (end - start)
    return found
