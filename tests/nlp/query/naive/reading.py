"""A text read one code point after the other: its words, tags, handles, emoji and barriers."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from nlp.text import fold

Kind = Literal["word", "character", "hashtag", "handle", "emoji", "barrier"]
JOINER = "\u200d"
EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")
URL = re.compile(r"https?://[^\s<>\"“”«»]*|(?<![.@])www\.[^\s<>\"“”«»]+")
MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]*\w@[\w-]+(?:\.[\w-]+)+")
HOST = re.compile(r"@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class Piece:
    """One of the words into which a tag splits; glued: nothing stands before it in the tag."""

    form: str
    start: int
    end: int
    glued: bool


@dataclass(frozen=True)
class Token:
    """form: folded, without the sign of a tag; exact: as written (NFC); host: of `@name@host`;
    gap: folded text since the token before; behind: folded text after it; start, end: code
    points of the text, of a tag without its sign."""

    kind: Kind
    form: str = ""
    exact: str = ""
    host: str = ""
    gap: str = ""
    behind: str = ""
    start: int = 0
    end: int = 0
    pieces: tuple[Piece, ...] = ()


@functools.cache
def is_mark(c: str) -> bool:
    return unicodedata.category(c).startswith("M")


@functools.cache
def unspaced(c: str) -> bool:
    """Letters and marks of Chinese, Japanese and Thai (and Lao, Burmese, Khmer)."""
    if not (c.isalnum() or is_mark(c)):
        return False
    name = unicodedata.name(c, "")
    scripts = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER", "IDEOGRAPHIC")
    return name.startswith(scripts)


@functools.cache
def is_word(c: str) -> bool:
    return c.isalnum() or is_mark(c)


@functools.cache
def is_emoji(c: str) -> bool:
    far = "\U0001f300" <= c <= "\U0001f6ff" or "\U0001f900" <= c <= "\U0001faff"
    return far or ("\u2600" <= c <= "\u27bf" and unicodedata.category(c) == "So")


def is_tone(c: str) -> bool:
    return "\U0001f3fb" <= c <= "\U0001f3ff"


def is_flag_letter(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


@functools.cache
def dropped(c: str) -> bool:
    return c == JOINER or fold(c) == ""


def clusters(text: str) -> list[tuple[int, int]]:
    """Characters with what hangs on them: marks, zero-width characters, parts of emoji."""
    found = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and hangs_on(text, at, end):
            end += 1
        found.append((at, end))
        at = end
    return found


def hangs_on(text: str, start: int, at: int) -> bool:
    c = text[at]
    if is_emoji(text[start]) and (
        is_tone(c) or (is_emoji(c) and text[at - 1] == JOINER) or c == JOINER
    ):
        return True
    jamo = "\u1160" <= c <= "\u11ff"
    return is_mark(c) or dropped(c) or jamo or c in "\uff9e\uff9f"


def folded_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text, and for each of its characters where it comes from."""
    folded, places = "", []
    for start, end in clusters(text):
        piece = fold(text[start:end])
        folded += piece
        places += [(start, end)] * len(piece)
    if folded != fold(text):
        raise AssertionError(f"fold is not cluster by cluster on {text!r}")
    return folded, places


def addresses(folded: str) -> list[tuple[int, int]]:
    found = urls(folded)
    for match in MAIL.finditer(folded):
        inside = any(start < match.end() and match.start() < end for start, end in found)
        if not inside and folded[match.start() - 1 : match.start()] != "@":
            found.append(match.span())
    return sorted(found)


def links(text: str) -> list[str]:
    """The folded URLs of a text; an e-mail address is none."""
    folded = fold(text)
    return [folded[start:end] for start, end in urls(folded)]


def urls(folded: str) -> list[tuple[int, int]]:
    """Runs that start with `http://`, `https://` or, where a word may start, `www.`."""
    found = []
    at = 0
    while match := URL.search(folded, at):
        start, at = match.start(), match.end()
        before = folded[start - 1] if start else " "
        if folded[start] == "w" and (is_word(before) or before == "_") and not unspaced(before):
            at = start + 1
        else:
            found.append((start, at))
    return found


@functools.lru_cache(maxsize=4096)
def read(text: str) -> tuple[Token, ...]:
    folded, places = folded_with_places(text)
    closed = dict(addresses(folded))
    tokens: list[Token] = []
    at, gap_from = 0, 0
    while at < len(folded):
        limit = min([start for start in closed if start > at], default=len(folded))
        kind, name, end = token_at(folded, at, limit, closed)
        if kind is None:
            at += 1
            continue
        gap = folded[gap_from:at]
        if EMPTY_LINE.search(gap):
            tokens.append(Token("barrier"))
        if kind == "barrier":
            tokens.append(Token("barrier"))
        else:
            tokens.append(token(text, folded, places, kind, name, end, gap))
        at = gap_from = end + len(host_behind(folded, kind, end))
    return tuple(tokens)


def host_behind(folded: str, kind: Kind, end: int) -> str:
    """The host of `@name@host`, with its sign."""
    found = HOST.match(folded, end) if kind == "handle" else None
    return found[0] if found else ""


def token_at(
    folded: str, at: int, limit: int, closed: dict[int, int]
) -> tuple[Kind | None, int, int]:
    """What stands at this place: its kind, where its name begins, where it ends."""
    c = folded[at]
    if at in closed:
        return "barrier", at, closed[at]
    if end := emoji_end(folded, at, limit):
        return "emoji", at, end
    if c in "#@" and (end := tag_end(folded, at, limit)):
        return ("hashtag" if c == "#" else "handle"), at + 1, end
    if unspaced(c):
        return "character", at, at + 1
    if is_word(c):
        end = at
        while end < limit and is_word(folded[end]) and not unspaced(folded[end]):
            # A digit under a keycap is an emoji of its own.
            if emoji_end(folded, end, limit):
                break
            end += 1
        return "word", at, end
    return None, at, at


def emoji_end(folded: str, at: int, limit: int) -> int:
    c, after = folded[at], folded[at + 1 : at + 2]
    if c in "0123456789#*" and after == "\u20e3":
        return at + 2
    if is_flag_letter(c):
        return at + 2 if after and is_flag_letter(after) else 0
    if not is_emoji(c):
        return 0
    end = at + 1
    while end < limit:
        joined = folded[end] == JOINER and end + 1 < limit and is_emoji(folded[end + 1])
        if not (joined or is_tone(folded[end])):
            break
        end += 2 if joined else 1
    return end


def tag_end(folded: str, at: int, limit: int) -> int:
    before = folded[at - 1] if at else " "
    if (is_word(before) or before == "_") and not unspaced(before):
        return 0
    end = at + 1
    while end < limit and (is_word(folded[end]) or folded[end] == "_"):
        end += 1
    if not folded[at + 1 : end].strip("_"):
        return 0
    return end


def token(
    text: str, folded: str, places: list[tuple[int, int]], kind: Kind, name: int, end: int, gap: str
) -> Token:
    host = host_behind(folded, kind, end)
    start, stop = places[name][0], places[end - 1][1]
    raw = text[start:stop]
    return Token(
        kind=kind,
        form=folded[name:end],
        exact=unicodedata.normalize("NFC", "".join(c for c in raw if not dropped(c))),
        host=host,
        gap=gap,
        behind=folded[end + len(host) :],
        start=start,
        end=stop,
        pieces=pieces(raw, start) if kind in ("hashtag", "handle") else (),
    )


def pieces(raw: str, offset: int) -> tuple[Piece, ...]:
    """Where a tag splits: underscore, lower→upper, letter↔digit, before the last capital of a
    run; every character of a script without spaces."""
    solid = [(at, c) for at, c in enumerate(raw) if unspaced(c) or not (is_mark(c) or dropped(c))]
    starts = []
    for index, (at, c) in enumerate(solid):
        before = solid[index - 1][1] if index else "_"
        after = solid[index + 1][1] if index + 1 < len(solid) else ""
        if c != "_" and (before == "_" or splits(before, c, after)):
            starts.append((at, before != "_"))
    ends = [at for at, _ in starts[1:]] + [len(raw)]
    found = []
    for (start, glued), end in zip(starts, ends, strict=True):
        word = raw[start:end]
        while word and (word[-1] == "_" or dropped(word[-1])):
            word = word[:-1]
        found.append(Piece(fold(word), offset + start, offset + start + len(word), glued))
    return tuple(piece for piece in found if piece.form)


def splits(before: str, c: str, after: str) -> bool:
    if unspaced(c) or unspaced(before):
        return True
    if c.isnumeric() != before.isnumeric():
        return True
    # Letters that know no case count as small ones.
    return c.isupper() and (is_small(before) or (before.isupper() and is_small(after)))


def is_small(c: str) -> bool:
    return c.isalpha() and not c.isupper() and not unspaced(c)
