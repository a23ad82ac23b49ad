"""Answers that are not the page: challenges, login walls, soft 404s, empty shells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

EMPTY: Final = 40
"""Characters below which a page has no text of its own."""
_SHARE: Final = 0.2
_LONG: Final = 200
"""Characters below which a text may well shrink: a selector can choose a single price."""
_WALL: Final = 800
"""Characters of a page that can be a wall; a longer text only speaks of one."""
SETTLED: Final = 3
"""Readings in a row after which what was doubted is taken for what it says."""

_CHALLENGES: Final = (
    "just a moment", "checking your browser", "verify you are human", "are you a robot",
    "are you human", "captcha", "attention required", "access denied", "request blocked",
    "unusual traffic", "vérifiez que vous êtes humain", "vérification de sécurité",
    "êtes-vous un robot", "accès refusé", "trafic inhabituel", "un instant…",
    "enable javascript", "activer javascript", "activez javascript", "javascript is disabled",
)  # fmt: skip
_LOGINS: Final = (
    "sign in to", "log in to", "please log in", "please sign in", "forgot password",
    "forgot your password", "mot de passe oublié", "connectez-vous", "veuillez vous connecter",
    "identifiez-vous",
)  # fmt: skip
_MISSING: Final = (
    "page not found", "page introuvable", "page non trouvée", "page n'existe", "page n’existe",
    "error 404", "erreur 404", "404 not found", "404 -", "404 –", "doesn't exist",
    "no longer exists", "n'existe plus", "n’existe plus",
)  # fmt: skip
Kind = Literal["challenge", "login", "missing", "home", "small", "selector"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer is not believed to be the page as it now is."""

    kind: Kind
    said: str

    @property
    def means_gone(self) -> bool:
        """Whether the site says, in its way, that there is no such page."""
        return self.kind in ("missing", "home")


def wall(title: str, lines: Sequence[str]) -> Doubt | None:
    """The kind of wall that a short page is, or None where it is a page."""
    text = "\n".join((title, *lines))
    if len(text) > _WALL:
        return None
    folded = text.casefold()
    if any(words in folded for words in _CHALLENGES):
        return Doubt("challenge", "the site asked for a proof of being human")
    if any(words in folded for words in _LOGINS):
        return Doubt("login", "a login page was answered")
    if any(words in folded for words in _MISSING):
        return Doubt("missing", "a page was answered that says that there is none")
    return None


def doubt(
    *, title: str, old: Sequence[str], new: Sequence[str], asked: str, place: str
) -> Doubt | None:
    """What is doubtful about an answer: `old` was there before, `place` is where it came from."""
    before, after = sum(map(len, old)), sum(map(len, new))
    if went_home(asked, place):
        return Doubt("home", "it was redirected to the site's home page")
    small = after < _SHARE * before and (before >= _LONG or not after)
    found = wall(title, new)
    if found and (small or after < before / 2) and not wall("", old):
        return found
    return Doubt("small", f"{after} characters where there were {before}") if small else None


def went_home(asked: str, place: str) -> bool:
    """Whether a deep address ended at the root of a site."""
    return urlsplit(asked).path.strip("/") != "" and urlsplit(place).path.strip("/") == ""
