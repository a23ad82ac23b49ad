"""What of a stored value may stay once its content has to go. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHORT = 64
"""Characters of a string in old facts that may stay: times, keys and names of reasons."""


@dataclass(frozen=True, slots=True)
class Person:
    """What betrays a person in a value: names and addresses as words, keys of their posts."""

    words: re.Pattern[str] | None
    ids: frozenset[str]


def person(words: Iterable[str], ids: Iterable[int]) -> Person:
    """words: names, native ids, addresses; empty ones are passed over."""
    kept = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in kept)
    found = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if kept else None
    return Person(found, frozenset(str(one) for one in ids))


def without(value: Any, who: Person) -> Any:
    """The JSON value without a person: what is about their posts is dropped from lists, a string
    that holds one of their names becomes empty."""
    if isinstance(value, str):
        return "" if who.words is not None and who.words.search(value) else value
    if isinstance(value, Mapping):
        return {key: without(inner, who) for key, inner in value.items()}
    if isinstance(value, list):
        return [without(inner, who) for inner in value if not _is_about(inner, who)]
    return value


def _is_about(value: Any, who: Person) -> bool:
    """Whether an element of a list is a post of theirs: its key, or an author's name, says so."""
    if isinstance(value, str):
        return value in who.ids
    if not isinstance(value, Mapping):
        return False
    keys = (value.get("id"), value.get("mention_id"), value.get("item_id"))
    author = value.get("author")
    named = isinstance(author, str) and who.words is not None and who.words.search(author)
    return bool(named) or any(str(key) in who.ids for key in keys if key is not None)


def figures_only(value: Any) -> Any:
    """Old facts without content: numbers stay, long strings and lists of posts go."""
    if isinstance(value, Mapping):
        return {key: figures_only(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [figures_only(inner) for inner in value if not _is_post(inner)]
    if isinstance(value, str):
        return value if len(value) <= SHORT and "://" not in value else ""
    return value


def _is_post(value: Any) -> bool:
    return isinstance(value, Mapping) and not {"text", "url", "title", "author"}.isdisjoint(value)


def hidden_identity(identity: str) -> str:
    """What stays of the identity of a purged item (it may hold an address with a handle): enough
    to recognise the item when its feed shows it again, so that it is not counted twice."""
    if identity.startswith("h:"):
        return identity
    return f"h:{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()}"


def spellings(who: str) -> Sequence[str]:
    """The ways in which somebody's name may be stored: as given, and without its @."""
    given = who.strip()
    bare = given.lstrip("@")
    return list(dict.fromkeys(one for one in (given, bare, f"@{bare}") if one.strip("@")))
