"""Which tool a query was written for: by what it has that not all of them have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nlp.query.translate import brandwatch, mention, talkwalker
from nlp.query.translate.dialect import Dialect
from nlp.query.translate.values import AskedDialect, DialectName, Said
from nlp.query.translate.wording import shown

# Ways of writing that not all dialects have, beside their fields. Each match is one bounded step: a
# text cannot make them slow.
_MARKS: dict[DialectName, str] = {
    "brandwatch": r"\bNEAR/\d{1,4}f?\b|\{[^{}\s]|<<<|\)~\d",
    "talkwalker": r"\bO?NEAR/\d{1,4}\b|\bO?SENTENCE\b|(?:^|[\s(])\+\+?[\"“\w]|\w~\d?(?=\s|$|\))",
    "mention": r"(?!)",
}
_FIELD = re.compile(r"(?<![\w.])([A-Za-z][A-Za-z_]*):")
_QUOTED = re.compile(r'"[^"]*"')


def dialects() -> tuple[Dialect, ...]:
    """In the order in which they are preferred where nothing tells."""
    return brandwatch.dialect(), talkwalker.dialect(), mention.dialect()


def choose(text: str, asked: AskedDialect) -> tuple[Dialect, Said]:
    """The dialect, and why this one."""
    known = {each.name: each for each in dialects()}
    if asked != "auto":
        chosen = known[asked]
        return chosen, Said(f"{chosen.title}, comme demandé.", f"{chosen.title}, as asked.")
    found = {each.name: _telltales(text, each.name) for each in dialects()}
    name = max(found, key=lambda each: len(found[each]))
    chosen = known[name]
    if not found[name]:
        return chosen, Said(
            f"Rien ne distingue l'outil : lu comme {chosen.title}.",
            f"Nothing tells the tools apart: read as {chosen.title}.",
        )
    signs = ", ".join(shown(each) for each in list(dict.fromkeys(found[name]))[:3])
    return chosen, Said(
        f"Lu comme {chosen.title}, à cause de {signs}.",
        f"Read as {chosen.title}, because of {signs}.",
    )


def _telltales(text: str, name: DialectName) -> list[str]:
    unquoted = _QUOTED.sub('""', text)
    return [*_fields_of(unquoted, name), *(m[0].strip() for m in _marks(name).finditer(unquoted))]


def _fields_of(text: str, name: DialectName) -> Iterator[str]:
    telling = _telling(name)
    for match in _FIELD.finditer(text):
        if match[1].lower() in telling:
            yield match[0]


@cache
def _marks(name: DialectName) -> re.Pattern[str]:
    return re.compile(_MARKS[name])


@cache
def _telling(name: DialectName) -> frozenset[str]:
    """The fields of this dialect that not all of them have."""
    mine = next(each for each in dialects() if each.name == name)
    return frozenset(
        field for field in mine.rules if not all(field in each.rules for each in dialects())
    )
