"""Words and phrases: wildcards, and what Vigie would read as something else."""

from __future__ import annotations

import dataclasses
import re
import unicodedata

from nlp.query.translate import wording
from nlp.query.translate.values import Effect, Said

# What is remarked on a term: the reason, and what it does.
Remark = tuple[Said, Effect]
_VIGIE_OPERATORS = frozenset({"AND", "OR", "NOT", "ET", "OU", "SAUF", "NEAR", "ONEAR"})
_VIGIE_NEAR = re.compile(r"(?:NEAR|ONEAR|PRES|PRÈS)(?:/.*)?", re.DOTALL)
_VIGIE_FIELD = re.compile(r"[^\W\d_]+[:=<>]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s]", re.IGNORECASE)
_FUZZY = re.compile(r"~\d{0,2}$")
_LEAST = 3


@dataclasses.dataclass(slots=True)
class Made:
    """text: as Vigie writes it, None where there is nothing to search; where: `url:` for a bare
    address."""

    text: str | None
    where: str = ""
    remarks: list[Remark] = dataclasses.field(default_factory=list)
    said: Said = wording.NO_WORDS
    unsupported: bool = False


def bare(text: str) -> Made:
    """A word as written, without its dialect's own signs."""
    if _ADDRESS.match(text):
        stripped = re.sub(r"(?i)^https?://(?:www\.)?|^www\.", "", text).rstrip("/")
        return Made(stripped, "url:", [(wording.ADDRESS, "")])
    made = _wild(text.lstrip("-"))
    if made.text is None:
        return made
    made.text = made.text.replace("\\", "")
    composed = unicodedata.normalize("NFC", made.text)
    if (
        composed in _VIGIE_OPERATORS
        or _VIGIE_NEAR.fullmatch(composed)
        or _VIGIE_FIELD.match(composed)
    ):
        made.text = f'"{made.text}"'
        made.remarks.append((wording.QUOTED, ""))
    return made


def phrase(text: str) -> Made:
    """The words between quotes, quoted for Vigie."""
    made = Made(None)
    words: list[str] = []
    for word in text.replace("\\", " ").replace('"', " ").split():
        if word == "*":
            made.remarks.append((wording.STAR_ALONE, ""))
            made.unsupported = True
            words.append(word)
        elif word.strip("?") == "":
            made.remarks.append((wording.MARK_ALONE, ""))
        else:
            inner = _wild(word)
            if inner.text is None:
                return inner
            made.remarks.extend(inner.remarks)
            words.append(inner.text)
    if any(word != "*" for word in words):
        made.text = f'"{" ".join(words)}"'
    return made


def without_fuzzy(text: str) -> tuple[str, list[Remark]]:
    """`roam~1`, `carsharing~`: the word alone."""
    match = _FUZZY.search(text)
    if match is None or match.start() == 0:
        return text, []
    return text[: match.start()], [(wording.FUZZY, "less")]


def accented(text: str) -> bool:
    return any(unicodedata.category(c) == "Mn" for c in unicodedata.normalize("NFD", text[:20_000]))


def exact(text: str) -> str | None:
    """The value of `case=`."""
    words = text.replace("\\", " ").replace('"', " ").split()
    if not words:
        return None
    plain = len(words) == 1 and not re.search(r"[()“”„«»:=<>*?]", words[0])
    return words[0] if plain else f'"{" ".join(words)}"'


def _wild(word: str) -> Made:
    """A word whose wildcards are where Vigie takes them."""
    if not any(sign in word for sign in "*?"):
        return Made(word)
    remarks: list[Remark] = []
    if word.startswith("*"):
        remarks.append((wording.STAR_FIRST, "less"))
        word = word.lstrip("*")
    if word.startswith("?"):
        return Made(None, said=wording.WILD_UNREADABLE, unsupported=True)
    if (star := word.find("*")) >= 0:
        if word[star:].strip("*"):
            remarks.append((wording.STAR_INSIDE, "more"))
        word = word[: star + 1]
    if word.endswith("*") and sum(c.isalnum() for c in word) < _LEAST:
        if any(effect == "more" for _, effect in remarks):
            # Cut short and then without its star, it would find another word altogether.
            return Made(None, said=wording.WILD_UNREADABLE, unsupported=True)
        remarks.append((wording.PREFIX_SHORT, "less"))
        word = word[:-1]
    return Made(word or None, remarks=remarks)
