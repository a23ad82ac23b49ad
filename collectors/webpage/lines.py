"""Lines of a page with what is needed to compare them: their section, their price, their key."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from collectors.webpage.noise import key_of
from collectors.webpage.prices import LABEL_LIMIT, Offer, canonical, offers_of

_LABELS: Final = 4
"""How far above a bare price its label is looked for, in lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """text: without its mark; level: of a heading, else 0; section: the heading above."""

    at: int
    text: str
    mark: str = ""
    level: int = 0
    section: str = ""
    key: str = ""
    offers: tuple[Offer, ...] = ()

    @property
    def digest(self) -> str:
        """The key in ten characters, for the list of lines seen before."""
        return hashlib.sha256(self.key.encode("utf-8", "replace")).hexdigest()[:10]


def read_lines(lines: Sequence[str], *, dates: bool = True) -> list[Line]:
    """Lines as extract.py writes them. dates: whether dates are noise."""
    read: list[Line] = []
    section, header = "", ""
    for at, whole in enumerate(lines):
        mark, text = _parted(whole)
        level = mark.count("#")
        section = text if level else section
        # The head of a table's columns: the first of its rows, where that bears no figure.
        if mark != "|":
            header = ""
        elif not (read and read[-1].mark == "|"):
            header = "" if any(char.isdigit() for char in text) else text
        following = _parted(lines[at + 1])[1] if at + 1 < len(lines) else ""
        found = offers_of(
            text,
            label=_label_above(read),
            header=header,
            following=following,
            structured=bool(mark),
        )
        read.append(Line(at=at, text=text, mark=mark, level=level, section=section, offers=found))
    return [_keyed(line, dates=dates) for line in _relabelled(read)]


def _keyed(line: Line, *, dates: bool) -> Line:
    """With its key; that of a price counts under its label only."""
    if not line.offers:
        return replace(line, key=key_of(line.text, dates=dates))
    label = line.offers[0].label.casefold()
    return replace(line, key=f"{label}\t{key_of(canonical(line.text), dates=dates)}")


def _relabelled(read: Sequence[Line]) -> list[Line]:
    """Where several bare prices stand under one heading, each is named by the line above it: cards
    without headings of their own."""
    bare: defaultdict[str, list[int]] = defaultdict(list)
    for line in read:
        if line.offers and line.section and line.offers[0].label == line.section[:LABEL_LIMIT]:
            above = read[line.at - 1] if line.at else None
            if above and _is_name(above):
                bare[line.section].append(line.at)
    lines = list(read)
    for places in bare.values():
        names = {read[at - 1].text for at in places}
        if len(places) < 2 or len(names) < len(places):
            continue
        for at in places:
            name = read[at - 1].text
            offers = tuple(replace(one, label=name) for one in lines[at].offers)
            lines[at] = replace(lines[at], offers=offers)
    return lines


def _is_name(line: Line) -> bool:
    words = line.text.split()
    short = len(words) <= 5 and len(line.text) <= LABEL_LIMIT and not line.text.endswith((".", ":"))
    return not line.level and not line.offers and short and line.text[:1].isalpha()


def _parted(line: str) -> tuple[str, str]:
    mark, blank, text = line.partition(" ")
    if blank and (mark in ("-", "|") or (mark and len(mark) <= 6 and not mark.strip("#"))):
        return mark, text
    return "", line


def _label_above(read: Sequence[Line]) -> str:
    """What a price without words of its own belongs to: the heading, else the line above it."""
    for line in reversed(read[-_LABELS:]):
        if line.level:
            return line.text
    if read and read[-1].section:
        return read[-1].section
    for line in reversed(read[-_LABELS:]):
        if not line.offers and len(line.text) <= 60 and any(c.isalpha() for c in line.text):
            return line.text
    return ""
