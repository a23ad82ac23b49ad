"""What one poll of a site's sitemaps found: new pages, pages that went, what is known now. Pure.

A sweep is one walk through all files; a large site's takes several polls. A page counts as removed
when it was missing in two sweeps in a row, so that one bad answer removes nothing, and a page that
moves from one file to another is neither new nor removed. A file that shrinks to less than half is
doubted once before it is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from collectors.sitemap.known import PAGES, File, Known
from collectors.sitemap.read import Listing

_SMALL: Final = 4
"""Pages or files below which a loss of half is nothing strange."""
FILES: Final = 1_000
"""Files of one site that are known at most."""
NAMED: Final = 500
"""Pages whose addresses are handed on; further ones are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One file at this poll. same: 304; gone: 404 or 410; failed: no answer worth the name."""

    address: str
    outcome: Literal["read", "same", "gone", "failed"]
    listing: Listing = field(default_factory=Listing)
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """known: as the document of the shelf; came: (address, lastmod); went: keys where they have
    names. The counts are of all; the lists name NAMED of them at most."""

    known: str
    came: tuple[tuple[str, str], ...] = ()
    came_count: int = 0
    went: tuple[str, ...] = ()
    went_count: int = 0
    waiting: bool = False
    """Something is missing or doubted: the next sweep decides."""
    doubts: tuple[str, ...] = ()
    full: bool = False
    """There are more pages than can be known."""


def swept(text: str, visits: Sequence[Visit], *, round_: int, ended: bool) -> Findings:
    """text: what was known. round_: 0 in the sweep that takes stock. ended: the sweep is over."""
    known = Known.from_text(text)
    step = _Step(known, round_)
    for visit in visits:
        step.take(visit)
    return step.ended() if ended else step.findings()


class _Step:
    """The work of one `swept`: what is known, changing."""

    def __init__(self, known: Known, round_: int) -> None:
        self._known = known
        self._round = round_
        self._files = dict(known.files)
        self._missing = dict(known.missing)
        self._before = frozenset().union(
            *(f.pages or () for f in known.files.values()), known.missing
        )
        self._candidates: set[str] = set()
        self._came: dict[str, tuple[str, str]] = {}
        self._went: list[str] = []
        self._doubts: list[str] = []
        self._full = False

    def take(self, visit: Visit) -> None:
        file = self._files.get(visit.address)
        if file is None or visit.outcome == "failed":
            return
        if visit.outcome == "same":  # as it was before it shrank, where it was doubted
            self._files[visit.address] = replace(file, doubted=False)
            return
        if visit.listing.is_index or (file.is_index and visit.outcome == "gone"):
            self._take_index(visit, file)
        else:
            self._take_pages(visit, file)

    def _take_index(self, visit: Visit, file: File) -> None:
        address = visit.address
        children = self._children(address)
        listed = [a for a in visit.listing.sitemaps if a != address]
        if self._is_doubtful(address, file, len(children), len(listed)):
            return
        self._candidates |= file.pages or set()
        self._believe(visit, replace(file, is_index=True, pages=None))
        for child in listed:
            if child not in self._files and len(self._files) < FILES:
                self._files[child] = File(parent=address, stock=self._round == 0)
        self._full = self._full or len(self._files) >= FILES
        if visit.listing.complete:
            self._drop(children.difference(listed))

    def _children(self, address: str) -> set[str]:
        return {a for a, one in self._files.items() if one.parent == address}

    def _drop(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._drop(self._children(address))
            self._candidates |= self._files.pop(address).pages or set()

    def _take_pages(self, visit: Visit, file: File) -> None:
        rows = [line.split("\t") for line in visit.listing.pages.split("\n") if line]
        now = {self._known.name(key): (address, lastmod) for key, address, lastmod in rows}
        old = file.pages or frozenset()
        if visit.listing.complete and self._is_doubtful(visit.address, file, len(old), len(now)):
            return
        room = PAGES - sum(len(one.pages or ()) for one in self._files.values()) + len(old)
        if len(now) > room:
            self._full = True
            now = dict(list(now.items())[: max(room, 0)])
        is_stock = file.pages is None and (file.stock or self._round == 0)
        if not is_stock:
            self._came |= {name: page for name, page in now.items() if name not in self._before}
        if file.is_index:
            self._drop(self._children(visit.address))
        pages = frozenset(now)
        if visit.listing.complete and not self._full:
            self._candidates |= old - pages
        else:
            pages |= old
        self._believe(visit, replace(file, pages=pages, is_index=False, stock=False))

    def _is_doubtful(self, address: str, file: File, before: int, still: int) -> bool:
        """Whether a loss is too large to be believed at its first sight."""
        if before < _SMALL or 2 * still >= before or file.doubted:
            return False
        self._files[address] = replace(file, doubted=True)
        self._doubts.append(address)
        return True

    def _believe(self, visit: Visit, file: File) -> None:
        self._files[visit.address] = replace(
            file, etag=visit.etag, modified=visit.modified, doubted=False
        )

    def _settle(self) -> None:
        """Note what is missing now, and forget what is there again."""
        present = frozenset().union(*(one.pages or () for one in self._files.values()))
        for name in self._candidates - present:
            self._missing.setdefault(name, self._round)
        self._missing = {name: r for name, r in self._missing.items() if name not in present}
        self._candidates.clear()

    def ended(self) -> Findings:
        self._settle()
        self._went = sorted(name for name, when in self._missing.items() if when != self._round)
        for name in self._went:
            del self._missing[name]
        return self.findings()

    def findings(self) -> Findings:
        self._settle()
        known = replace(self._known, files=self._files, missing=self._missing)
        waiting = bool(self._missing) or any(one.doubted for one in self._files.values())
        return Findings(
            known=known.to_text(),
            came=tuple(self._came.values())[:NAMED],
            came_count=len(self._came),
            went=() if known.digested else tuple(self._went[:NAMED]),
            went_count=len(self._went),
            waiting=waiting,
            doubts=tuple(self._doubts),
            full=self._full,
        )


def rerooted(text: str, roots: Sequence[str], *, round_: int) -> str:
    """What is known, with other files to begin at: a site may move its sitemap."""
    known = Known.from_text(text)
    pages = (one.pages or () for one in known.files.values())
    missing = dict.fromkeys(frozenset().union(*pages), round_) | dict(known.missing)
    files = {address: File() for address in roots}
    return replace(known, roots=tuple(roots), files=files, missing=missing).to_text()
