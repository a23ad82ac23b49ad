"""The pages of a site as known, in a document that stays under 2 MB.

Two forms. `paths`: the keys, sorted, each without the beginning that it shares with the one before
("17 son-crm"). `digests`: the first eight bytes of each key's SHA-256, in base64 (11 characters a
page; that two of 100,000 pages are mistaken for one another has a chance of one in 3,700 million).
Paths turn into digests where they outgrow ROOM: pages are then counted when they go, not named.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

ROOM: Final = 1_400_000
"""Characters that the paths of all files may take."""
PAGES: Final = 100_000
"""Pages that are known at most: 1.1 MB of digests."""
_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One sitemap file. pages: keys or digests; None before the first reading.

    stock: what the first reading finds is no news; doubted: it shrank once already.
    parent: the index that lists it, "" for a root.
    """

    pages: frozenset[str] | None = None
    is_index: bool = False
    parent: str = ""
    etag: str | None = None
    modified: str | None = None
    stock: bool = False
    doubted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All files of a site.

    missing: pages that are gone from them, and in which round they went; asked: digest of the
    settings, with others of which these are not the pages that are wanted.
    """

    asked: str = ""
    roots: tuple[str, ...] = ()
    files: Mapping[str, File] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    digested: bool = False

    @property
    def count(self) -> int:
        """Pages in all files."""
        return sum(len(one.pages or ()) for one in self.files.values())

    def name(self, key: str) -> str:
        """A page as it stands in `pages`."""
        return digest(key) if self.digested else key

    def fitted(self) -> Known:
        """The same with digests for paths, where those take too much room."""
        if self.digested or sum(_size(one) for one in self.files.values()) <= ROOM:
            return self
        files = {
            address: replace(
                one, pages=None if one.pages is None else frozenset(map(digest, one.pages))
            )
            for address, one in self.files.items()
        }
        missing = {digest(key): when for key, when in self.missing.items()}
        return replace(self, files=files, missing=missing, digested=True)

    def to_text(self) -> str:
        """As a document of the shelf."""
        fitted = self.fitted()
        kept = {
            "form": "digests" if fitted.digested else "paths",
            "asked": fitted.asked,
            "roots": list(fitted.roots),
            "missing": dict(sorted(fitted.missing.items())),
            "files": {
                address: _file(one, digested=fitted.digested)
                for address, one in sorted(fitted.files.items())
            },
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Known:
        """What a document holds; an unreadable one counts as none: stock is taken anew."""
        try:
            kept = json.loads(text)
            digested = kept["form"] == "digests"
            return cls(
                asked=str(kept.get("asked", "")),
                roots=tuple(map(str, kept["roots"])),
                files={
                    str(address): _read_file(one, digested=digested)
                    for address, one in kept["files"].items()
                },
                missing={str(key): int(when) for key, when in kept["missing"].items()},
                digested=digested,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls()


def outline(text: str) -> Known:
    """What a document says of the files, without their pages: those stay in the child process."""
    known = Known.from_text(text)
    files = {address: replace(one, pages=None) for address, one in known.files.items()}
    return replace(known, files=files, missing={})


def digest(key: str) -> str:
    """Eight bytes of a key, as text."""
    found = hashlib.sha256(key.encode("utf-8", "replace")).digest()[:_BYTES]
    return base64.b64encode(found).decode()


def front_coded(keys: Iterable[str]) -> str:
    """Sorted keys, a line each: how much of the one before is shared, and the rest."""
    lines: list[str] = []
    before = ""
    for key in sorted(keys):
        shared = 0
        most = min(len(before), len(key))
        while shared < most and before[shared] == key[shared]:
            shared += 1
        lines.append(f"{shared} {key[shared:]}")
        before = key
    return "\n".join(lines)


def front_decoded(text: str) -> frozenset[str]:
    """The keys that front_coded wrote. Raises ValueError for other text."""
    keys: list[str] = []
    before = ""
    for line in text.split("\n") if text else ():
        shared, _, rest = line.partition(" ")
        before = before[: int(shared)] + rest
        keys.append(before)
    return frozenset(keys)


def _size(one: File) -> int:
    pages = one.pages or ()
    longest = sum(len(key) for key in pages)
    # Most of a key is shared; the exact size is worth its time only near the limit.
    return longest if longest <= ROOM // 4 else len(front_coded(pages))


def _file(one: File, *, digested: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if one.pages is not None:
        kept["pages"] = _packed(one.pages) if digested else front_coded(one.pages)
    flags = {"index": one.is_index, "stock": one.stock, "doubted": one.doubted}
    texts = {"parent": one.parent, "etag": one.etag, "modified": one.modified}
    return kept | {name: value for name, value in {**flags, **texts}.items() if value}


def _read_file(kept: Mapping[str, Any], *, digested: bool) -> File:
    pages = kept.get("pages")
    return File(
        pages=None if pages is None else (_unpacked(pages) if digested else front_decoded(pages)),
        is_index=bool(kept.get("index")),
        parent=str(kept.get("parent", "")),
        etag=kept.get("etag"),
        modified=kept.get("modified"),
        stock=bool(kept.get("stock")),
        doubted=bool(kept.get("doubted")),
    )


def _packed(digests: Iterable[str]) -> str:
    whole = b"".join(base64.b64decode(one) for one in sorted(digests))
    return base64.b64encode(whole).decode()


def _unpacked(text: str) -> frozenset[str]:
    whole = base64.b64decode(text, validate=True)
    pieces = (whole[at : at + _BYTES] for at in range(0, len(whole), _BYTES))
    return frozenset(base64.b64encode(piece).decode() for piece in pieces)
