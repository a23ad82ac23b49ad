"""Articles of Wikipedia as a person names them: the language, a colon, the title."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

PATTERN: Final = r"^[a-z]{2,12}(-[a-z]{2,12})*:[^\s|#<>\[\]{}]([^|#<>\[\]{}\n]{0,198})$"


@dataclass(frozen=True, slots=True)
class Article:
    """One article. title: as it is read, with blanks."""

    language: str
    title: str

    @classmethod
    def named(cls, name: str) -> Article:
        language, _, title = name.partition(":")
        return cls(language, " ".join(title.replace("_", " ").split()))

    @property
    def project(self) -> str:
        return f"{self.language}.wikipedia"

    @property
    def path(self) -> str:
        """The title as it stands in addresses, where it begins with a capital."""
        return quote(self.known_as.replace(" ", "_"), safe="")

    @property
    def known_as(self) -> str:
        """The title as Wikipedia counts it: "iPhone" is the article "IPhone"."""
        return self.title[:1].upper() + self.title[1:]

    @property
    def url(self) -> str:
        """Its page, always the public one: what a person opens."""
        return f"https://{self.language}.wikipedia.org/wiki/{self.path}"

    @property
    def key(self) -> str:
        """A short name for the cursor."""
        named = f"{self.language}:{self.known_as}"
        return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:10]
