"""From a pasted query to tokens, by the table of its dialect. One forward pass: every character is
looked at a bounded number of times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from nlp.query.translate import wording
from nlp.query.translate.dialect import Dialect
from nlp.query.translate.values import Issue, Said, Unreadable

TokenKind = Literal[
    "(", ")", "and", "or", "not", "near", "odd", "word", "phrase", "exact", "field", "range",
    "slop", "end",
]  # fmt: skip
_CLOSERS = {**dict.fromkeys('"“”„', '"“”'), "«": "»"}
_SPACE = re.compile(r"\s+")
_RUN = re.compile(r"[^\s()\"“”„«»]+")
_FIELD = re.compile(r"([A-Za-z][A-Za-z_.]*):")
# Bounded, so that a text of brackets that never close is not searched to its end each time.
_RANGE = re.compile(r"\[[^\[\]\n]{1,80}\]")
_NEAR = re.compile(r"(O?NEAR)/(?:(\d{1,4})(f?))?")
_SLOP = re.compile(r"~(\d*)")
_WORD_OPERATORS: dict[str, TokenKind] = {"AND": "and", "OR": "or", "NOT": "not"}
_OPERATOR = re.compile(r"(?:AND|OR|NOT|O?NEAR/\d+f?)(?=[\s(\"]|$)")
_SENTENCES = ("SENTENCE", "OSENTENCE", "PARAGRAPH")
_SMALL = re.compile(r"(?i:and|or|not|o?near/\d+|o?sentence)")


@dataclass(frozen=True, slots=True)
class Token:
    """kind; text: what it says (a phrase without its quotes, a field without its colon); number:
    of a distance; flag: "ordered" (NEAR), "exact" or "raw" (behind a plus), "value" (of a
    field)."""

    kind: TokenKind
    text: str
    start: int
    end: int
    number: int | None = None
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    tokens: tuple[Token, ...]
    remarks: tuple[Issue, ...]


def read(text: str, dialect: Dialect) -> Read:
    """The tokens, and what was noticed on the way. Raises Unreadable for what never closes."""
    lexer = _Lexer(text, dialect)
    return Read(tuple(lexer.tokens()), tuple(lexer.remarks))


class _Lexer:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.at = 0
        self.remarks: list[Issue] = []

    def tokens(self) -> Iterator[Token]:
        while True:
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            if self.at >= len(self.text):
                yield Token("end", "", self.at, self.at)
                return
            if (token := self.next()) is None:
                continue
            yield token
            if token.kind == "field" and (value := self.value()):
                yield value

    def remark(self, start: int, end: int, said: Said, *, unsupported: bool) -> None:
        whole = wording.with_effect(said, "")
        kind: Literal["unsupported", "changed"] = "unsupported" if unsupported else "changed"
        self.remarks.append(Issue(start, end, kind, whole.fr, whole.en))

    def next(self) -> Token | None:
        start, first = self.at, self.text[self.at]
        if first in "()":
            self.at += 1
            return self.closed(start) if first == ")" else Token("(", "(", start, self.at)
        if first in _CLOSERS:
            return self.phrase()
        if first == "»":
            raise Unreadable(start, start + 1, wording.OPEN_QUOTE)
        if first == "{" and "{ }" in self.dialect.forms:
            return self.braces()
        if self.text.startswith("<<<", start) and "<<< >>>" in self.dialect.forms:
            self.comment()
            return None
        if first == "-" and self.excludes():
            return self.minus()
        if first == "+" and "+" in self.dialect.forms:
            return self.plus()
        return self.run()

    def closed(self, start: int) -> Token:
        """A closing parenthesis; `~5` right behind it makes it the end of a distance group."""
        slop = _SLOP.match(self.text, self.at)
        if slop is None or "( )~n" not in self.dialect.forms or not 1 <= len(slop[1]) <= 4:
            return Token(")", ")", start, self.at)
        self.at = slop.end()
        return Token(")", slop[0], start, self.at, number=int(slop[1]))

    def phrase(self) -> Token:
        start = self.at
        closers, at = _CLOSERS[self.text[start]], start + 1
        while at < len(self.text) and self.text[at] not in closers:
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise Unreadable(start, start + 1, wording.OPEN_QUOTE)
        self.at = at + 1
        token = Token("phrase", self.text[start + 1 : at], start, self.at)
        slop = _SLOP.match(self.text, self.at)
        if slop is None:
            return token
        self.at = slop.end()
        if 1 <= len(slop[1]) <= 4:
            return replace(token, end=self.at, number=int(slop[1]))
        self.remark(slop.start(), slop.end(), wording.BAD_SLOP, unsupported=True)
        return replace(token, end=self.at)

    def braces(self) -> Token:
        start = self.at
        end = self.text.find("}", start)
        if end < 0:
            raise Unreadable(start, start + 1, wording.OPEN_BRACE)
        self.at = end + 1
        return Token("exact", self.text[start + 1 : end], start, self.at)

    def comment(self) -> None:
        start = self.at
        end = self.text.find(">>>", start)
        if end < 0:
            raise Unreadable(start, start + 3, wording.OPEN_COMMENT)
        self.at = end + 3
        self.remark(start, self.at, wording.COMMENT, unsupported=False)

    def excludes(self) -> bool:
        """Whether the minus here stands right before something to exclude."""
        following = self.text[self.at + 1 : self.at + 2]
        return bool(following) and (following.isalnum() or following in '("“”„«#@{')

    def minus(self) -> Token:
        start = self.at
        self.at += 1
        if "-" not in self.dialect.forms:
            said = wording.unsure_minus(self.dialect.title)
            self.remark(start, self.at, said, unsupported=True)
        return Token("not", "-", start, self.at)

    def plus(self) -> Token | None:
        start = self.at
        signs = 2 if self.text.startswith("++", start) else 1
        self.at += signs
        following = self.text[self.at : self.at + 1]
        if not following or following.isspace() or following in "()+":
            return Token("word", self.text[start : self.at], start, self.at)
        token = self.phrase() if following in _CLOSERS else self.bare()
        return replace(token, start=start, flag="exact" if signs == 2 else "raw")

    def bare(self) -> Token:
        start = self.at
        match = _RUN.match(self.text, start)
        # A closing guillemet is all that a run cannot start with here.
        self.at = match.end() if match else start + 1
        return Token("word", self.text[start : self.at], start, self.at)

    def run(self) -> Token:
        start = self.at
        if (name := _FIELD.match(self.text, start)) and self.is_field(name):
            self.at = name.end()
            return Token("field", name[1], start, self.at)
        word = self.bare()
        if kind := _WORD_OPERATORS.get(word.text):
            return replace(word, kind=kind)
        if word.text in _SENTENCES and self.has_sentences():
            known = word.text in self.dialect.forms
            return replace(word, kind="near" if known else "odd")
        if word.text.startswith(("NEAR/", "ONEAR/")):
            return self.near(word)
        if self.has_sentences() and _SMALL.fullmatch(word.text):
            said = wording.unsure_small(self.dialect.title, word.text)
            self.remark(word.start, word.end, said, unsupported=True)
        return word

    def has_sentences(self) -> bool:
        return "SENTENCE" in self.dialect.forms

    def near(self, word: Token) -> Token:
        match = _NEAR.fullmatch(word.text)
        if match is None or match[2] is None:
            return replace(word, kind="odd")
        form = f"{match[1]}/n{match[3]}"
        if form not in self.dialect.forms:
            return replace(word, kind="odd")
        ordered = match[3] == "f" or match[1] == "ONEAR"
        flag = "ordered" if ordered else ""
        return replace(word, kind="near", number=int(match[2]), flag=flag)

    def is_field(self, name: re.Match[str]) -> bool:
        """A name that the dialect has, or any before a value, but not `https://` nor `Note: a`."""
        if name[1].lower() in self.dialect.rules:
            return True
        following = self.text[name.end() : name.end() + 1]
        return bool(following) and not following.isspace() and following not in "/)»"

    def value(self) -> Token | None:
        """What belongs to the field just read; a group is left to the parser."""
        if space := _SPACE.match(self.text, self.at):
            self.at = space.end()
            if _OPERATOR.match(self.text, self.at):
                return None
        first = self.text[self.at : self.at + 1]
        if not first or first in "()»":
            return None
        if first in _CLOSERS:
            return replace(self.phrase(), flag="value")
        if first == "{" and "{ }" in self.dialect.forms:
            return self.braces()
        if match := _RANGE.match(self.text, self.at):
            start, self.at = self.at, match.end()
            return Token("range", match[0], start, self.at, flag="value")
        return replace(self.bare(), flag="value")
