"""The Link header (RFC 8288), as far as hubs and topics stand in it. Pure."""

from __future__ import annotations

import re
from typing import Final

from collectors.text import web_url

_LIMIT: Final = 4_096
_LINK: Final = re.compile(r"<([^<>]{1,2000})>([^<>]{0,400})")
_RELATION: Final = re.compile(r';\s{0,9}rel\s{0,9}=\s{0,9}"?([^";,]{1,100})', re.IGNORECASE)


def header_links(header: str, *, base: str) -> dict[str, str]:
    """Relation → address, each relation's first. Anything unreadable is left out."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:_LIMIT]):
        relation = _RELATION.search(parameters)
        address = web_url(target, base=base)
        for name in relation[1].lower().split() if relation and address else ():
            found.setdefault(name, address)
    return found
