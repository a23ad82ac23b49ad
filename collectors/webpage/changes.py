"""What differs between two readings of a page, and how to show it. Pure.

Lines are compared as a bag: a page that shows the same in another order has not changed. A line
that was there in one of the last readings and comes back has not come new, unless it bears a price;
and one that is known to come and go is not missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from collectors.webpage.lines import Line

SHOWN_LINES: Final = 60
SHOWN_BYTES: Final = 8_192
_LONG: Final = 240
"""Characters above which an unchanged stretch of a line is shortened."""
_AROUND: Final = 8
"""Words shown on both sides of a change in a long line."""
_PAIRABLE: Final = 120
"""Lines that went or came up to which the changed ones are paired; beyond, a page is another."""
_LIKENESS: Final = 0.5
_WITHIN: Final = 4
"""Words that two lines have to share to count as one that grew."""
_WORDS: Final = 120
"""Words of a line by which its counterpart is found."""
_COMPARABLE: Final = 22_500
"""Words that went times words that came, of one line, up to which they are aligned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """pairs: (old, new) of lines that changed; gone and come: those with no counterpart."""

    pairs: tuple[tuple[Line, Line], ...] = ()
    gone: tuple[Line, ...] = ()
    come: tuple[Line, ...] = ()
    rotated: bool = False
    """Something differed that is known to come and go."""

    def __bool__(self) -> bool:
        return bool(self.pairs or self.gone or self.come)

    @property
    def removed(self) -> tuple[Line, ...]:
        return (*(old for old, _ in self.pairs), *self.gone)

    @property
    def added(self) -> tuple[Line, ...]:
        return (*(new for _, new in self.pairs), *self.come)


def difference(
    old: Sequence[Line],
    new: Sequence[Line],
    *,
    seen: Collection[str] = (),
    restless: Collection[str] = (),
) -> Difference:
    """seen: digests of lines of earlier readings; restless: of those that come and go."""
    before = Counter(line.key for line in old if line.key)
    after = Counter(line.key for line in new if line.key)
    all_gone = _surplus(old, before - after)
    all_come = _surplus(new, after - before)
    gone = [line for line in all_gone if line.offers or line.digest not in restless]
    come = [
        line
        for line in all_come
        if line.offers or (line.digest not in seen and line.digest not in restless)
    ]
    pairs = _paired(gone, come)
    paired = {id(line) for pair in pairs for line in pair}
    return Difference(
        pairs=tuple(pairs),
        gone=tuple(line for line in gone if id(line) not in paired),
        come=tuple(line for line in come if id(line) not in paired),
        rotated=len(gone) < len(all_gone) or len(come) < len(all_come),
    )


def _surplus(lines: Sequence[Line], counts: Counter[str]) -> list[Line]:
    """The lines that are more often on this side; the last ones of several equal."""
    left, found = Counter(counts), []
    for line in reversed(lines):
        if left[line.key] > 0:
            left[line.key] -= 1
            found.append(line)
    return found[::-1]


def _paired(gone: Sequence[Line], come: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Old and new forms of one line, the likest first; in the order of the new page."""
    if not gone or not come or len(gone) > _PAIRABLE or len(come) > _PAIRABLE:
        return []
    bags_old = [_bag(line) for line in gone]
    bags_new = [_bag(line) for line in come]
    ranked = sorted(
        (-likeness, a, b)
        for a, old in enumerate(gone)
        for b, new in enumerate(come)
        if (likeness := _likeness(old, new, bags_old[a], bags_new[b])) >= _LIKENESS
    )
    taken_old: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, a, b in ranked:
        if a not in taken_old and all(b != other for _, other in pairs):
            taken_old.add(a)
            pairs.append((a, b))
    return [(gone[a], come[b]) for a, b in sorted(pairs, key=lambda pair: pair[1])]


def _bag(line: Line) -> Counter[str]:
    return Counter(line.text.casefold().split()[:_WORDS])


def _likeness(old: Line, new: Line, a: Counter[str], b: Counter[str]) -> float:
    """0..1 by shared words; a little more for lines of one section and one kind."""
    if old.offers and new.offers and old.offers[0].label == new.offers[0].label:
        return 1.0
    if (old.level > 0) != (new.level > 0):
        return 0.0
    shared, whole = sum((a & b).values()), sum((a | b).values())
    if not shared:
        return 0.0
    bonus = 0.1 if old.section == new.section else 0.0
    # A line that only grew or shrank is the same line, however much came.
    within = 0.9 * shared / min(sum(a.values()), sum(b.values())) if shared >= _WITHIN else 0.0
    return max(shared / whole, within) + bonus


def words_changed(found: Difference) -> int:
    """How many words differ: of each changed line the longer side of each change."""
    total = sum(len(line.text.split()) for line in (*found.gone, *found.come))
    for old, new in found.pairs:
        for op, a1, a2, b1, b2 in _opcodes(_words(old), _words(new)):
            total += max(a2 - a1, b2 - b1) if op != "equal" else 0
    return total


def _words(line: Line) -> list[str]:
    """Without the punctuation around them: "team." and "team" are one word."""
    return [word.strip('.,;:!?…()«»“”"') or word for word in line.text.split()]


Step = tuple[str, int, int, int, int]


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """Steps from one to the other, as difflib tells them, in bounded time.

    difflib takes cubic time on words that repeat; so only what lies between the common beginning
    and end is given to it, and a stretch too long for it counts as replaced whole.
    """
    short = min(len(old), len(new))
    head = 0
    while head < short and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < short - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    steps: list[Step] = [("equal", 0, head, 0, head)] if head else []
    if len(a) * len(b) > _COMPARABLE or not a or not b:
        steps += [("replace", head, head + len(a), head, head + len(b))] if a or b else []
    else:
        for op, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            steps.append((op, head + a1, head + a2, head + b1, head + b2))
    if tail:
        steps.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return steps


def readable(found: Difference, new: Sequence[Line], *, more: str = "… +{n}") -> str:
    """The difference for people: by section, each with the unchanged line above the change.

    "− " begins a line that went, "+ " one that came; changed words stand in [brackets]. Cut to
    SHOWN_LINES and SHOWN_BYTES, `more` (with {n}) telling how many lines are left out.
    """
    shown: list[str] = []
    size = 0
    everything = list(_shown(found, new))
    for number, line in enumerate(everything):
        size += len(line.encode("utf-8", "replace")) + 1
        if number >= SHOWN_LINES or size > SHOWN_BYTES:
            shown.append(more.replace("{n}", str(len(everything) - number)))
            break
        shown.append(line)
    return "\n".join(shown)


def _shown(found: Difference, new: Sequence[Line]) -> Iterator[str]:
    sections: defaultdict[str, list[tuple[Line, list[str]]]] = defaultdict(list)
    for old, line in found.pairs:
        before, after = marked(old.text, line.text)
        sections[line.section].append((line, [f"− {before}", f"+ {after}"]))
    for line in found.come:
        sections[line.section].append((line, [f"+ {line.text}"]))
    at = {id(line): line.at for _, line in found.pairs} | {id(line): line.at for line in found.come}
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for line in found.gone:
        gone[line.section].append(f"− {line.text}")
    fresh = {line.at for line in found.added}
    for section in sorted(sections, key=lambda name: min(at[id(one)] for one, _ in sections[name])):
        yield from _section(section, sections[section], gone.pop(section, []), new, fresh)
    for section, lines in gone.items():
        yield from _headed(section, lines)


def _section(
    name: str,
    changes: list[tuple[Line, list[str]]],
    gone: list[str],
    new: Sequence[Line],
    fresh: Collection[int],
) -> Iterator[str]:
    ordered = sorted(changes, key=lambda one: one[0].at)
    own_heading = any(line.level and line.text == name for line, _ in ordered)
    lines = list(gone)
    for line, texts in ordered:
        above = new[line.at - 1] if 0 < line.at <= len(new) else None
        if above and above.at not in fresh and not above.level and above.section == name:
            lines.append(f"  {_shortened(above.text)}")
        lines += texts
    yield from lines if own_heading else _headed(name, lines)


def _headed(name: str, lines: Sequence[str]) -> Iterator[str]:
    if name and not any(line[2:] == name for line in lines):
        yield f"  {_shortened(name)}"
    yield from lines


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else text[:99].rstrip() + "…"


def marked(old: str, new: str) -> tuple[str, str]:
    """Both texts with what differs in brackets; long unchanged stretches are shortened.

    Lines that share nothing are returned as they are.
    """
    a, b = old.split(), new.split()
    steps = _opcodes(a, b)
    if not any(op == "equal" for op, *_ in steps):
        return old, new
    short = max(len(old), len(new)) > _LONG
    left, right = [], []
    for number, (op, a1, a2, b1, b2) in enumerate(steps):
        if op == "equal":
            kept = _stretch(a[a1:a2], first=number == 0, last=number == len(steps) - 1, short=short)
            left.append(kept)
            right.append(kept)
            continue
        if a2 > a1:
            left.append(f"[{' '.join(a[a1:a2])}]")
        if b2 > b1:
            right.append(f"[{' '.join(b[b1:b2])}]")
    return " ".join(left), " ".join(right)


def _stretch(words: Sequence[str], *, first: bool, last: bool, short: bool) -> str:
    if not short or len(words) <= (_AROUND if first or last else 2 * _AROUND) + 2:
        return " ".join(words)
    head = [] if first else list(words[:_AROUND])
    tail = [] if last else list(words[-_AROUND:])
    return " ".join([*head, "…", *tail])
