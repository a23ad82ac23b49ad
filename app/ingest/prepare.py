"""A collector's items as they would be stored: cleaned, dated, told apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.db.keys import hash64
from app.enrich.service import TextIn
from app.ingest.clean import (
    clean,
    clean_list,
    clean_metrics,
    count_of,
    engagement,
    short,
)
from app.ingest.identity import alias_of, canonical_url, host_of, identity_of, permalinks
from app.ingest.rules import Arrival, believe
from collectors.api import Author, Item

WEB = "web"
"""Platform of items whose collector has no name space of its own."""


class Origin(NamedTuple):
    """Where items come from. platform: the collector's name space of ids, if it has one;
    refreshes: whether it can read items again, so that their mentions are planned for it."""

    source_id: int
    name: str
    kind: str
    platform: str | None
    refreshes: bool = False


class Writer(NamedTuple):
    """Who wrote it. `space` keeps two people of one name on two sites apart."""

    space: str
    native_id: str
    name: str
    followers: int | None

    @property
    def handle(self) -> str:
        """What names them within everything: also what an erasure block is the hash of."""
        return f"{self.space}:{self.native_id or self.name}".lower()


class Prepared(NamedTuple):
    """One item ready to be stored. Fields without a note are those of `app.models.Item`.

    alias: what the source calls it, hosts apart. dated: the platform's own time, believed or
    not. text_key: of the normalised text.
    """

    identity: str
    key: int
    alias: str
    platform: str
    external_id: str
    kind: str
    url: str
    host: str
    title: str
    text: str
    author: Writer | None
    published_at: datetime
    published_raw: str
    dated: datetime | None
    edited_at: datetime | None
    lang: str | None
    country: str | None
    in_reply_to: str
    links: list[str]
    media: list[str]
    metrics: dict[str, int]
    engagement: int
    backfill: bool
    text_key: int

    def text_in(self, origin: Origin) -> TextIn:
        """What the analysis needs of it."""
        return TextIn(
            self.title, self.text, self.author.name if self.author else "", self.url, self.lang,
            origin.name, self.country, self.published_at, self._metrics(), self._flags(),
            origin.kind, tuple(self.links),
        )  # fmt: skip

    def _metrics(self) -> dict[str, int]:
        if self.author is None or self.author.followers is None or "followers" in self.metrics:
            return self.metrics
        return {**self.metrics, "followers": self.author.followers}

    def _flags(self) -> frozenset[str]:
        return flags(self.kind, self.in_reply_to, self.media, self.links, self.text)


def prepare(items: Sequence[Item], origin: Origin, arrival: Arrival) -> list[Prepared]:
    """The distinct items of a page, in order; of two with one identity the later one holds."""
    own = [short(item.external_id) for item in items]
    links = permalinks([item.url for item in items], own)
    aliases = [alias_of(external_id) for external_id in own]
    found: dict[str, Prepared] = {}
    for item, external_id, link, alias in zip(items, own, links, aliases, strict=True):
        one = _prepared(item, external_id, link, alias, origin, arrival)
        found[one.identity] = one
    return _distrust_shared_ids(list(found.values()))


def _prepared(
    item: Item, external_id: str, link: str, alias: str, origin: Origin, arrival: Arrival
) -> Prepared:
    title, text = short(item.title), clean(item.text)
    published, raw = believe(item.published_at, now=arrival.now)
    metrics = clean_metrics(item.metrics) if item.metrics else {}
    text_key = text_key_of(title, text)
    identity = identity_of(
        platform=origin.platform, source_id=origin.source_id, external_id=external_id,
        permalink=clean(link), title=title, text_key=text_key, date=item.published_at,
    )  # fmt: skip
    host = host_of(link or canonical_url(item.url))
    return Prepared(
        identity, hash64(identity), alias, origin.platform or WEB, external_id,
        short(item.kind), short(item.url), host, title, text,
        _writer(item.author, origin.platform or host or origin.kind) if item.author else None,
        published, raw, item.published_at, item.edited_at,
        _lang(item.lang) if item.lang else None, short(item.country) if item.country else None,
        short(item.in_reply_to) if item.in_reply_to else "",
        clean_list(item.links) if item.links else [],
        clean_list(item.media) if item.media else [],
        metrics, engagement(metrics),
        arrival.is_backfill(published, dated=not raw), text_key,
    )  # fmt: skip


def text_key_of(title: str, text: str) -> int:
    """Equal for texts that differ in case and white space only."""
    return hash64(" ".join(f"{title} {text}".casefold().split()))


def _writer(author: Author, space: str) -> Writer | None:
    name, native_id = short(author.name), short(author.id or "")
    if not (name or native_id):
        return None
    followers = count_of(author.followers) if author.followers is not None else None
    return Writer(space, native_id, name or native_id, followers)


def _lang(lang: str) -> str | None:
    code = short(lang).replace("_", "-").partition("-")[0].strip().lower()
    return code if 2 <= len(code) <= 3 and code.isalpha() else None


def _distrust_shared_ids(items: list[Prepared]) -> list[Prepared]:
    """An id that one page gives to two posts names neither."""
    seen: set[str] = set()
    shared: set[str] = set()
    for one in items:
        (shared if one.alias in seen else seen).add(one.alias)
    if not shared:
        return items
    return [one._replace(alias="") if one.alias in shared else one for one in items]


_PLAIN = frozenset(("post",))


def flags(
    kind: str, in_reply_to: str, media: Sequence[str], links: Sequence[str], text: str
) -> frozenset[str]:
    """The values of `is:` and `has:` that hold for an item."""
    link = links or "://" in text
    if not (in_reply_to or media or link) and kind == "post":
        return _PLAIN
    pairs = ((in_reply_to, "reply"), (media, "media"), (link, "link"))
    return frozenset([kind, *(name for value, name in pairs if value)])
