"""What changes on a page without anything having changed: times, counters, years, tokens. Pure.

Every pattern takes time linear in the text: what it repeats is bounded or a single class.
"""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "\u2022"
"""Stands for what was masked."""

_MONTHS: Final = (
    r"(?:janvier|janv|février|fevrier|févr|mars|avril|avr|mai|juin|juillet|juil|août|aout|septembre"
    r"|sept|octobre|oct|novembre|nov|décembre|decembre|déc|january|jan|february|feb|march|mar|april"
    r"|apr|may|june|jun|july|jul|august|aug|september|sep|october|november|december|dec)"
)
_COPYRIGHT: Final = re.compile(
    r"(?:©|\(c\)|copyright)[^\d]{0,20}(?:19|20)\d\d(?: ?[-–—] ?(?:19|20)\d\d)?", re.IGNORECASE
)
_RELATIVE: Final = re.compile(
    r"\bil y a (?:environ |plus d[e'’] ?|moins d[e'’] ?)?(?:\d{1,4}|une?|quelques) ?"
    r"(?:secondes?|sec|s|minutes?|min|mn|heures?|h|jours?|j|semaines?|sem|mois|années?|ans?)\b"
    r"|\b(?:about |over |almost )?(?:\d{1,4}|an?|one|few) ?(?:seconds?|secs?|s|minutes?|mins?|m"
    r"|hours?|hrs?|h|days?|d|weeks?|w|months?|mo|years?|y) ago\b"
    r"|\b(?:just now|à l['’]instant|aujourd['’]hui|today|hier|yesterday|avant-hier)\b",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"\b\d{1,2}(?::\d\d){1,2}(?: ?[ap]\.?m\b)?|\b\d{1,2} ?h ?\d\d\b|\b\d{1,2} [ap]m\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"\b(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.+Z-]{1,30})?"
    r"|\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d\b|\b\d{1,2}/\d{1,2}/\d\d\b"
    rf"|\b\d{{1,2}}(?:er|st|nd|rd|th)? {_MONTHS}\b\.?,?(?: (?:19|20)\d\d\b)?"
    rf"|\b{_MONTHS}\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d\b)?"
    rf"|\b{_MONTHS}\b\.?,? (?:19|20)\d\d\b",
    re.IGNORECASE,
)
_COUNT: Final = r"\d[\d .,'\u202f]{0,14}(?:k|m|mille|millions?)?\+? ?"
_COUNTER: Final = re.compile(
    rf"(?<!\d){_COUNT}(?:fois |times )?(?:vues?|views?|likes?|j['’]aime|partages?|shares?"
    r"|commentaires?|comments?|avis|reviews?|ratings?|votes?|abonnés?|abonnements|followers?"
    r"|subscribers?|téléchargements?|downloads?|stars?|étoiles?|visiteurs?|visitors?|visites?|visits?"
    r"|lectures?|reads?|inscrits?|en ligne|online|connectés?|en stock|in stock|restante?s?"
    r"|(?:seats|places|spots|items) left"
    r"|personnes? (?:regardent|consultent)|people (?:are )?(?:viewing|watching|looking))\b"
    r"|(?<!\d)\d[.,]\d{1,2} ?(?:/|sur|out of) ?(?:5|10)\b",
    re.IGNORECASE,
)
# Looked for first: a number costs fifteen tries, a page of numbers without such words none.
_COUNTED: Final = re.compile(
    r"vue|view|like|j['’]aime|partage|share|comment|avis|rating|vote|abonn|follower|subscriber"
    r"|télécharg|download|star|étoile|visit|lecture|read|inscrit|en ligne|online|connecté|stock"
    r"|restant|left|regardent|consultent|watching|looking|sur|out of|/",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(
    r"\b(?:vues|views|likes|partages|shares|téléchargements|downloads|visites|visits|avis|reviews)"
    r" ?: ?\d[\d .,'\u202f]{0,14}k?",
    re.IGNORECASE,
)
_BLANKS: Final = re.compile(r"[\s" + MASK + r"]{2,}")
_TOKEN_LENGTH: Final = 16
_LETTER: Final = re.compile(r"[^\W\d_]")


def masked(text: str, *, dates: bool = True) -> str:
    """The text with its volatile parts replaced by a mark.

    dates: False where they are what is looked for, as on a changelog.
    """
    if any(char.isdigit() for char in text) or "'" in text or "’" in text:
        text = _COPYRIGHT.sub(MASK, text)
        text = _RELATIVE.sub(MASK, text)
        text = _CLOCK.sub(MASK, text)
        text = _DATE.sub(MASK, text) if dates else text
        if _COUNTED.search(text):
            text = _COUNTER.sub(lambda found: MASK + _letters(found[0]), text)
            text = _LABELLED.sub(MASK, text)
        text = " ".join(MASK if _is_token(word) else word for word in text.split(" "))
    else:
        text = _RELATIVE.sub(MASK, text)
    return text


def key_of(text: str, *, dates: bool = True) -> str:
    """What two lines share that say the same; "" for a line that is nothing but noise."""
    kept = masked(text, dates=dates).casefold()
    kept = _BLANKS.sub(" ", kept).strip(" .,;:!|-–—•·")
    return kept if _LETTER.search(kept) or any(char.isdigit() for char in kept) else ""


def _letters(counted: str) -> str:
    """What is counted, without the number: "12 vues" and "13 vues" are one, "12 avis" is not."""
    return "".join(char for char in counted if not char.isdigit() and char not in ".,'\u202f +")


def _is_token(word: str) -> bool:
    """A key, a nonce or a digest rather than a word."""
    if len(word) < _TOKEN_LENGTH or not any(char.isdigit() for char in word):
        return False
    plain = word.replace("-", "").replace("_", "").replace("=", "").replace("+", "")
    return plain.isascii() and plain.isalnum() and not plain.isdigit()
