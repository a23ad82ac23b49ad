"""Folding, tokens and the words inside tags: the ground under matching."""

from __future__ import annotations

from nlp.text.field import ReadText
from nlp.text.fold import OffsetMap, fold
from nlp.text.skim import haystack
from nlp.text.tags import Piece, split
from nlp.text.words import Tokens, addresses, is_emoji, tokenise, unspaced

__all__ = [
    "OffsetMap",
    "Piece",
    "ReadText",
    "Tokens",
    "addresses",
    "fold",
    "haystack",
    "is_emoji",
    "split",
    "tokenise",
    "unspaced",
]
