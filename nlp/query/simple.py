"""Where a plain word stands in a plain text, without taking the text apart.

Nearly all spans are of such words in such texts: ASCII, no address, each @ behind a blank. What is
found here is what `ReadText` and `Finder` find (a test holds them together); where it would take a
closer look to tell, the answer is None and they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.text import has_plain_signs

_GAP = re.compile(r"[^a-z0-9]+")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
Stretch = tuple[int, int]


def lowered(text: str) -> str | None:
    """The text in lower case where it is plain, else None."""
    if not text.isascii() or "://" in text:
        return None
    lower = text.lower()
    return None if "ww." in lower or not has_plain_signs(lower) else lower


def stretches(lower: str, form: str) -> list[Stretch] | None:
    """Every place of a word, #tag or @handle in a plain text; None where a tag holds it inside."""
    found = []
    at = lower.find(form)
    while at >= 0:
        end = at + len(form)
        before, after = lower[at - 1 : at] if at else "", lower[end : end + 1]
        if form[0] in "#@":
            if not (_in_name(before) or _in_name(after)):
                found.append((at, end))
        elif before == "_" or after == "_":
            return None
        elif before.isalnum() or after.isalnum():
            if _within_tag(lower, at):
                return None
        else:
            found.append((at, end))
        at = lower.find(form, end)
    return found


def rows(lower: str, words: Sequence[str]) -> list[Stretch] | None:
    """Every place of a phrase in a plain text, or of a tag that is the phrase written joined."""
    if "_" in lower:
        return None
    found = _tags_of_name(lower, "".join(words))
    if found is None:
        return None
    at = lower.find(words[0])
    while at >= 0:
        end = at + len(words[0])
        if not (at and lower[at - 1].isalnum()) and (stop := _followed(lower, end, words[1:])):
            found.append((at, stop))
        at = lower.find(words[0], end)
    return found


def _tags_of_name(lower: str, name: str) -> list[Stretch] | None:
    """The tags with just that name; None where it stands inside a longer one."""
    found = []
    at = lower.find(name)
    while at >= 0:
        end = at + len(name)
        if _within_tag(lower, at):
            if lower[at - 1].isalnum() or lower[end : end + 1].isalnum():
                return None
            found.append((at, end))
        at = lower.find(name, end)
    return found


def _followed(lower: str, end: int, words: Sequence[str]) -> int:
    """Where a phrase ends whose first word ends there; 0 where the text goes on otherwise."""
    for word in words:
        gap = _GAP.match(lower, end)
        if gap is None or _PARAGRAPH.search(gap[0]) or not lower.startswith(word, gap.end()):
            return 0
        end = gap.end() + len(word)
    return 0 if lower[end : end + 1].isalnum() else end


def _in_name(character: str) -> bool:
    return character.isalnum() or character == "_"


def _within_tag(lower: str, at: int) -> bool:
    while at and _in_name(lower[at - 1]):
        at -= 1
    # Behind a letter the sign makes no tag.
    return at > 0 and lower[at - 1] in "#@" and not (at > 1 and _in_name(lower[at - 2]))
