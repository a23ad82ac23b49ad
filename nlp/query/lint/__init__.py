"""Remarks on a query that reads, but may not say what was meant. They never block.

| module | what it remarks on |
|---|---|
| form | operators in small letters, AND beside OR, addresses, doubles, `lemma:`, long terms |
| common | terms that are ordinary words or very common names |
| never | clauses that can never match |
| measured | exclusions that take nothing away, from counts that the service has |
| brand | a brand whose query lacks its own handle or domain |

Each walks the tree once or a bounded number of times: linear in the query.
"""

from __future__ import annotations

from nlp.query.ast import Query
from nlp.query.lint.brand import lint_brand
from nlp.query.lint.common import common_notes
from nlp.query.lint.form import form_notes
from nlp.query.lint.measured import Exclusion, exclusions, lint_measured
from nlp.query.lint.never import never_notes
from nlp.query.values import Note

CODES = (
    "lower_case_operator", "mixed_operators", "duplicate_term", "address_as_words",
    "unknown_lemma", "long_term", "homonym", "ordinary_word", "common_name", "never_matches",
    "useless_exclusion", "own_handle_missing", "own_domain_missing",
)  # fmt: skip
"""Every remark there is."""

__all__ = ["CODES", "Exclusion", "exclusions", "lint", "lint_brand", "lint_measured"]


def lint(query: Query) -> list[Note]:
    """All that the query itself tells, in the order of its source."""
    notes = [*form_notes(query), *common_notes(query), *never_notes(query)]
    return sorted(notes, key=lambda note: note.position)
