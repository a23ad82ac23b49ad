"""Which documents a head refuses before it reads them."""

from __future__ import annotations

from collections.abc import Container

from nlp.api import Abstain, Doc

_UNKNOWN = Abstain("unknown_language")
_UNSUPPORTED = Abstain("unsupported_language")


def refusal(doc: Doc, languages: Container[str]) -> Abstain | None:
    """Why a head made for `languages` must not judge this document; None: it may."""
    if not doc.lang:
        return _UNKNOWN
    base = doc.lang.replace("_", "-").split("-", 1)[0].lower()
    return None if base in languages else _UNSUPPORTED
