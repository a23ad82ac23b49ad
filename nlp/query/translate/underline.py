"""The pasted text with each part that was not carried over as it stood underlined, and explained
below its line. What is shown is safe for a terminal: no control character, no change of direction,
one line for one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from nlp.query.translate.values import Issue, IssueKind, Translation
from nlp.query.translate.wording import KINDS, shown
from nlp.query.values import Lang

WIDTH = 100
MOST = 100
_MORE = ("… et {n} autres parties.", "… and {n} more parts.")


def underlined(text: str, translation: Translation, lang: Lang) -> str:
    """Lines of at most WIDTH characters; a line without a mark stands alone."""
    marks = _marks(len(text), translation.parts)
    parts = list(translation.parts[:MOST])
    lines: list[str] = []
    for start, end in _lines(text):
        lines.append("".join(_safe(c) for c in text[start:end]))
        below = "".join(_under(text[at : at + 1], marks[at]) for at in range(start, end))
        # A part of no length at the end of the line still shows where it is.
        below += "~" if start == end and marks[start] else ""
        if below.strip():
            lines.append(below.rstrip())
        here = [part for part in parts if part.start < end or end >= len(text)]
        parts = parts[len(here) :]
        lines.extend(_explained(text, here, lang))
    if (rest := len(translation.parts) - MOST) > 0:
        lines.append(_MORE[lang == "en"].format(n=rest))
    return "\n".join(lines)


def _marks(length: int, parts: tuple[Issue, ...]) -> list[bool]:
    """Per character whether a part covers it; by steps up and down, whatever they overlap."""
    steps = [0] * (length + 2)
    for part in parts:
        start = min(part.start, length)
        steps[start] += 1
        steps[min(max(part.end, start + 1), length + 1)] -= 1
    return [depth > 0 for depth in accumulate(steps)]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where lines start and end; long ones are cut."""
    at = 0
    while at < len(text):
        stop = text.find("\n", at, at + WIDTH)
        end = stop if stop >= 0 else min(at + WIDTH, len(text))
        yield at, end
        at = end + (stop >= 0)
    if not text:
        yield 0, 0


def _explained(text: str, parts: list[Issue], lang: Lang) -> Iterator[str]:
    """A line for each thing to say; what the same is said of stands together."""
    same: dict[tuple[IssueKind, str], list[str]] = {}
    for part in parts:
        what = shown(text[part.start : part.end])
        same.setdefault((part.kind, part.message(lang)), []).extend([what] if what else [])
    colon = " : " if lang == "fr" else ": "
    for (kind, message), named in same.items():
        what = ", ".join(dict.fromkeys(named))
        yield f"  {KINDS[kind].message(lang)}{colon}{what}{colon if what else ''}{message}"


def _safe(char: str) -> str:
    """The character, or a blank where it could move the cursor, hide or turn the line."""
    if char == "\u200d":
        return char
    return " " if unicodedata.category(char)[0] in "CZ" else char


def _under(char: str, marked: bool) -> str:
    """As many columns as the character takes."""
    if unicodedata.category(char) in ("Mn", "Me") or char == "\u200d":
        return ""
    width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return ("~" if marked else " ") * width
