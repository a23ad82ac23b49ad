"""What becomes of one page at one poll: pure decisions on what was kept and what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from collectors.api import Item, Skipped
from collectors.desk import Document
from collectors.errors import NeedsAttention
from collectors.webpage.compare import Comparison
from collectors.webpage.doubt import EMPTY, SETTLED, Doubt, doubt
from collectors.webpage.extract import Looking, Reading
from collectors.webpage.state import Memory, Standing
from collectors.webpage.telling import Lang, Role, titled

if TYPE_CHECKING:
    from collectors.desk import Shelf

_STATE: Final = " lines"
"""Behind the address: the name of the document with what is remembered of its lines."""
_RAW: Final = 2_000
_SAID: Final = {
    "fr": {
        "gone": "page retirée",
        "back": "page de retour",
        "home": "renvoi vers l’accueil",
        "missing": "introuvable",
    },
    "en": {
        "gone": "page removed",
        "back": "page is back",
        "home": "redirected to the home page",
        "missing": "not found",
    },
}


def canonical(address: str) -> str:
    """The address as a name: host in lower case, no fragment, no port that goes without saying."""
    parts = urlsplit(address)
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = parts.netloc.lower().removesuffix(port) if port else parts.netloc.lower()
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A page as it was last kept. is_known: False before the first reading, and where the settings
    have changed since: then it is another text, and nothing is compared."""

    lines: tuple[str, ...] = ()
    memory: Memory = field(default_factory=Memory)
    is_known: bool = False

    def as_before(self, looking: Looking) -> Looking:
        """Read the part of the page that was read before."""
        return replace(looking, part=self.memory.part) if self.is_known else looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one visit yields."""

    standing: Standing
    items: tuple[Item, ...] = ()
    keep: tuple[Document, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One address."""

    address: str
    about: str
    role: Role
    lang: Lang

    @property
    def name(self) -> str:
        """Name of its versions on the shelf."""
        return canonical(self.address)

    @property
    def identity(self) -> str:
        """The same by http or https, on whatever port."""
        parts = urlsplit(self.address)
        return urlunsplit(("", parts.hostname or "", parts.path or "/", parts.query, ""))

    @property
    def key(self) -> str:
        """Its place in the cursor."""
        return _digest(self.identity)[:10]

    async def kept(self, shelf: Shelf, looking: Looking) -> Kept:
        """The last version and what is remembered with it."""
        version = await shelf.latest(self.name)
        state = await shelf.latest(self.name + _STATE)
        memory = Memory.from_text(state.text) if state else Memory()
        asked = _asked(looking)
        other = memory.asked not in ("", asked)
        if version is None or other:
            return Kept(memory=Memory(asked=asked, changes=memory.changes))
        lines = tuple(version.text.split("\n"))
        return Kept(lines=lines, memory=replace(memory, asked=asked), is_known=True)

    def unchanged(self, standing: Standing) -> Seen:
        """304: the page is what it was when the validators were kept."""
        return Seen(standing=replace(standing, doubts=0, doubted=""))

    def first(
        self, standing: Standing, kept: Kept, reading: Reading, lines: Sequence[str], *, place: str
    ) -> Seen:
        """The first reading is kept and is no news."""
        memory = replace(kept.memory, part=reading.part, place=canonical(place))
        return Seen(
            standing=standing,
            keep=self._keep(reading, memory.after(lines, told=False)),
            note=_cut_note(reading),
        )

    def same(self, standing: Standing, kept: Kept, *, place: str) -> Seen:
        """Read whole, and not a letter differs."""
        memory = replace(kept.memory, place=canonical(place))
        moved = memory.place != kept.memory.place
        return Seen(
            standing=standing,
            keep=(self._state(memory),) if moved else (),
            note=self._moved(kept, place),
        )

    def doubted(
        self, standing: Standing, kept: Kept, reading: Reading, *, place: str, now: datetime
    ) -> Seen | None:
        """Where the answer is not believed: say so, and keep all as it was. None: believe it.

        The same doubt three times in a row is settled: a page that says that it is none is gone,
        and one that is merely short is short.
        """
        found = self._doubt(kept, reading, place)
        if found is None:
            return None
        if standing.gone and found.means_gone:
            return Seen(standing=standing)
        # A wall may show another number each time; a short page is the same only as a whole.
        same = [found.kind] if found.kind != "small" else [*reading.lines]
        next_ = standing.doubting(_digest(*same)[:8])
        if found.means_gone and next_.doubts >= SETTLED:
            return self.gone(standing, kept, why=_SAID[self.lang][found.kind], now=now)
        if found.kind == "selector" and next_.doubts >= SETTLED:
            host = urlsplit(self.address).hostname
            raise NeedsAttention(f"{host}: the selector finds nothing any more; give another one")
        empty = sum(map(len, reading.lines)) < (EMPTY if reading.part else 1)
        if found.kind == "small" and next_.doubts >= SETTLED and not empty:
            return None
        reason = f"{urlsplit(self.address).hostname}: {found.said}; the version before is kept"
        text = "\n".join((reading.title, *reading.lines))
        skipped = Skipped(reason, self.name, text[:_RAW])
        return Seen(standing=next_, skipped=(skipped,), note=reason)

    def _doubt(self, kept: Kept, reading: Reading, place: str) -> Doubt | None:
        if not reading.found:
            return Doubt("selector", "the selector finds nothing on the page")
        return doubt(
            title=reading.title,
            old=kept.lines,
            new=reading.lines,
            asked=self.address,
            # Where it has always been answered from the root, that is where the page is.
            place=self.address if canonical(place) == kept.memory.place else place,
        )

    def gone(self, standing: Standing, kept: Kept, *, why: str, now: datetime) -> Seen:
        """The site says that nothing is there any more: told once."""
        if standing.gone:
            return Seen(standing=standing)
        memory = replace(kept.memory, changes=kept.memory.changes + 1)
        said = f"{_SAID[self.lang]['gone']} ({why})"
        item = self._item(said, f"− {self.name}", memory, ("gone",), now)
        return Seen(standing=Standing(gone=True), items=(item,), keep=(self._state(memory),))

    def changed(
        self,
        standing: Standing,
        kept: Kept,
        reading: Reading,
        comparison: Comparison,
        *,
        place: str,
        back: bool,
        now: datetime,
    ) -> Seen:
        """The text differs: an item where the difference counts, silence where it is noise."""
        told = bool(comparison.said) or back
        memory = replace(kept.memory, place=canonical(place), part=reading.part).after(
            comparison.lines, told=told
        )
        said = [_SAID[self.lang]["back"]] if back else []
        said += [comparison.said] if comparison.said else []
        text = comparison.text or f"+ {self.name}"
        items = (self._item(", ".join(said), text, memory, reading.lines, now),) if told else ()
        # A page whose clock alone moved is not a version worth a row.
        keep = self._keep(reading, memory) if told or comparison.moved else ()
        note = "; ".join(one for one in (self._moved(kept, place), _cut_note(reading)) if one)
        return Seen(standing=standing, items=items, keep=keep, note=note)

    def _moved(self, kept: Kept, place: str) -> str:
        was = kept.memory.place
        return (
            f"{self.name} now leads to {canonical(place)}"
            if was not in ("", canonical(place))
            else ""
        )

    def _item(
        self, said: str, text: str, memory: Memory, lines: Sequence[str], now: datetime
    ) -> Item:
        return Item(
            # The count tells the second change to a text from the first one to it.
            external_id=_digest(self.identity, str(memory.changes), *lines)[:32],
            url=self.address,
            title=titled(self.about, self.role, said, self.lang),
            text=text,
            published_at=now,
            lang=self.lang,
            kind="change",
        )

    def _keep(self, reading: Reading, memory: Memory) -> tuple[Document, ...]:
        version = Document(name=self.name, text="\n".join(reading.lines))
        return version, self._state(memory)

    def _state(self, memory: Memory) -> Document:
        return Document(name=self.name + _STATE, text=memory.to_text(), kind="state")


def _asked(looking: Looking) -> str:
    parts = (looking.selector, str(looking.article), *looking.ignore, "", *looking.words)
    return _digest(*parts)[:8]


def _cut_note(reading: Reading) -> str:
    return "the page is very long; its end is not compared" if reading.cut else ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
