"""Exact evaluation of one term or phrase on one text: where it occurs.

A phrase is run as a set of positions that moves over the tokens, so the work is at most (tokens
where it may begin) × (its parts) × 2: linear in the text for a given query, whatever the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nlp.query.ast import Part, Unit, Words
from nlp.query.units import exact_form
from nlp.text import Piece, ReadText


class Occurrence(NamedTuple):
    """Positions [first, last) among the tokens, and the stretch to show: of the folded text, or
    of the original where `raw` (inside a tag)."""

    first: int
    last: int
    start: int
    end: int
    raw: bool = False


class Finder:
    """Finds one `Words`. Made once per distinct term, however many queries hold it."""

    __slots__ = (
        "_exact",
        "_first",
        "_joined",
        "_single",
        "_tag_units",
        "cover",
        "pattern",
        "units",
    )

    def __init__(self, words: Words) -> None:
        self.units = words.units
        parts = [part for unit in words.units for part in unit.parts]
        first = words.units[0]
        self._exact = parts[0].exact is not None
        plain = len(parts) == 1 and not self._exact and not parts[0].signs
        self._single = parts[0] if plain else None
        self._first = {first.parts[0].form} | ({first.joined.form} if first.joined else set())
        # A phrase with a #tag, a @handle or an emoji in it cannot stand inside one tag.
        self._tag_units = self.units if all(part.kind == "word" for part in parts) else ()
        self._joined = "".join(part.form for part in parts)
        self.cover = required_texts(words.units)
        self.pattern = _longest_run(words.units)

    def find(self, text: ReadText) -> list[Occurrence]:
        """Every occurrence, by place."""
        if self._single is not None and (self._single.kind != "word" or not text.tags):
            spans = text.spans
            return [
                Occurrence(at, at + 1, *spans[at]) for at in text.where.get(self._single.form, ())
            ]
        found = list(self._in_prose(text))
        if text.tags and self._tag_units:
            found.extend(self._in_tags(text))
            found.sort()
        return found

    def _in_prose(self, text: ReadText) -> Iterator[Occurrence]:
        starts = {at for form in self._first for at in text.where.get(form, ())}
        if len(self.units) > 1 or len(self.units[0].parts) > 1:
            starts.update(text.tags)
        for start in sorted(starts):
            ends = [(start, -1)]
            for unit in self.units:
                ends = [later for at, _ in ends for later in _steps(text, at, unit)]
            if ends:
                last, shown_to = max(ends)
                yield Occurrence(start, last, self._shown_from(text, start), shown_to)

    def _shown_from(self, text: ReadText, start: int) -> int:
        signed = text.forms[start][0] in "#@" and self.units[0].parts[0].kind == "word"
        return text.spans[start][0] + signed

    def _in_tags(self, text: ReadText) -> Iterator[Occurrence]:
        for at in text.tags:
            stretch = self._inside(text, at)
            if stretch is not None:
                offset = text.name_start(at)
                yield Occurrence(at, at + 1, offset + stretch[0], offset + stretch[1], raw=True)

    def _inside(self, text: ReadText, at: int) -> tuple[int, int] | None:
        """The stretch of the tag's raw name that holds the whole phrase."""
        name = text.forms[at][1:]
        if self.pattern not in name:
            return None
        if self._exact:
            return _exactly(text, at, self.units)
        pieces = text.pieces(at)
        signs = self.units[-1].parts[-1].signs
        followed = not signs or _sign_end(text, at, signs) >= 0
        if name == self._joined and followed and not _inner_signs(self.units):
            return 0, pieces[-1].end
        for start in range(len(pieces)):
            stop = _run(pieces, start, self.units, followed=followed)
            if stop > 0:
                return pieces[start].start, pieces[stop - 1].end
        return None


def _runs(units: Iterable[Unit]) -> Iterator[tuple[str, str]]:
    """Texts that stand unbroken in every occurrence, with the signs that must follow."""
    for unit in units:
        run = ""
        for part in unit.parts:
            run = run + part.form if part.glued else part.form
            yield run, part.signs


def _longest_run(units: Iterable[Unit]) -> str:
    return max((run for run, _ in _runs(units)), key=len)


def required_texts(units: Iterable[Unit]) -> frozenset[str]:
    """Texts of which every occurrence, whatever its form, holds one in the folded text. Signs
    count, with and without the space before them: `h` alone would be everywhere."""
    run, signs = max(_runs(units), key=lambda found: len(found[0] + found[1]))
    return frozenset({run + signs, f"{run} {signs}"} if signs else {run})


def _steps(text: ReadText, at: int, unit: Unit) -> Iterator[tuple[int, int]]:
    """Where the text goes on behind `unit` at position `at`, and how far to show it."""
    if unit.joined is not None and (end := _holds(text, at, unit.joined)) >= 0:
        yield at + 1, end
    end = -1
    for step, part in enumerate(unit.parts, start=at):
        end = _holds(text, step, part)
        if end < 0:
            return
    yield at + len(unit.parts), end


def _holds(text: ReadText, at: int, part: Part) -> int:
    """Folded end of `part` (with its signs) at a position, or -1."""
    if at >= len(text.forms):
        return -1
    form = text.forms[at]
    same = form == part.form or text.full.get(at) == part.form
    if not same and not _tag_holds(text, at, part):
        return -1
    if part.glued and (at == 0 or text.spans[at - 1][1] != text.spans[at][0]):
        return -1
    if same and part.exact is not None and exact_form(text.raw(at)) != part.exact:
        return -1
    return _sign_end(text, at, part.signs) if part.signs else text.spans[at][1]


def _tag_holds(text: ReadText, at: int, part: Part) -> bool:
    """Whether the tag or handle at a position is the word: it counts as one, so that
    `"air france"` is not found across `#AirBnb #FranceInter`."""
    form = text.forms[at]
    if part.kind != "word" or form[:1] not in ("#", "@") or form[1:] != part.form:
        return False
    return part.exact is None or (form[0] == "#" and exact_form(text.raw(at)[1:]) == part.exact)


def _sign_end(text: ReadText, at: int, signs: str) -> int:
    """Folded end of the signs behind a token, or -1. `50 %` and `H & M` are written with a space;
    `C #` is not, for that would be a tag."""
    end = text.spans[at][1]
    folded = text.folded
    if folded[end : end + 1] == " " and signs[0] != "#":
        end += 1
    if not folded.startswith(signs, end):
        return -1
    end += len(signs)
    # `C+` does not match `C++`.
    return -1 if folded[end : end + 1] == signs[-1] else end


def _exactly(text: ReadText, at: int, units: tuple[Unit, ...]) -> tuple[int, int] | None:
    """`case=` inside a tag: the hashtag's whole name, letter for letter."""
    wanted = "".join(part.exact or "" for unit in units for part in unit.parts)
    raw = text.raw(at)
    if text.forms[at][0] != "#" or exact_form(raw[1:]) != wanted or _inner_signs(units):
        return None
    return 0, len(raw) - 1


def _inner_signs(units: tuple[Unit, ...]) -> bool:
    parts = [part for unit in units for part in unit.parts]
    return any(part.signs for part in parts[:-1])


def _run(pieces: list[Piece], start: int, units: tuple[Unit, ...], *, followed: bool) -> int:
    """The index behind the pieces that spell `units` from `start` on, or -1."""
    ends = {start}
    for unit in units:
        ends = {later for at in ends for later in _piece_steps(pieces, at, unit, followed)}
    return max(ends, default=-1)


def _piece_steps(pieces: list[Piece], at: int, unit: Unit, followed: bool) -> Iterator[int]:
    if unit.joined is not None and at < len(pieces) and pieces[at].form == unit.joined.form:
        yield at + 1
    for part in unit.parts:
        if at >= len(pieces) or pieces[at].form != part.form:
            return
        if part.glued and not pieces[at].glued:
            return
        at += 1
        # Signs can only stand behind the last word of a tag.
        if part.signs and not (followed and at == len(pieces)):
            return
    yield at
