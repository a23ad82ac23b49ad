"""The query language as the service uses it: checked at the door, asked of platforms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from app.errors import Invalid
from nlp import query as language
from nlp.query import PlainTerm, QueryError


def checked_query(text: str) -> str:
    """The text as it is stored. Raises Invalid with the caret message, field "query"."""
    try:
        language.parse(text)
    except QueryError as error:
        raise Invalid(error.caret("en"), fr=error.caret("fr"), field="query") from error
    return text


@lru_cache(maxsize=1024)
def query_clauses(text: str) -> Sequence[tuple[PlainTerm, ...]]:
    """Any of these, each needing all of its terms; empty: cannot be narrowed."""
    return language.narrow(language.parse(text))


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
