"""The query of a new brand, from what a person typed: its name, handles, domains, aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nlp.query.errors import QueryError
from nlp.query.lexer import has_words, read
from nlp.query.parser import MAX_LENGTH, MAX_TERMS
from nlp.text import fold, tokenise

# Quotes, escapes and wildcards mean something even inside quotes.
_SPECIAL = re.compile(r"[\"“”„«»\\*?\s]+")
_HOST = re.compile(r"(?:[a-z]+://)?(?:www\.)?([^/?#:@\s()\"“”„«»*]+)", re.IGNORECASE)


def brand_query(
    name: str,
    *,
    handles: Iterable[str] = (),
    domains: Iterable[str] = (),
    aliases: Iterable[str] = (),
) -> str:
    """`Decathlon OR @decathlon OR @decathlon_fr`. Valid whatever the arguments hold.

    Raises ValueError where there is nothing to search for in any of them.
    """
    terms = [_term(text) for text in (name, *aliases)]
    terms += [_handle(handle) for handle in handles]
    terms += [term for domain in domains for term in _domain_terms(domain, name)]
    kept: list[str] = []
    length = 0
    for term in dict.fromkeys(term for term in terms if term):
        length += len(term) + len(" OR ")
        if length > MAX_LENGTH or len(kept) == MAX_TERMS:
            break
        kept.append(term)
    if not kept:
        raise ValueError("a brand needs a name, handle or domain with a letter, digit or emoji")
    return " OR ".join(kept)


def _term(text: str) -> str:
    """A bare unit where that reads as one, else a phrase; "" where nothing can be searched."""
    plain = _SPECIAL.sub(" ", text).strip()
    if not has_words(plain):
        return ""
    return plain if _is_one_unit(plain) else f'"{plain}"'


def _is_one_unit(text: str) -> bool:
    try:
        tokens = read(text)
    except QueryError:
        return False
    return [token.kind for token in tokens] == ["unit", "end"]


def _handle(handle: str) -> str:
    name = _SPECIAL.sub("", handle).strip("@()")
    return f"@{name}" if has_words(name) and _is_one_unit(f"@{name}") else ""


def _domain_terms(domain: str, name: str) -> Iterator[str]:
    match = _HOST.match(domain.strip())
    if match is None:
        return
    host = match[1].strip(".-").lower()
    label = host.partition(".")[0]
    # A domain that is the brand's name is most often its handle too.
    if label == "".join(tokenise(fold(name), prose=False).forms):
        yield _handle(label)
    yield _term(host)
