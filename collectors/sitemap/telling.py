"""New and removed pages as items with a title in French or English. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from collectors.api import Item
from collectors.sitemap.read import title_of

Lang = Literal["fr", "en"]

SANE: Final = timedelta(days=30)
"""How long ago a page that is new to a sitemap can have been published; before, it was moved."""
_AHEAD: Final = timedelta(minutes=10)
_LISTED: Final = 200
_FIXED: Final = "\u00a0"
_NARROW: Final = "\u202f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Writes the items of one poll. round_: tells a page's second coming from its first."""

    about: str
    lang: Lang
    site: str
    round_: int
    now: datetime

    def new_page(self, address: str, lastmod: str) -> Item:
        """One page that came."""
        head = "nouvelle page" if self.lang == "fr" else "new page"
        return self._item(
            _digest("new", _stable(address), str(self.round_)),
            f"{head}{self._colon} {title_of(address)}",
            f"+ {address}",
            url=address,
            at=moment(lastmod, self.now),
        )

    def more_pages(self, pages: Sequence[str], count: int) -> Item:
        """The pages of a poll beyond those told one by one. count: of all, also the unlisted."""
        told = number(count, self.lang)
        if self.lang == "fr":
            head = f"{told} {'autres nouvelles pages' if count > 1 else 'autre nouvelle page'}"
        else:
            head = f"{told} more new {'pages' if count > 1 else 'page'}"
        return self._item(
            _digest("more", str(self.round_), *map(_stable, pages)),
            f"{head}{self._colon} {_folders(pages)}",
            _listed("+", pages, count, self.lang),
        )

    def removed_pages(self, keys: Sequence[str], count: int) -> Item:
        """The pages that went, in one item. keys: empty where only their digests are known."""
        paths = ["/" + key.partition("/")[2] for key in keys]
        if self.lang == "fr":
            head = f"{number(count, 'fr')} pages retirées" if count > 1 else "page retirée"
        else:
            head = f"{number(count, 'en')} pages removed" if count > 1 else "page removed"
        named = f"{self._colon} {', '.join(paths[:3])}{', …' if count > 3 else ''}" if paths else ""
        host = urlsplit(self.site).hostname or ""
        return self._item(
            _digest("removed", str(self.round_), str(count), host, *paths),
            head + named,
            _listed("−", paths, count, self.lang),
        )

    @property
    def _colon(self) -> str:
        return f"{_FIXED}:" if self.lang == "fr" else ":"

    def _item(
        self, identity: str, said: str, text: str, *, url: str = "", at: datetime | None = None
    ) -> Item:
        return Item(
            external_id=identity,
            url=url or self.site,
            title=f"{self.about}, {said}"[:300],
            text=text,
            published_at=at or self.now,
            lang=self.lang,
            kind="change",
        )


def moment(lastmod: str, now: datetime) -> datetime:
    """lastmod where it can be the time of publication, else now."""
    try:
        told = datetime.fromisoformat(lastmod)
    except ValueError:
        return now
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
    try:
        told = told.astimezone(UTC)
        return min(told, now) if now - SANE <= told <= now + _AHEAD else now
    except OverflowError:  # the year 1 in a zone west of here
        return now


def number(value: int, lang: Lang) -> str:
    """1234 as "1 234" or "1,234"."""
    return f"{value:,}".replace(",", _NARROW if lang == "fr" else ",")


def _folders(pages: Sequence[str]) -> str:
    """ "/blog/ (40), /offres/ (22)": where most of them are."""
    counts = Counter(_folder(page) for page in pages).most_common()
    said = ", ".join(f"{name} ({count})" for name, count in counts[:3])
    return said + (", …" if len(counts) > 3 else "")


def _folder(address: str) -> str:
    first, slash, _ = urlsplit(address).path.lstrip("/").partition("/")
    return f"/{first}/" if slash else "/"


def _listed(mark: str, names: Sequence[str], count: int, lang: Lang) -> str:
    lines = [f"{mark} {name}" for name in names[:_LISTED]]
    left = count - len(lines)
    if left > 0 and lines:
        told = number(left, lang)
        lines.append(f"… et {told} autres" if lang == "fr" else f"… and {told} more")
    return "\n".join(lines)


def _stable(address: str) -> str:
    """Without the scheme and the port, so that a site's move to https makes no new identities."""
    parts = urlsplit(address)
    return f"{parts.hostname}{parts.path}?{parts.query}" if parts.hostname else address


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
