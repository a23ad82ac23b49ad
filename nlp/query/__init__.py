"""The query language: read, match, narrow, explain, lint."""

from __future__ import annotations

from nlp.query.ast import Query
from nlp.query.errors import QueryError
from nlp.query.values import Hit, Note, PlainTerm, Span, Text

__all__ = ["Hit", "Note", "PlainTerm", "Query", "QueryError", "Span", "Text"]
