"""One item under evaluation. What costs something is made when first asked and kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nlp.query.ast import Scope
from nlp.query.find import Finds, Occurrence
from nlp.query.values import FieldName, Text
from nlp.text import ReadText, fold

Found = list[tuple[FieldName, ReadText, list[Occurrence]]]


class Reading:
    """An item's fields as tokens. now: what relative dates count from.

    words: every form that a single word of a query can equal, of title and text together.
    """

    __slots__ = ("_author", "_fields", "_found", "item", "now", "words")

    def __init__(self, item: Text, title: str, body: str, now: datetime | None) -> None:
        """title, body: folded."""
        self.item = item
        self.now = now
        self._fields: list[tuple[FieldName, ReadText]] = []
        if title:
            self._fields.append(("title", ReadText(item.title, title)))
        if body:
            self._fields.append(("text", ReadText(item.body, body)))
        self._author: ReadText | None = None
        self._found: dict[tuple[Finds, Scope], Found] = {}
        self.words: set[str] = set()
        for _, text in self._fields:
            self.words |= text.words()

    def find(self, finder: Finds, scope: Scope) -> Found:
        """Where a term occurs, field by field."""
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
        only = {"title": "title", "body": "text"}.get(scope)
        for name, text in self._fields:
            if only is None or name == only:
                yield name, text

    @property
    def author(self) -> ReadText:
        if self._author is None:
            self._author = ReadText(self.item.author)
        return self._author

    def addresses(self) -> Iterator[str]:
        """The item's own address, its links and those in its text, folded."""
        yield fold(self.item.url)
        yield from map(fold, self.item.links)
        for _, text in self._fields:
            yield from text.addresses()
