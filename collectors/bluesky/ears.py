"""Which posts of the whole network to keep: a cheap superset of what the queries want. Pure.

Only letters and digits are compared, without case, accents and marks, and a word is looked for
anywhere, within others too. So whatever the local match finds is kept, and it decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from collectors.api import Item, Narrowing, Term
from collectors.text import FIELD_LIMIT

_RUNS: Final = re.compile(r"[^\W_]+")
_SPELLINGS: Final = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", **dict.fromkeys("‘’‛ʹʻʼʽˈʾʿ′´ꞌ", "'")}
)
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf"})
"""Marks upon letters, and signs that only join or direct others."""
_TABLE_LIMIT: Final = 30_000
_VALUES: Final = 2_000
"""Of one record at most that are looked at."""


class _Table(dict[int, str]):
    """Code point → its bare spelling, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code).translate(_SPELLINGS))
        spelled = "".join(c for c in apart if unicodedata.category(c) not in _UNSEEN).casefold()
        if len(self) < _TABLE_LIMIT:
            self[code] = spelled
        return spelled


_table = _Table()


def bare(text: str) -> str:
    """The spelling in which words are looked for."""
    return text.lower() if text.isascii() else text.translate(_table)


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

    def may_want(self, did: object, record: object) -> bool:
        """A first look at a record as it came, much cheaper than reading it: False is certain."""
        if not self.clauses or (isinstance(did, str) and did in self.people):
            return True
        return self._hear(" ".join(_strings(record)))

    def want(self, item: Item) -> bool:
        """Whether a query may want the item."""
        if not self.clauses or (item.author is not None and item.author.id in self.people):
            return True
        return self._hear(" ".join((item.text, *item.links)))

    def _hear(self, text: str) -> bool:
        heard = bare(text)
        for clause in self.clauses:
            if clause[0] in heard and all(piece in heard for piece in clause):
                return True
        return False


def _pieces(clause: Sequence[Term]) -> tuple[str, ...]:
    """The runs of letters and digits of all terms, the longest first; of a sign its first
    character."""
    pieces: list[str] = []
    for term in clause:
        text = bare(term.text)
        pieces += _RUNS.findall(text) or [sign[:1] for sign in text.split()[:1]]
    return tuple(sorted(dict.fromkeys(pieces), key=len, reverse=True))


def _strings(record: object) -> Iterator[str]:
    """All that is said in a record, but for the names of its fields and types."""
    waiting = [record]
    for _ in range(_VALUES):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, str):
            yield one[:FIELD_LIMIT]
        elif isinstance(one, dict):
            waiting += [value for key, value in one.items() if key != "$type"]
        elif isinstance(one, list):
            waiting += one
