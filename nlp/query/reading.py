"""One item under evaluation. What costs something is made when first asked and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from nlp.query.ast import Scope
from nlp.query.find import Finds, Occurrence
from nlp.query.keys import Key
from nlp.query.simple import Stretch, lowered, rows, stretches
from nlp.query.values import FieldName, Text
from nlp.text import ReadText, fold

Found = list[tuple[FieldName, ReadText, list[Occurrence]]]


class Reading:
    """An item's fields as tokens. now: what relative dates count from.

    keys: those that the title or the text holds (`keys.py`).
    """

    # Most are made and thrown away without a look at what follows: no slots to fill, then.
    _title: ReadText | None = None
    _body: ReadText | None = None
    _author: ReadText | None = None
    _lowered: list[tuple[FieldName, str | None]] | None = None
    _found: dict[tuple[Finds, Scope], Found] | None = None

    def __init__(self, item: Text, keys: set[Key], now: datetime | None) -> None:
        self.item = item
        self.keys = keys
        self.now = now

    def plain_stretches(self, row: Sequence[str]) -> list[tuple[FieldName, Stretch]] | None:
        """Where plain words, a tag or a handle stand in title and text; None: ask a finder."""
        if self._lowered is None:
            item = self.item
            fields: list[tuple[FieldName, str]] = [("title", item.title), ("text", item.body)]
            self._lowered = [(name, lowered(text)) for name, text in fields if text]
        found: list[tuple[FieldName, Stretch]] = []
        for name, lower in self._lowered:
            if lower is None:
                return None
            there = stretches(lower, row[0]) if len(row) == 1 else rows(lower, row)
            if there is None:
                return None
            found += ((name, stretch) for stretch in there)
        return found

    def find(self, finder: Finds, scope: Scope) -> Found:
        """Where a term occurs, field by field."""
        if self._found is None:
            self._found = {}
        known = self._found.get((finder, scope))
        if known is None:
            known = self._found[finder, scope] = [
                (name, text, occurrences)
                for name, text in self.parts(scope)
                if (occurrences := finder.find(text))
            ]
        return known

    def parts(self, scope: Scope) -> Iterator[tuple[FieldName, ReadText]]:
        """The texts that a scope means."""
        if scope == "author":
            yield "author", self.author
            return
        if self.item.title and scope != "body":
            if self._title is None:
                self._title = ReadText(self.item.title)
            yield "title", self._title
        if self.item.body and scope != "title":
            if self._body is None:
                self._body = ReadText(self.item.body)
            yield "text", self._body

    @property
    def author(self) -> ReadText:
        if self._author is None:
            self._author = ReadText(self.item.author)
        return self._author

    def addresses(self) -> Iterator[str]:
        """The item's own address, its links and those in its text, folded."""
        yield fold(self.item.url)
        yield from map(fold, self.item.links)
        for _, text in self.parts(""):
            yield from text.addresses()
