"""Tokens of a folded text: words, #tags, @handles and emoji, each at a numbered position.

A URL, an e-mail address and a paragraph break take one position each under the form "", which no
word has: so words inside addresses are not found and no phrase crosses one. In scripts without
spaces every character is a token.

Every pattern here is linear: the alternatives at one place start with different characters, each
repetition is of one class followed by something outside it, and an e-mail's local part is read
from its `@` backwards over at most 64 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate

from nlp.text.chars import EMOJI, FLAGS, MARKS, TAGS, UNSPACED

Stretch = tuple[int, int]

_TONE = f"[\U0001f3fb-\U0001f3ff{TAGS}]*"
_EMOJI = f"[0-9#*]\u20e3|[{FLAGS}]{{2}}|[{EMOJI}]{_TONE}(?:\u200d[{EMOJI}]{_TONE})*"
# A set that reaches beyond U+FFFF is searched range by range for every character it does not hold;
# these cheap looks ahead spare letters and spaces that search.
_PICTURE = r"(?=[\u2300-\U0010ffff]|[0-9#*]\u20e3)"
_WORDLIKE = r"(?![\s!-/:-@\[-^`{-~])"
_HOST = r"(?:@[\w-]+(?:\.[\w-]+)+)?"
_LINE_BREAKS = r"\n[^\S\n]*\n"
_PARAGRAPH = rf"{_LINE_BREAKS}\s*"

# Almost every text is one of these two: split in one go, without a step of Python for each word.
_ASCII_SPLIT = re.compile(
    rf"([a-z0-9]+|(?<![a-z0-9_])(?:#_*[a-z0-9][a-z0-9_]*|@_*[a-z0-9][a-z0-9_]*{_HOST})|{_PARAGRAPH})"
)
_LATIN_SPLIT = re.compile(rf"([^\W_]+|(?<!\w)(?:#_*[^\W_]\w*|@_*[^\W_]\w*{_HOST})|{_PARAGRAPH})")
WORDS_AND_EMOJI = re.compile(rf"{_PICTURE}(?:{_EMOJI})|[^\W_]+|{_LINE_BREAKS}")
# One pattern for each breadth of alphabet: the wide classes cost several times the narrow ones.
_ASCII = re.compile(rf"[a-z0-9]+|(?<![a-z0-9_])(?:#[a-z0-9_]+|@[a-z0-9_]+{_HOST})|{_PARAGRAPH}")
_LATIN = re.compile(rf"[^\W_]+|(?<!\w)(?:#\w+|@\w+{_HOST})|{_PARAGRAPH}")
_WIDE = re.compile(
    rf"{_PICTURE}(?:{_EMOJI})|{_WORDLIKE}[\w{MARKS}]+|(?<![\w{MARKS}])(?:#[\w{MARKS}]+|@[\w{MARKS}]+{_HOST})|{_PARAGRAPH}"
)
_UNSPACED = re.compile(
    rf"{_PICTURE}(?:{_EMOJI})|[{UNSPACED}]|(?:(?![{UNSPACED}])[\w{MARKS}])+"
    rf"|(?:(?<![\w{MARKS}])|(?<=[{UNSPACED}]))"
    rf"(?:#[\w{MARKS}{UNSPACED}]+|@[\w{MARKS}{UNSPACED}]+{_HOST})|{_PARAGRAPH}"
)
_NEEDS_WIDE = re.compile(r"[\u0300-\u1fff\u20d0-\U0010ffff]")
_HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
_IS_EMOJI = re.compile(_EMOJI)

_URL = re.compile(
    rf"https?://[^\s<>\"“”«»]*|(?:(?<![\w@.{MARKS}])|(?<=[{UNSPACED}]))www\.[^\s<>\"“”«»]+"
)
_MAIL_HOST = re.compile(r"(?<=\w)@[\w-]+(?:\.[\w-]+)+")
_LOCAL_BACKWARDS = re.compile(r"[\w.+%-]+")
_LOCAL_LIMIT = 64


class Tokens:
    """The tokens of one folded text, by position.

    forms: the word, `#name` or `@name` with its sign, the emoji, "" for what nothing crosses;
    spans: folded start and end (of a tag or handle with its sign);
    tags: positions of tags and handles; full: `@name@host` of fediverse handles by position.
    """

    __slots__ = ("_pieces", "_spans", "forms", "full", "tags")

    def __init__(self, pieces: list[str] | None = None) -> None:
        """pieces: gap, token, gap … gap, where the text was split; most texts are read and found
        to match nothing, so the places are summed up only when somebody asks."""
        self._pieces = pieces
        self._spans: list[Stretch] | None = None if pieces else []
        self.forms: list[str] = pieces[1::2] if pieces else []
        self.tags: list[int] = []
        self.full: dict[int, str] = {}

    @property
    def spans(self) -> list[Stretch]:
        known = self._spans
        if known is None:
            ends = list(accumulate(map(len, self._pieces or ())))
            known = self._spans = list(zip(ends[0::2], ends[1::2], strict=False))
        return known


def unspaced(character: str) -> bool:
    """Whether it belongs to a script written without spaces."""
    return _HAS_UNSPACED.match(character) is not None


def is_emoji(form: str) -> bool:
    return _IS_EMOJI.match(form) is not None


def addresses(folded: str) -> list[Stretch]:
    """URLs and e-mail addresses, in order, without overlap."""
    urls = []
    if "://" in folded or "www." in folded:
        urls = [match.span() for match in _URL.finditer(folded)]
    if "@" not in folded:
        return urls
    # URLs go first: what looks like an e-mail address is looked for between them only.
    found = list(urls)
    begin = 0
    for start, end in (*urls, (len(folded), len(folded))):
        found += _mail_addresses(folded, begin, start)
        begin = end
    return list(_apart(sorted(found)))


def _mail_addresses(folded: str, begin: int, stop: int) -> Iterator[Stretch]:
    for match in _MAIL_HOST.finditer(folded, begin, stop):
        at = match.start()
        before = folded[max(begin, at - _LOCAL_LIMIT) : at][::-1]
        local = _LOCAL_BACKWARDS.match(before)
        start = at - (local.end() if local else 0)
        # `@name@host` is a handle of the fediverse, not an address.
        if folded[max(begin, start - 1) : start] != "@":
            yield start, match.end()


def _apart(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    last = 0
    for start, end in stretches:
        if start >= last:
            yield start, end
            last = end


def tokenise(folded: str, *, prose: bool = True) -> Tokens:
    """The tokens of a text; with `prose=False` (a unit of a query) addresses are plain words."""
    closed = (
        addresses(folded) if prose and ("@" in folded or "ww." in folded or "://" in folded) else []
    )
    splitter = _splitter_for(folded)
    if splitter is not None and not _tag_behind(folded, closed):
        return _split(folded, splitter, closed)
    pattern = _pattern_for(folded)
    tokens = Tokens()
    if not closed:
        _read(pattern.finditer(folded), tokens)
        return tokens
    at = 0
    for start, end in closed:
        _read(pattern.finditer(folded, at, start), tokens)
        tokens.forms.append("")
        tokens.spans.append((start, end))
        at = end
    _read(pattern.finditer(folded, at), tokens)
    return tokens


def is_plain_latin(folded: str) -> bool:
    """Whether it holds letters of European alphabets only: no marks, emoji or unspaced scripts."""
    return _NEEDS_WIDE.search(folded) is None


def _splitter_for(folded: str) -> re.Pattern[str] | None:
    if folded.isascii():
        return _ASCII_SPLIT
    return _LATIN_SPLIT if is_plain_latin(folded) else None


def _tag_behind(folded: str, closed: list[Stretch]) -> bool:
    """Whether a sign stands directly behind an address: cut there, it would look like a tag."""
    return any(folded[end : end + 1] in ("#", "@") for _, end in closed)


def _split(folded: str, splitter: re.Pattern[str], closed: list[Stretch]) -> Tokens:
    if not closed:
        tokens = Tokens(splitter.split(folded))
    else:
        pieces: list[str] = []
        at = 0
        for start, end in closed:
            pieces += splitter.split(folded[at:start])
            pieces.append(folded[start:end])
            at = end
        pieces += splitter.split(folded[at:])
        tokens = Tokens(pieces)
        _close(tokens, closed)
    if "#" in folded or "@" in folded:
        _note_tags(tokens)
    if "\n" in folded:
        tokens.forms = ["" if form[:1] == "\n" else form for form in tokens.forms]
    return tokens


def _close(tokens: Tokens, closed: list[Stretch]) -> None:
    """Addresses are words that nothing equals."""
    starts = {start for start, _ in closed}
    for position, (start, _) in enumerate(tokens.spans):
        if start in starts:
            tokens.forms[position] = ""


def _note_tags(tokens: Tokens) -> None:
    forms = tokens.forms
    tokens.tags = [position for position, form in enumerate(forms) if form[:1] in _SIGNS]
    for position in tokens.tags:
        name, _, host = forms[position][1:].partition("@")
        if host:
            tokens.full[position] = forms[position]
            forms[position] = forms[position][0] + name


_SIGNS = frozenset("#@")


def _pattern_for(folded: str) -> re.Pattern[str]:
    if folded.isascii():
        return _ASCII
    if _NEEDS_WIDE.search(folded) is None:
        return _LATIN
    return _WIDE if _HAS_UNSPACED.search(folded) is None else _UNSPACED


def _read(matches: Iterable[re.Match[str]], tokens: Tokens) -> None:
    forms, spans = tokens.forms, tokens.spans
    for match in matches:
        form = match[0]
        first = form[0]
        if first in "#@" and form[1:2] != "\u20e3":
            _read_tag(match, tokens)
        elif first == "\n":
            forms.append("")
            spans.append(match.span())
        elif "_" in form:
            _read_parts(match, tokens)
        elif first > "\u0e00" and not _counts(first):
            continue  # Punctuation inside the blocks of the scripts without spaces.
        else:
            forms.append(form)
            spans.append(match.span())


def _counts(first: str) -> bool:
    return first.isalnum() or not unspaced(first) or unicodedata.category(first).startswith("M")


def _read_tag(match: re.Match[str], tokens: Tokens) -> None:
    name, _, host = match[0][1:].partition("@")
    if not name.strip("_"):
        return
    position = len(tokens.forms)
    tokens.tags.append(position)
    tokens.forms.append(match[0][0] + name)
    tokens.spans.append(match.span())
    if host:
        tokens.full[position] = match[0]


def _read_parts(match: re.Match[str], tokens: Tokens) -> None:
    start = match.start()
    for part in match[0].split("_"):
        if part:
            tokens.forms.append(part)
            tokens.spans.append((start, start + len(part)))
        start += len(part) + 1
