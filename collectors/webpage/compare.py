"""Two readings of one page compared and told. Runs in a child process: pages can be long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from collectors.webpage.changes import difference, readable
from collectors.webpage.lines import Line, read_lines
from collectors.webpage.telling import Lang, Role, what_changed

_MORE = {"fr": "… et {n} autres lignes", "en": "… and {n} more lines"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """said: one line, "" where nothing changed that counts; text: the readable difference.

    moved: the two differ in more than times, counters and order, be it only by lines known to come
    and go; lines: digests of the new reading's lines.
    """

    said: str
    text: str
    moved: bool
    lines: tuple[str, ...]


def compare(
    old: Sequence[str],
    new: Sequence[str],
    *,
    seen: Collection[str],
    restless: Collection[str],
    role: Role,
    lang: Lang,
) -> Comparison:
    """old, new: lines as extract.py writes them."""
    dates = role != "changelog"
    before, after = read_lines(old, dates=dates), read_lines(new, dates=dates)
    found = difference(before, after, seen=seen, restless=restless)
    return Comparison(
        said=what_changed(found, before, after, role=role, lang=lang) if found else "",
        text=readable(found, after, more=_MORE[lang]) if found else "",
        moved=bool(found) or found.rotated,
        lines=_digests(after),
    )


def digests_of(lines: Sequence[str], *, role: Role) -> tuple[str, ...]:
    """The digests of a reading's lines, as `compare` gives them."""
    return _digests(read_lines(lines, dates=role != "changelog"))


def _digests(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.digest for line in lines if line.key))
