"""One text made ready for exact evaluation: folded, tokenised, and mapped back on demand."""

from __future__ import annotations

from nlp.text.fold import OffsetMap, fold
from nlp.text.tags import Piece, split
from nlp.text.words import Stretch, tokenise


class ReadText:
    """A text with its tokens. The costly parts (map, split tags) are made when first asked."""

    __slots__ = ("_map", "_pieces", "folded", "forms", "full", "original", "spans", "tags", "where")

    def __init__(self, original: str, folded: str | None = None) -> None:
        self.original = original
        self.folded = fold(original) if folded is None else folded
        tokens = tokenise(self.folded)
        self.forms = tokens.forms
        self.spans = tokens.spans
        self.tags = tokens.tags
        self.full = tokens.full
        self.where: dict[str, list[int]] = {}
        for position, form in enumerate(tokens.forms):
            self.where.setdefault(form, []).append(position)
        for position, form in tokens.full.items():
            self.where.setdefault(form, []).append(position)
        self._map: OffsetMap | None = None
        self._pieces: dict[int, list[Piece]] = {}

    def place(self, start: int, end: int) -> Stretch:
        """Folded positions → code points of the original."""
        if self._map is None:
            self._map = OffsetMap(self.original)
        return self._map.start(start), self._map.end(end)

    def raw(self, position: int) -> str:
        """The letters of a token as they were written."""
        start, end = self.place(*self.spans[position])
        return self.original[start:end]

    def name_start(self, position: int) -> int:
        """Where the name of a tag or handle begins in the original, behind its sign."""
        start = self.spans[position][0]
        return self.place(start + 1, start + 2)[0]

    def pieces(self, position: int) -> list[Piece]:
        """The words into which the tag or handle at `position` splits."""
        known = self._pieces.get(position)
        if known is None:
            start = self.spans[position][0]
            # A fediverse handle's host is no part of its name.
            first, last = self.place(start + 1, start + len(self.forms[position]))
            known = self._pieces[position] = split(self.original[first:last])
        return known
