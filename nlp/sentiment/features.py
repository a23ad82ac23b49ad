"""From a French text to the features of the head: words, pairs of words, pieces of words.

Everything a word brings (itself and its character n-grams) depends on that word alone, so the head
can remember a word's share and judge a text by a few look-ups.
"""

from __future__ import annotations

import re
from itertools import pairwise

from nlp.sentiment.polarity import NEGATIVE, POSITIVE

WORD, PAIR, PIECE, POLARITY = "w", "p", "c", "l"
"""First character of a feature's name."""
SHORTEST, LONGEST = 2, 5
"""Characters in a piece; the word's edges count as one each."""
MAX_WORD = 30
MAX_CHARS = 4_000
EDGE = "\x02"

_TOKEN = re.compile(
    r"https?\S*|www\.\S+|@\w+|#\w+"
    r"|[a-zà-öø-ÿœ]+'|\w+(?:-\w+)*"
    r"|[:;=x]-?[)(dpo/|]+|<3|!+|\?+|\.{2,}|[^\w\s.,;:\"'()\[\]]"
)
_STRETCHED = re.compile(r"(.)\1{2,}")


def tokens(text: str) -> list[str]:
    """Lower-cased words, elided words ("n'"), emoticons, emoji, runs of ! and ?."""
    text = text[:MAX_CHARS].lower().replace("’", "'").replace("&amp;", "&")
    found: list[str] = _TOKEN.findall(text)
    if _STRETCHED.search(text):
        return [_unstretched(token) for token in found]
    return [
        token
        if token.isalpha() and token[:4] != "http" and len(token) <= MAX_WORD
        else _plain(token)
        for token in found
    ]


def _plain(token: str) -> str:
    first = token[0]
    if first == "@" and len(token) > 1:
        return "@"
    if token.startswith(("http", "www.")):
        return "http"
    if first.isdigit():
        return "0"
    return token[:3] if first in "!?." else token[:MAX_WORD]


def _unstretched(token: str) -> str:
    plain = _plain(token)
    return _STRETCHED.sub(r"\1\1", plain) if plain[0].isalpha() and len(plain) > 2 else plain


def of_word(word: str) -> list[str]:
    """The word, its polarity if it is listed and, where it is long enough, its pieces."""
    return of_whole(word) + [PIECE + piece for piece in pieces(word)]


def of_whole(word: str) -> list[str]:
    """The word and its polarity."""
    names = [WORD + word]
    if word in POSITIVE:
        names.append(POLARITY + "+")
    elif word in NEGATIVE:
        names.append(POLARITY + "-")
    return names


def pieces(word: str) -> list[str]:
    """Its runs of SHORTEST to LONGEST characters, the edges marked: endings and roots."""
    if len(word) < 2 or word == "http":
        return []
    edged = f"<{word}>"
    length = len(edged)
    return [
        edged[at : at + size]
        for size in range(SHORTEST, LONGEST + 1)
        for at in range(length - size + 1)
    ]


def of_pairs(words: list[str]) -> list[str]:
    """Neighbouring words, the text's two edges among them: where French keeps its negations."""
    edged = [EDGE, *words, EDGE]
    return [f"{PAIR}{left} {right}" for left, right in pairwise(edged)]


def of_text(text: str) -> list[str]:
    """All features of a text, with repeats: what training counts."""
    words = tokens(text)
    return [name for word in words for name in of_word(word)] + of_pairs(words)
