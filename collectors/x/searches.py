"""The narrowing in X's search syntax (docs.x.com/x-api/posts/search/integrate/operators). Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from collectors.api import Narrowing, Term
from collectors.fitting import fitting
from collectors.x.config import XConfig

SEARCHES: Final = 4
"""Searches of one source at most; each is paid for itself."""
_HANDLE: Final = re.compile(r"\w{1,15}", re.ASCII)
_TAG: Final = re.compile(r"\w{1,100}")
_OPERATORS: Final = frozenset({"and", "or", "not"})
_AROUND: Final = 24
"""What a term takes besides itself at most: ` (@a OR from:a)`, without the second name."""


def render(narrowing: Narrowing, config: XConfig) -> list[str]:
    """The narrowing as searches, together a superset of it: as many clauses in one as fit.

    Where that makes too many, each clause is widened to its longest term.
    """
    ending = _ending(narrowing, config)
    length = config.query_length - len(ending)
    clauses = [terms for clause in narrowing.any_of if (terms := _askable(clause, length))]
    searches = list(_joined([_clause(terms) for terms in clauses], length))
    if len(searches) > SEARCHES:
        longest = [max(map(_asked, terms), key=len) for terms in clauses]
        searches = list(_joined(longest, length))
    return [one + ending for one in searches]


def left_out(narrowing: Narrowing, config: XConfig) -> bool:
    """Whether some words cannot be searched for: too many of them, or one too long."""
    length = config.query_length - len(_ending(narrowing, config))
    askable = all(_askable(clause, length) for clause in narrowing.any_of if clause)
    return not askable or len(render(narrowing, config)) > SEARCHES


def search_key(words: str) -> str:
    """Its name in the cursor: short, whatever the words."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:10]


def _ending(narrowing: Narrowing, config: XConfig) -> str:
    """What is added to each search to pay for less."""
    languages = [code for code in narrowing.languages if code.isalpha() and len(code) <= 3]
    parts = ["" if config.reposts else "-is:retweet"]
    if config.by_language and languages:
        # "und": X could not tell, which says nothing about the language.
        codes = " OR ".join(f"lang:{code}" for code in dict.fromkeys((*languages, "und")))
        parts.append(f"({codes})")
    parts.append(" ".join(config.extra.split()))
    return "".join(f" {part}" for part in parts if part)


def _askable(clause: Sequence[Term], length: int) -> tuple[Term, ...]:
    """The terms that fit; a handle may be asked for twice, and takes twice its length."""
    fitted = fitting(clause[:8], length - 4, lambda text: 2 * len(text), around=_AROUND)
    whole = fitted or fitting(clause[:1], length - 4, len, around=_AROUND)
    return tuple(term for term in map(_tidied, whole) if term.text)


def _tidied(term: Term) -> Term:
    text = " ".join(term.text.replace('"', " ").replace("\\", " ").split())
    return replace(term, text=text.lstrip("#@") if term.kind in ("hashtag", "handle") else text)


def _clause(terms: Sequence[Term]) -> str:
    asked = list(dict.fromkeys(map(_asked, terms)))
    return asked[0] if len(asked) == 1 else f"({' '.join(asked)})"


def _asked(term: Term) -> str:
    text = term.text
    if term.kind == "handle" and _HANDLE.fullmatch(text):
        return f"(@{text} OR from:{text})"
    if term.kind == "hashtag" and _TAG.fullmatch(text):
        return f"#{text}"
    plain = text.isalnum() and text.lower() not in _OPERATORS
    return text if plain else f'"{text}"'


def _joined(clauses: Sequence[str], length: int) -> Iterator[str]:
    """`(a OR (b c))`, each piece no longer than `length`."""
    group: list[str] = []
    for clause in dict.fromkeys(clauses):
        if group and len(" OR ".join([*group, clause])) + 2 > length:
            yield _grouped(group)
            group = []
        group.append(clause)
    if group:
        yield _grouped(group)


def _grouped(clauses: Sequence[str]) -> str:
    """In brackets where more stands beside it: AND binds tighter than OR."""
    return clauses[0] if len(clauses) == 1 else f"({' OR '.join(clauses)})"
