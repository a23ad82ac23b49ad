"""A brand whose query does not look for its own handle or domain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nlp.query.ast import And, Dates, Flag, Near, Node, Not, Or, Query, Range, Value, Words
from nlp.query.matcher import Matcher
from nlp.query.speech.base import printable, shown
from nlp.query.values import Note, Text
from nlp.query.walk import leaves, terms

_HOST = re.compile(r"(?:[a-z]+://)?(?:www\.)?([^/?#:@\s()\"“”„«»*]+)", re.IGNORECASE)
_MEANT = re.compile(r"[^\s()\"“”„«»\\*?@]+")


def lint_brand(query: Query, handles: Iterable[str], domains: Iterable[str]) -> list[Note]:
    """Remarks at the end of the query; a suggestion is what to add behind it.

    What is asked is whether a post that says nothing but the handle, or the domain, would be found;
    in which language, when and by whom does not count.
    """
    return [
        *_note_on(query, "handle", [f"@{name}" for one in handles for name in _name(one)]),
        *_note_on(query, "domain", [host for one in domains for host in _host(one)]),
    ]


_WORDING = {
    "handle": (
        "La requête ne cherche pas le compte de la marque{listed} : ajoutez-le.",
        "The query does not look for the brand's own handle{listed}: add it.",
    ),
    "domain": (
        "La requête ne cherche pas le site de la marque{listed} : ajoutez-le.",
        "The query does not look for the brand's own site{listed}: add it.",
    ),
}


def _note_on(query: Query, what: str, own: Sequence[str]) -> list[Note]:
    missing = [one for one in dict.fromkeys(own) if not _finds(query, what, one)]
    if own and not missing:
        return []
    if not own and _has_any(query, what):
        return []
    asked = missing if what == "handle" else [f"{host} OR url:{host}" for host in missing]
    listed = f" ({shown(', '.join(missing))})" if missing else ""
    fr, en = (text.format(listed=listed) for text in _WORDING[what])
    end = len(query.source)
    suggestion = printable(" OR ".join(asked)) or None
    return [Note(f"own_{what}_missing", end, fr, en, end, suggestion)]


def _name(handle: str) -> list[str]:
    return _MEANT.findall(handle)[:1]


def _host(domain: str) -> list[str]:
    match = _HOST.match(domain.strip())
    host = match[1].strip(".-").lower() if match else ""
    return [host] if host else []


def _finds(query: Query, what: str, own: str) -> bool:
    asked = _asked(query.root)
    if asked is None:
        return True
    url = f"https://{own}/" if what == "domain" else ""
    return bool(Matcher.compile({0: Query(query.source, asked)}).match(Text(body=own, url=url)))


def _asked(node: Node) -> Node | None:
    """The terms and addresses that are asked for; None where there are none."""
    match node:
        case And(children, start, end) | Or(children, start, end):
            kept = tuple(asked for child in children if (asked := _asked(child)) is not None)
            return type(node)(kept, start, end) if kept else None
        case Value(field):
            return node if field in ("url", "site") else None
        case Not() | Flag() | Range() | Dates():
            return None
        case Words() | Near():
            return node


def _has_any(query: Query, what: str) -> bool:
    """Whether the query looks for some handle, or some site, at all."""
    if what == "handle":
        return any(
            words.scope == "mention" or part.kind == "handle"
            for words in terms(query.root)
            for unit in words.units
            for part in unit.parts
        )
    asked = any(isinstance(leaf, Value) and leaf.field in ("url", "site")
                for leaf, _ in leaves(query.root))  # fmt: skip
    dotted = (unit.written for words in terms(query.root) for unit in words.units)
    return asked or any("." in written.strip(".") for written in dotted)
