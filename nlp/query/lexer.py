"""From source text to tokens. One forward pass: every character is looked at a bounded number of
times, so hostile sources cost no more than long ones."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nlp.query.errors import QueryError
from nlp.text import fold, tokenise

TokenKind = Literal["(", ")", "and", "or", "not", "near", "unit", "phrase", "field", "value", "end"]

WORD_FIELDS = ("title", "body", "author", "hashtag", "mention", "case", "lemma")
"""Their value is read like words; all others take a value as it stands."""
EXACT_FIELDS = ("url", "site", "source", "lang", "country", "cluster", "list", "is", "has")
METRICS = (
    *("followers", "likes", "reposts", "replies"),
    *("views", "engagement", "score", "stars"),
)
COMPARABLE = frozenset({*METRICS, "published"})
FIELDS = COMPARABLE.union(WORD_FIELDS, EXACT_FIELDS)
MAX_DISTANCE = 20
_OPERATORS: dict[str, TokenKind] = {
    "AND": "and",
    "ET": "and",
    "OR": "or",
    "OU": "or",
    "NOT": "not",
    "SAUF": "not",
    "NEAR": "near",
    "ONEAR": "near",
}
_CLOSERS = {**dict.fromkeys('"“”„', '"“”'), "«": "»"}
_SPACE = re.compile(r"\s+")
_DASHES = re.compile(r"-+")
_UNIT = re.compile(r"[^\s()\"“”„«»]+")
_FIELD = re.compile(r"([^\W\d_][\w-]*)(:|>=|<=|=|>|<)")
_VALUE = re.compile(r"[^\s)]+")
# What French and other tools call them: a guess at what was meant is worth more than a refusal.
_MEANT = {
    **dict.fromkeys(("titre", "intitle", "headline"), "title"),
    **dict.fromkeys(("texte", "corps", "contenu", "text", "content"), "body"),
    **dict.fromkeys(("auteur", "from", "by"), "author"),
    **dict.fromkeys(("tag", "hashtags", "motdiese"), "hashtag"),
    **dict.fromkeys(("compte", "handle", "to"), "mention"),
    **dict.fromkeys(("lien", "adresse", "inurl", "link", "links", "http", "https"), "url"),
    **dict.fromkeys(("domaine", "domain", "host"), "site"),
    **dict.fromkeys(("langue", "language", "languages"), "lang"),
    **dict.fromkeys(("pays", "location"), "country"),
    **dict.fromkeys(("liste",), "list"),
    **dict.fromkeys(("abonnes", "abonnés", "followers_count", "fans"), "followers"),
    **dict.fromkeys(("jaime", "min_likes", "favorites"), "likes"),
    **dict.fromkeys(("partages", "retweets", "shares"), "reposts"),
    **dict.fromkeys(("reponses", "réponses", "comments", "commentaires"), "replies"),
    **dict.fromkeys(("vues",), "views"),
    **dict.fromkeys(("etoiles", "étoiles", "rating", "note"), "stars"),
    **dict.fromkeys(("date", "publie", "publié", "since", "until", "depuis"), "published"),
    **dict.fromkeys(("lemme",), "lemma"),
    **dict.fromkeys(("casse", "raw", "exact"), "case"),
}
_NEAR = re.compile(r"(NEAR|ONEAR|PRES|PRÈS)/(.*)", re.DOTALL)
_SLOP = re.compile(r"~([^\s()]*)")


@dataclass(frozen=True, slots=True)
class Token:
    """kind; text: what it says (unit as written, phrase without quotes, field name, operator as
    written, value as it stands); start and end in the source; number: the distance of near and
    slop; sign: the comparison behind a field's name; field: the field right before a value."""

    kind: TokenKind
    text: str
    start: int
    end: int
    number: int | None = None
    sign: str = ""
    field: Token | None = None


def has_words(text: str) -> bool:
    """Whether anything in it can be searched; other signs are ignored."""
    if text.isascii() and text.isalnum():
        return True
    return any(tokenise(fold(text), prose=False).forms) or "*" in text


def read(source: str) -> list[Token]:
    """The tokens of a query. Raises QueryError for quotes, distances and unknown fields."""
    return list(_Lexer(source).tokens())


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        # Where the value of a field begins: an operator's name is a word there.
        self.value_at = -1
        # Depth of the parenthesis behind a field whose values are taken as they stand.
        self.values_from = 0

    def tokens(self) -> Iterator[Token]:
        while True:
            token = self._next()
            if token is None:
                continue
            yield token
            if token.kind == "end":
                return

    def _next(self) -> Token | None:
        if space := _SPACE.match(self.source, self.at):
            self.at = space.end()
        start = self.at
        if start >= len(self.source):
            return Token("end", "", start, start)
        character = self.source[start]
        if character == "(" or character == ")":
            return self._parenthesis(character)
        if character in _CLOSERS:
            return self._quoted_value() if self.values_from else self._phrase()
        if character == "»":
            raise QueryError("unbalanced_quote", start, self.source)
        if character == "-":
            return self._minus()
        return self._unit()

    def _parenthesis(self, character: str) -> Token:
        start = self.at
        self.at += 1
        if character == "(":
            self.depth += 1
            return Token("(", character, start, self.at)
        self.depth -= 1
        if self.depth < self.values_from:
            self.values_from = 0
        return Token(")", character, start, self.at)

    def _quoted_value(self) -> Token:
        start = self.at
        content, self.at = self._quoted(start)
        return Token("value", content, start, self.at)

    def _minus(self) -> Token | None:
        start = self.at
        dashes = _DASHES.match(self.source, start)
        assert dashes is not None  # The caller saw the first one.
        self.at = dashes.end()
        # Dashes by themselves, or before signs only, are punctuation; two of them cancel out.
        if len(dashes[0]) % 2 and self._excludable():
            return Token("not", "-", start, self.at)
        return None

    def _excludable(self) -> bool:
        following = self.source[self.at : self.at + 1]
        if following in _CLOSERS:
            return has_words(self._quoted(self.at)[0])
        unit = _UNIT.match(self.source, self.at)
        return following == "(" or (unit is not None and self._excludes(unit[0]))

    def _excludes(self, unit: str) -> bool:
        return _FIELD.match(unit) is not None or has_words(unit)

    def _quoted(self, start: int) -> tuple[str, int]:
        """The content of the quotes that open at `start`, and where the source goes on."""
        closers = _CLOSERS[self.source[start]]
        at = start + 1
        while at < len(self.source):
            if self.source[at] == "\\":
                at += 2
            elif self.source[at] in closers:
                return self.source[start + 1 : at], at + 1
            else:
                at += 1
        raise QueryError("unbalanced_quote", start, self.source)

    def _phrase(self) -> Token | None:
        start = self.at
        content, self.at = self._quoted(start)
        slop = None
        if match := _SLOP.match(self.source, self.at):
            slop = self._distance(match[1], self.at, '"a b"~5')
            self.at = match.end()
        if not has_words(content):
            return None
        return Token("phrase", content, start, self.at, slop)

    def _distance(self, digits: str, at: int, example: str) -> int:
        if not (digits.isascii() and digits.isdigit() and len(digits) < 4) or (
            int(digits) > MAX_DISTANCE
        ):
            raise QueryError(
                "near_distance", at, self.source, what=digits[:20] or "?", hint=example
            )
        return int(digits)

    def _unit(self) -> Token | None:
        match = _UNIT.match(self.source, self.at)
        assert match is not None  # Not space, parenthesis or quote: those were handled.
        start, text = self.at, match[0]
        if not self.values_from and (field := _FIELD.match(text)):
            return self._field(field[1], field[2])
        self.at = match.end()
        if start == self.value_at and has_words(text):
            return Token("unit", text, start, self.at)
        written = unicodedata.normalize("NFC", text)
        if near := _NEAR.fullmatch(written):
            distance = self._distance(near[2], start + len(near[1]) + 1, f"{near[1]}/5")
            return Token("near", written, start, self.at, distance)
        if kind := _OPERATORS.get(written):
            return Token(kind, written, start, self.at, 4 if kind == "near" else None)
        if self.values_from:
            field = _FIELD.match(text)
            if field is not None and field[1].lower() in FIELDS:
                raise QueryError("field_in_field", start, self.source, what=field[0])
            return Token("value", text, start, self.at)
        return Token("unit", text, start, self.at) if has_words(text) else None

    def _field(self, name: str, sign: str) -> Token:
        start = self.at
        self._check_field(name, sign)
        self.at = start + len(name) + len(sign)
        following = self.source[self.at : self.at + 1]
        if not following or following.isspace() or following == ")":
            raise QueryError("field_without_value", start, self.source, what=name + sign)
        token = Token("field", name.lower(), start, self.at, sign=sign)
        if token.text not in WORD_FIELDS:
            return self._field_of_values(token, following)
        self.value_at = self.at
        return token

    def _field_of_values(self, token: Token, following: str) -> Token:
        """The field with its value, or with a group of values still to come."""
        if following == "(":
            self.values_from = self.depth + 1
            return token
        if following in _CLOSERS:
            content, self.at = self._quoted(self.at)
        else:
            match = _VALUE.match(self.source, self.at)
            assert match is not None  # Neither space nor parenthesis follows.
            content, self.at = match[0], match.end()
        return Token("value", content, token.end, self.at, sign=token.sign, field=token)

    def _check_field(self, name: str, sign: str) -> None:
        known = name.lower()
        fits = known in COMPARABLE or sign == ("=" if known == "case" else ":")
        if known in FIELDS and fits:
            return
        unit = _UNIT.match(self.source, self.at)
        written = unit[0] if unit else name
        suggestion = _suggested(known, sign, written, written[len(name) + len(sign) :])
        raise QueryError(
            "unknown_field",
            self.at,
            self.source,
            what=name + sign,
            hint=suggestion,
            suggestion=suggestion,
        )


def _suggested(name: str, sign: str, written: str, value: str) -> str:
    """What would do instead of a field that does not exist."""
    if name in ("http", "https"):
        return f"url:{value.removeprefix('//') or written}"
    near = difflib.get_close_matches(name, sorted(FIELDS), n=1, cutoff=0.7)
    meant = name if name in FIELDS else _MEANT.get(name) or (near[0] if near else "")
    if not meant:
        return f'"{written}"'
    fitting = sign if meant in COMPARABLE else "=" if meant == "case" else ":"
    return f"{meant}{fitting}{value}"
