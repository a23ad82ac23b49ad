"""Folding, tokens and the words inside tags: the ground under matching."""

from __future__ import annotations

from nlp.text.field import ReadText
from nlp.text.fold import OffsetMap, fold
from nlp.text.skim import END, folded_words, forget_words, has_plain_signs, haystacks, needle
from nlp.text.tags import Piece, split
from nlp.text.words import Tokens, addresses, is_emoji, tokenise, unspaced

__all__ = [
    "END",
    "OffsetMap",
    "Piece",
    "ReadText",
    "Tokens",
    "addresses",
    "fold",
    "folded_words",
    "forget_words",
    "has_plain_signs",
    "haystacks",
    "is_emoji",
    "needle",
    "split",
    "tokenise",
    "unspaced",
]
