"""The query language as the service uses it: checked at the door, asked of platforms, searched
for in what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from app.errors import Invalid
from app.models import QueryVersion
from app.watchlists.rules import Search, search_of
from nlp import query as language
from nlp.query import PlainTerm, Query, QueryError
from nlp.query.ast import Dates
from nlp.query.values import Lang
from nlp.query.walk import leaves


class InvalidQuery(Invalid):
    """A query that cannot be read, with the spot and what would do instead."""

    def __init__(self, error: QueryError, field: str) -> None:
        super().__init__(error.caret("en"), fr=error.caret("fr"), field=field)
        self.error = error

    def members(self, lang: str) -> Mapping[str, Any]:
        reader: Lang = "fr" if lang == "fr" else "en"
        return {
            "code": self.error.code, "position": self.error.position,
            "message": self.error.message(reader), "caret": self.error.caret(reader),
            "suggestion": self.error.suggestion,
        }  # fmt: skip


def read_query(text: str, field: str = "query") -> Query:
    """The tree. Raises Invalid with the caret message and this field."""
    try:
        return language.parse(text)
    except QueryError as error:
        raise InvalidQuery(error, field) from error


def checked_query(text: str, field: str = "query") -> str:
    """The text as it is stored. Raises Invalid with the caret message and this field."""
    read_query(text, field)
    return text


@lru_cache(maxsize=1024)
def query_clauses(text: str) -> Sequence[tuple[PlainTerm, ...]]:
    """Any of these, each needing all of its terms; empty: cannot be narrowed."""
    return language.narrow(language.parse(text))


def asks_for_days(text: str) -> bool:
    """Whether what the query finds hangs on the zone: it names days somewhere. A wording that
    cannot be read any more asks for nothing."""
    try:
        tree = language.parse(text)
    except QueryError:
        return False
    return any(isinstance(leaf, Dates) for leaf, _ in leaves(tree.root))


def search_of_version(version: QueryVersion) -> Search:
    """How far the search of the stored items with this wording is."""
    return search_of(
        begun=version.rematch_key is not None, ended=version.rematched_at is not None,
        searched=version.rematch_searched, total=version.rematch_total,
    )  # fmt: skip


def first_query(
    name: str,
    *,
    aliases: Sequence[str] = (),
    domains: Sequence[str] = (),
    handles: Sequence[str] = (),
) -> str:
    """The query that a new brand starts with. Raises Invalid where there is nothing to search."""
    try:
        return language.brand_query(name, aliases=aliases, domains=domains, handles=handles)
    except ValueError as error:
        raise Invalid(
            "A brand needs a name with a letter or a digit.",
            fr="Une marque a besoin d’un nom avec une lettre ou un chiffre.",
            field="name",
        ) from error
