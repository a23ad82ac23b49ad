"""The longest term that platforms take, each with where that is said.

Only platforms that Vigie asks, will ask, or takes queries from. A collector widens what would be
too long; the remark tells the author so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["characters", "bytes", "words"]
_FRENCH: Final = {"characters": "caractères", "bytes": "octets", "words": "mots"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What one platform accepts at most."""

    platform_fr: str
    platform_en: str
    most: int
    unit: Unit
    source: str

    @property
    def unit_fr(self) -> str:
        return _FRENCH[self.unit]

    def size(self, text: str) -> int:
        if self.unit == "words":
            return len(text.split())
        return len(text.encode("utf-8", "replace")) if self.unit == "bytes" else len(text)


MENTION: Final = Limit(
    "Mention", "Mention", 128, "characters", "mention.com, help on Boolean alerts: a term"
)
GOOGLE_NEWS: Final = Limit(
    "Google Actualités", "Google News", 32, "words",
    "undocumented; what Google's search pages said of longer ones, words beyond are ignored",
)  # fmt: skip
HACKER_NEWS: Final = Limit(
    "Hacker News", "Hacker News", 512, "bytes",
    "https://www.algolia.com/doc/api-reference/api-parameters/query/",
)  # fmt: skip
X: Final = Limit(
    "X", "X", 512, "characters",
    "https://docs.x.com/x-api/posts/search/integrate/overview, recent search",
)  # fmt: skip
LIMITS: Final = (MENTION, GOOGLE_NEWS, HACKER_NEWS, X)
