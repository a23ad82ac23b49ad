"""Texts as one string in which words and phrases can be looked for: their haystack.

Every word in folded form with one blank on either side, in order; `|` here stands for BREAK, which
no phrase crosses (an address, an empty line). Apart from that, for each tag and handle: itself
(`#airfrance`), its whole name behind `=`, for a phrase written joined, which no bare word can be,
and the words in it. END closes each text in both:

    " vol | airfrance retour END "  and  " | #airfrance | =airfrance | air france END "

So "air france" is looked for as " air france " and " =airfrance ", `snow*` as " snow".

Many texts are made one haystack at once, by a few calls for all of them: nothing but what is odd
costs a step of Python. Odd is a word with a letter beyond ASCII or a sign in an unusual place. Such
a word is read with care, alone, and remembered, for most come again; that is possible because
nothing `ReadText` reads reaches across a blank, empty lines apart. A test holds the two against
each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nlp.text.chars import MARKS, UNSPACED
from nlp.text.field import ReadText, pieces_of
from nlp.text.fold import fold
from nlp.text.remember import Remembered
from nlp.text.words import WORDS_AND_EMOJI

# Controls that no folded word holds; those of the texts themselves never come through. U+0085
# is not among them: it counts as a blank.
END, BREAK, _APART, _CUT = "\x80", "\x81", "\x82", "\x83"
# Signs that belong to a word here pass the table below in disguise.
_DISGUISED = str.maketrans({sign: chr(0x86 + at) for at, sign in enumerate("#@=_.-*")})
# What bytes become: letters of ASCII lower case, digits, blanks for the rest of ASCII; what lies
# beyond was spelled out before and stays.
_WORDS_ONLY = bytes(
    code if code > 127 else ord(chr(code).lower()) if chr(code).isalnum() else 32
    for code in range(256)
)
_BLANKS = bytes(32 if code < 128 and chr(code).isspace() else code for code in range(256))
_CLOSED, _NEXT = f" {BREAK} ", f" {END} "

_PARAGRAPH = re.compile(rb"\n[ \t\x0b\x0c\r\x1c-\x1f]*\n")
_FOREIGN_PARAGRAPH = re.compile(r"[\n\x85\u2028][^\S\n\x85\u2028\u2029]*[\n\x85\u2028]|\u2029")
_FOREIGN_WORD = re.compile(r"(?<!\S)[\x00-\x08\x0e-\x1b!-\x7f]*+[^\s\x00-\x7f]\S*")
# Each begins with a letter that is seldom: a search for `http` stops at every h.
_ODD_HANDLE, _UNDERSCORE = re.compile(rb"@(?<! @)"), re.compile(b"_")
_URL = re.compile(rb":(?:(?<=http:)|(?<=https:))//[^ <>\"]*", re.IGNORECASE)
_WWW = re.compile(rb"\.(?<=www\.)(?<![\w@.]...\.)[^ <>\"]+", re.IGNORECASE | re.DOTALL)
_SET_APART = re.compile(rb"\xc2\x82(?:[^\xc2]|\xc2[^\x82])*\xc2\x82")
_ADDING = re.compile(
    rb"[#@\xc2](?:\x80|(?<![A-Za-z0-9].)[A-Za-z0-9]+|\x82(?:[^\xc2]|\xc2[^\x82])*\xc2\x82)"
)
_WHOLE_URL = re.compile(r"https?://[^\s<>\"“”«»]*")
# `split` in one go.
_ASCII_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CLOSE_READING = re.compile(f"[#@_{MARKS}{UNSPACED}]|://|www\\.")


def haystacks(texts: Iterable[str]) -> tuple[str, str]:
    """The words of all texts, and what their tags and handles add: to look for needles in."""
    spelled = [text if text.isascii() else _without_foreign_words(text) for text in texts]
    raw = f" {_NEXT.join((*spelled, ''))}".encode()
    raw = _PARAGRAPH.sub(_CLOSED.encode(), raw).translate(_BLANKS)
    raw = _without_urls(_without_odd_words(raw))
    added = b"".join(map(_added.__getitem__, _ADDING.findall(raw)))
    if _APART.encode() in raw:
        raw = _SET_APART.sub(b"", raw)
    words = b" ".join(raw.translate(_WORDS_ONLY).split())
    return f" {words.decode()} ", f"{added.decode()} "


def folded_words(text: str) -> str:
    """The text folded, but for the blanks in it; cheaper than `fold` for many texts."""
    return " ".join([word if word.isascii() else _folded[word] for word in text.split()]).lower()


def needle(key: str) -> str:
    """A word or words in a row as they stand in a haystack."""
    return key.translate(_DISGUISED)


def _without_foreign_words(text: str) -> str:
    known = _words
    if "\n" in text or "\x85" in text or "\u2028" in text or "\u2029" in text:
        text = _FOREIGN_WORD.sub(lambda word: known[word[0]], text)
        return " ".join(_FOREIGN_PARAGRAPH.sub(_CLOSED, text).split())
    return " ".join([word if word.isascii() else known[word] for word in text.split()])


def _without_odd_words(raw: bytes) -> bytes:
    """Words whose tags or handles may be more than letters behind a sign are spelled out: an @
    behind anything but a blank may be part of an address, an underscore of a name."""
    signs = [sign.start() for sign in _ODD_HANDLE.finditer(raw)]
    signs += [sign.start() for sign in _UNDERSCORE.finditer(raw)]
    kept: list[bytes] = []
    done = end = 0
    for at in sorted(signs):
        if at < end:
            continue
        start = raw.rfind(b" ", end, at) + 1
        end = raw.index(b" ", at)
        word = raw[start:end]
        if b"@" in word or b"#" in word:
            kept += raw[done:start], _words[word.decode()].encode()
            done = end
    return b"".join((*kept, raw[done:])) if kept else raw


def _without_urls(raw: bytes) -> bytes:
    mark = _CUT.encode()
    pieces = _WWW.sub(mark, _URL.sub(mark, raw)).split(mark)
    return _CLOSED.encode().join((*map(_without_scheme, pieces[:-1]), pieces[-1]))


def _without_scheme(raw: bytes) -> bytes:
    ending = raw[-5:].lower()
    for scheme in (b"https", b"http", b"www"):
        if ending.endswith(scheme):
            return raw[: -len(scheme)]
    return raw


def _spelled_word(word: str) -> str:
    """A word, what it adds set apart."""
    folded = fold(word)
    if _WHOLE_URL.fullmatch(folded):
        return BREAK
    if _CLOSE_READING.search(folded):
        words = _read(word, folded)
    elif folded.isascii():
        return folded
    else:
        words = " ".join(WORDS_AND_EMOJI.findall(folded)).translate(_DISGUISED)
    # Signs alone are no word, but line breaks around them make no empty line.
    return words or "."


def _read(original: str, folded: str) -> str:
    """With care, as a text of its own."""
    text = ReadText(original, folded)
    row = " ".join(form or BREAK for form in text.bare)
    if text.tags:
        tails = map(_tail, text.signed_names())
        hosts = (_CLOSED + handle for handle in text.full.values())
        row = "".join((row, _APART, *tails, *hosts, _APART))
    return row.translate(_DISGUISED)


def _addition(found: bytes) -> bytes:
    """What is found by `_ADDING`, as it stands in the second haystack."""
    word = found.decode()
    if word == END:
        return f" {END}".encode()
    return word.strip(_APART).encode() if word[0] == _APART else _tail(word).encode()


def _tail(signed: str) -> str:
    """What a tag or handle, as written, adds to the words of its text."""
    name = fold(signed[1:])
    if signed.isascii():
        words = [word.lower() for word in _ASCII_PIECES.findall(signed[1:])]
    else:
        words = [piece.form for piece in pieces_of(signed[1:])]
    inside: Sequence[str] = words if words != [name] else ()
    tail = (BREAK, fold(signed[0]) + name, BREAK, f"={name}", BREAK, *inside)
    return f" {' '.join(tail)}".translate(_DISGUISED)


def _fold_word(word: str) -> str:
    return fold(word).replace(END, " ")


_folded = Remembered(_fold_word)
_words = Remembered(_spelled_word)
_added = Remembered(_addition)


def forget_words() -> None:
    """Read every word anew, for whoever wants to know what that costs."""
    _folded.clear()
    _words.clear()
    _added.clear()
    pieces_of.cache_clear()


def has_plain_signs(text: str) -> bool:
    """Whether every @ stands behind a blank: no address, no handle with its host."""
    at = text.find("@", 1)
    while at > 0:
        if text[at - 1] not in " \n":
            return False
        at = text.find("@", at + 1)
    return True
