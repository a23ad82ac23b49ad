"""Where a star may stand: at the end of a word of three letters, or alone in a phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.query.errors import QueryError
from nlp.query.lexer import Token
from nlp.text import unspaced

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PIECE = re.compile(r"\S+")
_STAR = re.compile(r"\*(?![\ufe0f\u20e3])")
_LEAST, _LEAST_UNSPACED = 3, 2


def check_wildcards(token: Token, source: str, *, plain: bool) -> None:
    """Raise QueryError at the first star that cannot be meant.

    plain: False inside `case=` and `lemma:`, where letters stand for themselves only.
    """
    if "*" not in token.text and "?" not in token.text:
        return
    quoted = token.kind == "phrase"
    # Positions stay: an escaped sign becomes as many blanks.
    text = _ESCAPED.sub("  ", token.text) if quoted else token.text
    at = token.start + quoted
    if not plain and (match := re.search(r"(?<=\w)[?*]|[?*](?=\w)", text)):
        raise QueryError("wildcard_place", at + match.start(), source, what=token.text[:40])
    pieces = list(_PIECE.finditer(text))
    for piece in pieces:
        if piece[0] == "*" and quoted:
            continue
        for star in _STAR.finditer(piece[0]):
            _check(piece[0], star.start(), at + piece.start(), source)
    if quoted and all(piece[0] == "*" for piece in pieces):
        raise QueryError("wildcard_place", at, source, what=token.text[:40])


def _check(piece: str, star: int, at: int, source: str) -> None:
    before, after = piece[:star], piece[star + 1 : star + 2]
    letters = list(_letters(before))
    if not letters or not _closes(before) or after.isalnum() or after in ("*", "?"):
        raise QueryError("wildcard_place", at + star, source, what=piece[:40])
    least = _LEAST_UNSPACED if unspaced(letters[-1]) else _LEAST
    if len(letters) < least:
        raise QueryError(
            "short_prefix", at + star, source, what=f"{before[-40:]}*", hint=str(least)
        )


def _closes(before: str) -> bool:
    """Whether a word (its `?` included) ends right before the star."""
    return before[-1].isalnum() or before[-1] == "?" or not before[-1].isascii()


def _letters(text: str) -> Iterator[str]:
    return (character for character in text if character.isalnum())
