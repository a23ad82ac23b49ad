"""The query language: read, match, narrow, explain, lint. One tree, several uses."""

from __future__ import annotations

from nlp.query.ast import Query
from nlp.query.brand import brand_query
from nlp.query.errors import QueryError
from nlp.query.explain import explain
from nlp.query.filtering import filter_lines
from nlp.query.lint import Exclusion, exclusions, lint, lint_brand, lint_measured
from nlp.query.matcher import Matcher
from nlp.query.narrow import narrow
from nlp.query.parser import parse
from nlp.query.values import Hit, Note, PlainTerm, Span, Text

__all__ = [
    "Exclusion",
    "Hit",
    "Matcher",
    "Note",
    "PlainTerm",
    "Query",
    "QueryError",
    "Span",
    "Text",
    "brand_query",
    "exclusions",
    "explain",
    "filter_lines",
    "lint",
    "lint_brand",
    "lint_measured",
    "narrow",
    "parse",
]
