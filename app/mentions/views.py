"""Mentions and items with what it takes to show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from app.mentions import queries
from app.models import Author, Item, Mention, Sighting
from app.sources.service import source_ids
from app.watchlists.service import NO_LISTS, lists_of
from nlp.query import Text

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class MentionView:
    """A mention with what it takes to show it. author: "" where unknown or blanked."""

    mention: Mention
    item: Item
    brand: str
    brand_kind: str
    source: str
    source_kind: str
    author: str
    followers: int | None
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeenAt:
    """Where and when an item was seen."""

    source_id: int
    source: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with where it was seen and the brands it mentions in this watchlist."""

    item: Item
    author: str
    seen: Sequence[SeenAt]
    mentions: Sequence[Mention]


async def mention_views(
    session: AsyncSession, watchlist_id: int, rows: Sequence[Mention]
) -> list[MentionView]:
    items = await queries.items(session, [row.item_id for row in rows])
    authors = await queries.authors(session, [row.author_id for row in rows if row.author_id])
    sources = await queries.source_rows(session, [row.source_id for row in rows])
    brands = await queries.brand_rows(session, watchlist_id)
    lists = await lists_of(session, watchlist_id, [row.author_id for row in rows])
    views = []
    for row in rows:
        item, brand = items.get(row.item_id), brands.get(row.brand_id)
        if item is None or brand is None:  # removed between our two reads
            continue
        author = authors.get(row.author_id or 0)
        kind, source = sources.get(row.source_id, ("", ""))
        views.append(
            MentionView(
                mention=row,
                item=item,
                brand=brand[0],
                brand_kind=brand[1],
                source=source,
                source_kind=kind,
                author=author_name(item, author),
                followers=author.followers if author else None,
                lists=lists.get(row.author_id or 0, NO_LISTS),
            )
        )
    return views


async def item_views(
    session: AsyncSession, watchlist_id: int, ids: Sequence[int]
) -> list[ItemView]:
    items = await queries.items(session, ids)
    authors = await queries.authors(session, [i.author_id for i in items.values() if i.author_id])
    linked = set(await source_ids(session, watchlist_id))
    seen = [one for one in await queries.sightings(session, ids) if one.source_id in linked]
    sources = await queries.source_rows(session, [one.source_id for one in seen])
    mentions = await queries.mentions_of_items(session, watchlist_id, ids)
    return [
        ItemView(
            item=items[item_id],
            author=author_name(items[item_id], authors.get(items[item_id].author_id or 0)),
            seen=[_seen_at(one, sources) for one in seen if one.item_id == item_id],
            mentions=[one for one in mentions if one.item_id == item_id],
        )
        for item_id in ids
        if item_id in items
    ]


def _seen_at(one: Sighting, sources: Mapping[int, tuple[str, str]]) -> SeenAt:
    return SeenAt(one.source_id, sources.get(one.source_id, ("", ""))[1], one.seen_at)


def author_name(item: Item, author: Author | None) -> str:
    """As the item says it, so that a later change of name does not rewrite the past."""
    if item.purged_at is not None or (author is not None and author.erased_at is not None):
        return ""
    return item.author_name or (author.name if author else "")


def mention_text(view: MentionView) -> Text:
    """What a query is asked of."""
    item = view.item
    return _text(
        item, author=view.author, followers=view.followers, source=view.source,
        source_kind=view.source_kind, owned=view.mention.owned, lists=view.lists,
    )  # fmt: skip


async def item_texts(
    session: AsyncSession, watchlist_id: int, source_ids: Sequence[int], ids: Sequence[int]
) -> list[tuple[int, Text]]:
    """What a query is asked of items that these sources saw, newest first; the source is the one
    that saw it first."""
    items = await queries.items(session, ids)
    authors = await queries.authors(session, [i.author_id for i in items.values() if i.author_id])
    lists = await lists_of(session, watchlist_id, [one.author_id for one in items.values()])
    linked = set(source_ids)
    first: dict[int, int] = {}
    for one in await queries.sightings(session, ids):
        if one.source_id in linked:
            first.setdefault(one.item_id, one.source_id)
    sources = await queries.source_rows(session, list(first.values()))
    found = []
    for item_id in ids:
        item = items.get(item_id)
        if item is None:  # removed between our two reads
            continue
        author = authors.get(item.author_id or 0)
        kind, name = sources.get(first.get(item_id, 0), ("", ""))
        text = _text(
            item, author=author_name(item, author), source=name, source_kind=kind,
            followers=author.followers if author else None,
            lists=lists.get(item.author_id or 0, NO_LISTS),
        )  # fmt: skip
        found.append((item_id, text))
    return found


def _text(
    item: Item, *, author: str, followers: int | None, source: str, source_kind: str,
    lists: frozenset[str], owned: bool = False,
) -> Text:  # fmt: skip
    flags = {"own"} if owned else set()
    flags |= {"reply"} if item.in_reply_to else set()
    flags |= {item.kind} if item.kind in ("repost", "quote") else set()
    flags |= ({"link"} if item.links else set()) | ({"media"} if item.media else set())
    metrics = dict(item.metrics)
    if followers is not None:
        metrics.setdefault("followers", followers)
    return Text(
        title=item.title, body=item.text, author=author, url=item.url, lang=item.lang,
        source=source, source_kind=source_kind, country=item.country,
        published_at=item.published_at, metrics=metrics, flags=frozenset(flags),
        links=tuple(one for one in item.links if isinstance(one, str)),
        cluster=str(item.cluster_id) if item.cluster_id else None, lists=lists,
    )  # fmt: skip
