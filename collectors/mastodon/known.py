"""Which id a status has on the instance. An item's identity is its `uri`, the same everywhere; but
an instance tells of deletions, and gives statuses again, by an id of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from collectors.desk import Document
from collectors.text import scrub

if TYPE_CHECKING:
    from collectors.http import Http

MOST: Final = 1_000
"""Statuses whose id is remembered: the newest that were read."""
_NAME: Final = "ids"
_OWN: Final = re.compile(r"https?://([^/]+)/(?:[^?#]*/)?statuses/(\d{1,24})")


class KnownIds:
    """uri by id, kept as a document between polls."""

    def __init__(self, instance: str, uris: dict[str, str] | None = None) -> None:
        self._instance = instance
        self._uris = uris or {}
        self.is_new = False
        """Whether something was learnt since it was loaded or kept."""

    @classmethod
    async def load(cls, instance: str, http: Http) -> KnownIds:
        document = await http.desk.shelf.latest(_NAME)
        kept = _read(document.text) if document else {}
        return cls(instance, kept)

    def learn(self, statuses: Iterable[Any]) -> None:
        """Remember the ids of statuses as they were answered."""
        for status in statuses:
            if not isinstance(status, dict):
                continue
            identity, uri = scrub(str(status.get("id", "")))[:100], status.get("uri")
            if identity and isinstance(uri, str) and len(uri) <= 1_000:
                self.is_new = self.is_new or self._uris.get(identity) != scrub(uri)
                self._uris.pop(identity, None)
                self._uris[identity] = scrub(uri)
        for old in list(self._uris)[:-MOST]:
            del self._uris[old]

    def uri_of(self, identity: str) -> str | None:
        return self._uris.get(identity)

    def ids_of(self, uris: Iterable[str]) -> dict[str, str]:
        """Id by uri, of those that are known."""
        known = {uri: identity for identity, uri in self._uris.items()}
        found = {uri: self._own(uri) or known.get(uri, "") for uri in uris}
        return {uri: identity for uri, identity in found.items() if identity}

    def document(self) -> Document:
        self.is_new = False
        return Document(name=_NAME, text=json.dumps(self._uris), kind="state")

    def _own(self, uri: str) -> str:
        """The id that a status of this instance has in its address; "" for one of another."""
        found = _OWN.fullmatch(uri)
        if found is not None:
            return found[2] if found[1] == self._instance else ""
        identity, _, instance = uri.rpartition("@")
        return identity if instance == self._instance else ""


def _read(text: str) -> dict[str, str]:
    try:
        kept = json.loads(text)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}
