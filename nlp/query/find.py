"""Exact evaluation of one term or phrase on one text: where it occurs.

A phrase is run as a set of positions that moves over the tokens, so the work is at most (tokens
where it may begin) × (its parts) × 2: linear in the text for a given query, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

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


class Finds(Protocol):
    """Finds one term, phrase or distance in a text."""

    def find(self, text: ReadText) -> list[Occurrence]: ...

    def find_every(self, text: ReadText) -> list[Occurrence]: ...


class Inflects(Protocol):
    """Every folded form of a word, the word itself among them."""

    def __call__(self, form: str) -> frozenset[str]: ...


class Probe:
    """One word of a query, made ready to be held against the words of a text."""

    __slots__ = ("_forms", "_regex", "anything", "form", "part")

    def __init__(self, part: Part, inflections: Inflects) -> None:
        self.part = part
        self.form = part.form
        self.anything = part.wild == "any"
        self._forms = inflections(part.form) if part.lemma else None
        self._regex = re.compile(_pattern(part.form), re.DOTALL) if part.wild == "pattern" else None

    @property
    def forms(self) -> frozenset[str] | None:
        """The words it can be, None where they cannot be listed."""
        if self._regex is not None or self.anything:
            return None
        return self._forms or frozenset((self.form,))

    def accepts(self, form: str) -> bool:
        if self._regex is not None:
            return self._regex.fullmatch(form) is not None
        if self._forms is not None:
            return form in self._forms
        return self.anything or form == self.form

    def positions(self, text: ReadText) -> list[int]:
        """Where it may stand; signs, case and what stands before are not looked at."""
        if self._forms is not None:
            return sorted({at for form in self._forms for at in text.positions(form)})
        if self._regex is None and not self.anything:
            return text.positions(self.form)
        forms = text.bare if self.part.kind == "word" else text.forms
        return [at for at, form in enumerate(forms) if form and self.accepts(form)]

    def holds(self, text: ReadText, at: int) -> int:
        """Folded end of the word (with its signs) at a position, or -1."""
        if at >= len(text.forms) or not text.forms[at]:
            return -1
        part = self.part
        if part.kind == "word":
            if not self.accepts(text.bare[at]) or not self._as_written(text, at):
                return -1
        elif not self.accepts(text.forms[at]) and not self.accepts(text.full.get(at, "")):
            return -1
        if part.glued and (at == 0 or text.spans[at - 1][1] != text.spans[at][0]):
            return -1
        return sign_end(text, at, part.signs) if part.signs else text.spans[at][1]

    def _as_written(self, text: ReadText, at: int) -> bool:
        """`case=` finds hashtags letter for letter and no handles; a phrase steps over none."""
        exact = self.part.exact
        if exact is None and not self.anything:
            return True
        sign = text.forms[at][0] if text.is_tag(at) else ""
        if sign == "@":
            return False
        return exact is None or exact_form(text.raw(at)[len(sign) :]) == exact


def _pattern(form: str) -> str:
    """`wom?n*` as a regular expression: one class and one open end, so it is linear."""
    ending = ".*" if form.endswith("*") else ""
    body = re.escape(form.rstrip("*")).replace(r"\?", r"[^\W_]")
    return body + ending


class _Unit:
    """The parts of a unit, and the form in which they are written joined."""

    __slots__ = ("joined", "probes")

    def __init__(self, unit: Unit, inflections: Inflects) -> None:
        self.probes = [Probe(part, inflections) for part in unit.parts]
        self.joined = Probe(unit.joined, inflections) if unit.joined else None

    def steps(self, text: ReadText, at: int) -> Iterator[tuple[int, int]]:
        """Where the text goes on behind the unit at position `at`, and how far to show it."""
        if self.joined is not None and (end := self.joined.holds(text, at)) >= 0:
            yield at + 1, end
        end = -1
        for step, probe in enumerate(self.probes, start=at):
            end = probe.holds(text, step)
            if end < 0:
                return
        yield at + len(self.probes), end

    def piece_steps(self, pieces: Sequence[Piece], at: int, *, followed: bool) -> Iterator[int]:
        """The same within the split words of a tag."""
        if self.joined is not None and at < len(pieces) and self.joined.accepts(pieces[at].form):
            yield at + 1
        for probe in self.probes:
            if at >= len(pieces) or not probe.accepts(pieces[at].form):
                return
            if probe.part.glued and not pieces[at].glued:
                return
            at += 1
            # Signs can only stand behind the last word of a tag.
            if probe.part.signs and not (followed and at == len(pieces)):
                return
        yield at


class Finder:
    """Finds one `Words` in order. Made once per distinct term, however many queries hold it."""

    __slots__ = (
        "_exact", "_hint", "_name", "_parts", "_plain", "_row", "_tags_only", "_units",
        "_within_tags",
    )  # fmt: skip

    def __init__(self, words: Words, inflections: Inflects) -> None:
        self._units = [_Unit(unit, inflections) for unit in words.units]
        parts = self._parts = [part for unit in words.units for part in unit.parts]
        self._exact = parts[0].exact is not None
        single = parts[0] if len(parts) == 1 else None
        self._plain = single.form if single is not None and is_plain(single) else None
        # A phrase with a #tag, a @handle or an emoji in it cannot stand inside one tag.
        self._within_tags = all(part.kind == "word" for part in parts)
        self._name = _whole_name(parts, self._units, inflections)
        self._tags_only = {"hashtag": "#", "mention": "@"}.get(words.scope, "")
        plain = [part.form for part in parts if is_plain(part)]
        # What a tag's name must hold for a closer look to be worth it.
        self._hint = max(plain, key=len, default="") if self._within_tags else ""
        simple = len(plain) == len(parts) and not any(part.glued for part in parts)
        whole_units = all(unit.joined is None for unit in words.units)
        self._row = plain if simple and whole_units and self._within_tags else None

    def find(self, text: ReadText) -> list[Occurrence]:
        """Every occurrence, by place."""
        if self._tags_only:
            return list(self._in_tags(text)) if text.tags else []
        if self._plain is not None and not (text.tags and self._within_tags):
            return self._plainly(text, self._plain)
        if self._row and not text.tags:
            return self._in_a_row(text, self._row)
        found = list(self._in_prose(text))
        if text.tags and self._within_tags:
            found.extend(self._in_tags(text))
            found.sort()
        return found

    def find_every(self, text: ReadText) -> list[Occurrence]:
        """The same with each way in which a tag holds it: whole, and as some of its words."""
        if not (text.tags and self._within_tags):
            return self.find(text)
        prose = () if self._tags_only else self._in_prose(text)
        return sorted({*prose, *self._in_tags(text, every=True)})

    def _plainly(self, text: ReadText, form: str) -> list[Occurrence]:
        spans = text.spans
        return [Occurrence(at, at + 1, *spans[at]) for at in text.positions(form)]

    def _in_a_row(self, text: ReadText, row: list[str]) -> list[Occurrence]:
        """Plain words, one behind the other: most phrases, and most texts have no tags."""
        forms, spans, length = text.forms, text.spans, len(row)
        return [
            Occurrence(at, at + length, spans[at][0], spans[at + length - 1][1])
            for at in text.positions(row[0])
            if forms[at : at + length] == row
        ]

    def _in_prose(self, text: ReadText) -> Iterator[Occurrence]:
        first = self._units[0]
        starts = set(first.probes[0].positions(text))
        if first.joined is not None:
            starts.update(first.joined.positions(text))
        if len(self._parts) == 1 and self._within_tags:
            starts.difference_update(text.tags)  # Read as tags, below.
        for start in sorted(starts):
            ends = {(start, -1)}
            for unit in self._units:
                ends = {later for at, _ in ends for later in unit.steps(text, at)}
                if not ends:
                    break
            # Each way to write it is an occurrence: a distance may start from either.
            for last, shown_to in sorted(ends):
                yield Occurrence(start, last, self._shown_from(text, start), shown_to)

    def _shown_from(self, text: ReadText, start: int) -> int:
        signed = self._parts[0].kind == "word" and text.is_tag(start)
        return text.spans[start][0] + signed

    def _in_tags(self, text: ReadText, *, every: bool = False) -> Iterator[Occurrence]:
        for at in text.tags:
            form = text.forms[at]
            if self._hint not in form or (self._tags_only and form[0] != self._tags_only):
                continue
            for start, stop in self._inside(text, at):
                offset = text.name_start(at)
                end = self._signed_end(text, at) or offset + stop
                yield Occurrence(at, at + 1, offset + start, end, raw=True)
                if not every:
                    break

    def _signed_end(self, text: ReadText, at: int) -> int:
        """Where the signs behind a tag end in the original, 0 where none belong to the term."""
        signs = self._parts[-1].signs
        return text.place(0, sign_end(text, at, signs))[1] if signs else 0

    def _inside(self, text: ReadText, at: int) -> Iterator[tuple[int, int]]:
        """The stretches of the tag's raw name that hold the whole phrase."""
        if not self._within_tags:
            return
        if self._exact:
            yield from self._letter_for_letter(text, at)
            return
        pieces = text.pieces(at)
        signs = self._parts[-1].signs
        followed = not signs or sign_end(text, at, signs) >= 0
        inner = any(part.signs for part in self._parts[:-1])
        whole = self._name is not None and self._name.accepts(text.forms[at][1:])
        # A name of combining marks alone folds to nothing: it has no piece and holds no phrase.
        if pieces and whole and followed and not inner:
            yield 0, pieces[-1].end
        for start in range(len(pieces)):
            stop = self._run(pieces, start, followed=followed)
            if stop > 0:
                yield pieces[start].start, pieces[stop - 1].end

    def _letter_for_letter(self, text: ReadText, at: int) -> Iterator[tuple[int, int]]:
        """`case=` inside a tag: the hashtag's whole name."""
        wanted = "".join(part.exact or "" for part in self._parts)
        name = text.name(at)
        signs = self._parts[-1].signs
        inner = any(part.signs for part in self._parts[:-1])
        followed = not signs or sign_end(text, at, signs) >= 0
        if text.forms[at][0] == "#" and exact_form(name) == wanted and followed and not inner:
            yield 0, len(name)

    def _run(self, pieces: Sequence[Piece], start: int, *, followed: bool) -> int:
        """The index behind the pieces that spell the phrase from `start` on, or -1."""
        ends = {start}
        for unit in self._units:
            ends = {
                later for at in ends for later in unit.piece_steps(pieces, at, followed=followed)
            }
        return max(ends, default=-1)


def is_plain(part: Part) -> bool:
    """Whether a word stands for itself and nothing else: no sign, case, wildcard or inflection."""
    return not (part.exact is not None or part.signs or part.wild or part.lemma)


def _whole_name(
    parts: Sequence[Part], units: Sequence[_Unit], inflections: Inflects
) -> Probe | None:
    """What a tag's whole name must be to be the phrase written joined."""
    if len(parts) == 1:
        return units[0].probes[0]
    inner = any(part.form.endswith("*") for part in parts[:-1])
    if inner or any(part.lemma or part.wild == "any" for part in parts):
        return None
    wild = any(part.wild for part in parts)
    joined = Part("".join(part.form for part in parts), wild="pattern" if wild else "")
    return Probe(joined, inflections)


def sign_end(text: ReadText, at: int, signs: str) -> int:
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


def words_of(units: Iterable[Unit]) -> list[Part]:
    return [part for unit in units for part in unit.parts]
