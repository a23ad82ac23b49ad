"""Wrong use, told in the reader's language. The words of the option parser are English only."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FRENCH: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (r"^No such command '(.+?)'\.?", r"commande inconnue : « \1 »"),
        (r"^No such option: (\S+?)\.?(?=\s|$)", r"option inconnue : \1"),
        (r"^Missing argument '(.+?)'\.?", r"il manque l’argument « \1 »"),
        (r"^Missing option '(.+?)'\.?", r"il manque l’option \1"),
        (r"^Option '(.+?)' requires an argument\.?", r"l’option \1 demande une valeur"),
        (r"^Invalid value for '?(.+?)'?:", r"valeur refusée pour \1 :"),
        (r"^Got unexpected extra argument(?:s|\(s\))? \((.+?)\)", r"argument en trop : \1"),
        (r"Did you mean (.+?)\?", r"Vouliez-vous dire \1 ?"),
        (r"Input should be a valid integer.*$", "il faut un nombre entier"),
        (r"Input should be (?:greater|less) than or equal to (\d+)", r"la limite est \1"),
    )
)


def in_french(message: str) -> str:
    """The parser's message in French, as far as it is one of the usual ones."""
    for pattern, french in _FRENCH:
        message = pattern.sub(french, message)
    return message
