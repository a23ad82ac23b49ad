"""One text made ready for exact evaluation: folded, tokenised, and mapped back on demand."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

from nlp.text.fold import OffsetMap, fold
from nlp.text.tags import Piece, split
from nlp.text.words import Stretch, Tokens, addresses, tokenise

_FEW = 48
"""Words below which looking through them beats an index of them."""


class ReadText:
    """A text with its tokens. What costs (map, index, split tags) is made when first asked."""

    __slots__ = (
        "_bare", "_map", "_pieces", "_segments", "_tokens", "_where", "folded", "forms", "full",
        "original", "tags",
    )  # fmt: skip

    def __init__(self, original: str, folded: str | None = None) -> None:
        self.original = original
        self.folded = fold(original) if folded is None else folded
        self._tokens: Tokens = tokenise(self.folded)
        self.forms = self._tokens.forms
        self.tags = self._tokens.tags
        self.full = self._tokens.full
        self._bare: list[str] | None = None
        self._where: dict[str, list[int]] | None = None
        self._segments: list[int] | None = None
        self._map: OffsetMap | None = None
        self._pieces: dict[int, tuple[Piece, ...]] = {}

    @property
    def spans(self) -> list[Stretch]:
        """Folded start and end of each token."""
        return self._tokens.spans

    @property
    def bare(self) -> list[str]:
        """The forms, tags and handles without their sign."""
        if not self.tags:
            return self.forms
        known = self._bare
        if known is None:
            known = self._bare = list(self.forms)
            for position in self.tags:
                known[position] = known[position][1:]
        return known

    @property
    def segments(self) -> list[int]:
        """For each token the number of addresses and paragraph breaks up to it: a phrase or
        distance stays within one."""
        known = self._segments
        if known is None:
            known = self._segments = list(accumulate(not form for form in self.forms))
        return known

    def is_tag(self, position: int) -> bool:
        """Whether a tag or handle stands there; the emoji #⃣ begins with the sign too."""
        form = self.forms[position]
        return form[:1] in ("#", "@") and form[1:2] != "\u20e3"

    def signed_names(self) -> list[str]:
        """The tags and handles with their sign, as written."""
        return [self.forms[position][0] + self.name(position) for position in self.tags]

    def positions(self, form: str) -> list[int]:
        """Where a form stands. A word also stands where a tag or handle has just that name; with
        its sign in front only the tag or handle itself will do."""
        forms = self.forms if form[0] in "#@" else self.bare
        if len(forms) > _FEW:
            return self._index().get(form, [])
        found = [at for at, one in enumerate(forms) if one == form] if form in forms else []
        if self.full:
            found += [at for at, one in self.full.items() if one == form]
        return found

    def _index(self) -> dict[str, list[int]]:
        where = self._where
        if where is None:
            where = self._where = {}
            for at, form in enumerate(self.forms):
                where.setdefault(form, []).append(at)
            for at in self.tags:
                where.setdefault(self.forms[at][1:], []).append(at)
            for at, form in self.full.items():
                where.setdefault(form, []).append(at)
            for name in {self.forms[at][1:] for at in self.tags}:
                where[name].sort()
        return where

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

    def name(self, position: int) -> str:
        """The name of a tag or handle as written; a fediverse handle's host is no part of it."""
        start = self.spans[position][0]
        first, last = self.place(start + 1, start + len(self.forms[position]))
        return self.original[first:last]

    def pieces(self, position: int) -> tuple[Piece, ...]:
        """The words into which the tag or handle at `position` splits."""
        known = self._pieces.get(position)
        if known is None:
            known = self._pieces[position] = pieces_of(self.name(position))
        return known

    def addresses(self) -> list[str]:
        """The URLs in the text, folded; e-mail addresses are none."""
        if "://" not in self.folded and "www." not in self.folded:
            return []
        found = [self.folded[start:end] for start, end in addresses(self.folded)]
        return [one for one in found if one.startswith(("http://", "https://", "www."))]


@lru_cache(maxsize=20_000)
def pieces_of(name: str) -> tuple[Piece, ...]:
    """`split`, remembered: the same tags come again and again."""
    return tuple(split(name))
