"""Which posts of the whole network to keep: a cheap superset of what the queries want. Pure.

Only letters and digits are compared, without case, accents and marks, and a word is looked for
anywhere, within others too. So whatever the local match finds is kept, and it decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from collectors.api import Item, Narrowing, Term

_RUNS: Final = re.compile(r"[^\W_]+")
_SPELLINGS: Final = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", **dict.fromkeys("‘’‛ʹʻʼʽˈʾʿ′´ꞌ", "'")}
)
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})
"""Marks upon letters, and signs that only join or direct others."""


def bare(text: str) -> str:
    """The spelling in which words are looked for."""
    if text.isascii():
        return text.lower()
    taken_apart = unicodedata.normalize("NFKD", text.translate(_SPELLINGS))
    kept = "".join(c for c in taken_apart if unicodedata.category(c) not in _UNSEEN)
    return kept.casefold()


@dataclass(frozen=True, slots=True)
class Ears:
    """What to listen for: any of the clauses, or anything by one of `people` (their DIDs)."""

    clauses: tuple[tuple[str, ...], ...] = ()
    people: Collection[str] = field(default=frozenset())

    @classmethod
    def of(cls, narrowing: Narrowing, people: Collection[str] = ()) -> Ears:
        """No clause, or one that asks for nothing, hears everything."""
        clauses = [_pieces(clause) for clause in narrowing.any_of]
        return cls(tuple(clauses) if all(clauses) else (), frozenset(people))

    def want(self, item: Item) -> bool:
        """Whether a query may want the item."""
        if not self.clauses or (item.author is not None and item.author.id in self.people):
            return True
        heard = bare(" ".join((item.text, *item.links)))
        return any(all(piece in heard for piece in clause) for clause in self.clauses)


def _pieces(clause: Sequence[Term]) -> tuple[str, ...]:
    """The runs of letters and digits of all terms; of a sign its first character."""
    pieces: list[str] = []
    for term in clause:
        text = bare(term.text)
        pieces += _RUNS.findall(text) or text.split()[:1]
    return tuple(dict.fromkeys(piece if _RUNS.fullmatch(piece) else piece[:1] for piece in pieces))
