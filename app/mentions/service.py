"""Reading mentions and items page by page; triage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app import audit
from app.errors import Invalid, NotFound
from app.mentions import queries, rules, store
from app.mentions.rules import MentionFilter
from app.models import Author, Item, Mention, Sighting
from app.sources.service import source_ids
from app.watchlists.service import checked_query, require_watchlist
from nlp import query as language

if TYPE_CHECKING:
    from datetime import datetime

    from app.services import Services

__all__ = [
    "MAX_BATCH", "ItemFilter", "ItemView", "MentionFilter", "MentionView", "Page", "SeenAt",
    "for_update", "get_item", "get_mention", "list_items", "list_mentions", "store", "triage",
]  # fmt: skip

MAX_BATCH = rules.MAX_PAGE
"""Mentions that are changed at once."""
for_update = queries.for_update

Row = TypeVar("Row")
_BATCH = 500
"""Rows that a text filter takes at a time, off the event loop."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first. next: the cursor of the page after, None at the end.

    searched: mentions a text filter looked through; complete: False where it stopped at its cap
    with more to search (the cursor goes on from there).
    """

    rows: Sequence[Row]
    next: str | None
    searched: int | None = None
    complete: bool = True


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items; None or empty means any of the watchlist's sources."""

    source_ids: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None


async def list_mentions(
    services: Services,
    watchlist_id: int,
    wanted: MentionFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[MentionView]:
    """A page of mentions, newest first. Raises NotFound, Invalid (filter, query, cursor)."""
    wanted = wanted or MentionFilter()
    _judge(wanted)
    below, size = _below(cursor), rules.page_size(limit)
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        brands = await queries.brand_rows(session, watchlist_id)
        narrowed = _by_kind(wanted, brands)
        if narrowed is None:
            return Page((), None, searched=0 if wanted.q else None)
        if wanted.q:
            return await _search(session, watchlist_id, narrowed, below=below, size=size)
        found = await session.scalars(
            queries.mentions_page(watchlist_id, narrowed, below=below, limit=size + 1)
        )
        rows = found.all()
        views = await _views(session, watchlist_id, rows[:size])
    return Page(views, rules.cursor_of(rows[size - 1].id) if len(rows) > size else None)


async def get_mention(services: Services, watchlist_id: int, mention_id: int) -> MentionView:
    """Raises NotFound."""
    async with services.db.read() as session:
        found = await queries.mention(session, watchlist_id, mention_id)
        if found is None:
            raise _no_mention()
        return (await _views(session, watchlist_id, [found]))[0]


async def list_items(
    services: Services,
    watchlist_id: int,
    wanted: ItemFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ItemView]:
    """A page of items that the watchlist's sources saw, newest first, matched or not.

    Raises NotFound, also for a source of another watchlist, and Invalid.
    """
    wanted = wanted or ItemFilter()
    below, size = _below(cursor), rules.page_size(limit)
    async with services.db.read() as session:
        await require_watchlist(session, watchlist_id)
        linked = await source_ids(session, watchlist_id)
        if not set(wanted.source_ids) <= set(linked):
            raise NotFound(
                "There is no such source in this watchlist.",
                fr="Cette source n’existe pas dans cette veille.",
            )
        statement = queries.items_page(
            wanted.source_ids or linked, since=wanted.since, until=wanted.until, below=below,
            limit=size + 1,
        )  # fmt: skip
        ids = (await session.scalars(statement)).all()
        views = await _item_views(session, watchlist_id, ids[:size])
    return Page(views, rules.cursor_of(ids[size - 1]) if len(ids) > size else None)


async def get_item(services: Services, watchlist_id: int, item_id: int) -> ItemView:
    """Raises NotFound, also where only other watchlists' sources saw it."""
    async with services.db.read() as session:
        seen = {one.source_id for one in await queries.sightings(session, [item_id])}
        if seen.isdisjoint(await source_ids(session, watchlist_id)):
            raise NotFound("There is no such item.", fr="Cette publication n’existe pas.")
        return (await _item_views(session, watchlist_id, [item_id]))[0]


async def triage(
    services: Services,
    watchlist_id: int,
    mention_ids: Sequence[int],
    *,
    status: str | None = None,
    assignee_id: int | None = None,
    unassign: bool = False,
    actor: str = "system",
) -> Sequence[Mention]:
    """Set the status or the assignee of mentions, all or none.

    Raises Invalid, and NotFound where one of them is not in the watchlist.
    """
    ids = sorted(set(mention_ids))
    _judge_triage(ids, status)
    now = services.clock.now()
    async with services.db.write() as session:
        found = await queries.for_update(session, watchlist_id, ids)
        if len(found) != len(ids):
            raise _no_mention()
        for one in found:
            one.status = status or one.status
            one.assignee_id = None if unassign else assignee_id or one.assignee_id
        audit.record(
            session, now=now, actor=actor, action="mention.triage", subject="watchlist",
            subject_id=watchlist_id,
            detail={
                "mentions": [str(one) for one in ids],
                "status": status,
                "assignee_id": str(assignee_id) if assignee_id else None,
                "unassign": unassign,
            },
        )  # fmt: skip
    return found


async def _search(
    session: AsyncSession,
    watchlist_id: int,
    wanted: MentionFilter,
    *,
    below: int | None,
    size: int,
) -> Page[MentionView]:
    """Look through the newest mentions, at most MAX_SEARCHED, for what the query wants."""
    matcher = language.Matcher.compile({0: language.parse(wanted.q)})
    kept: list[MentionView] = []
    searched, ended = 0, False
    while not ended and searched < rules.MAX_SEARCHED and len(kept) <= size:
        statement = queries.mentions_page(watchlist_id, wanted, below=below, limit=_BATCH)
        rows = (await session.scalars(statement)).all()
        views = await _views(session, watchlist_id, rows)
        matched = await asyncio.to_thread(_matching, matcher, views)
        for view, matches in zip(views, matched, strict=True):
            if len(kept) > size:
                break
            searched, below = searched + 1, view.mention.id
            if matches:
                kept.append(view)
        ended = len(rows) < _BATCH
    if len(kept) > size:
        return Page(kept[:size], rules.cursor_of(kept[size - 1].mention.id), searched=searched)
    more = not ended and below is not None
    after = rules.cursor_of(below) if more and below is not None else None
    return Page(kept, after, searched=searched, complete=not more)


def _matching(matcher: language.Matcher[int], views: Sequence[MentionView]) -> Sequence[bool]:
    return [bool(hits) for hits in matcher.match_many([_text(view) for view in views])]


def _text(view: MentionView) -> language.Text:
    item = view.item
    flags = {"own"} if view.mention.owned else set()
    flags |= {"reply"} if item.in_reply_to else set()
    flags |= {item.kind} if item.kind in ("repost", "quote") else set()
    flags |= ({"link"} if item.links else set()) | ({"media"} if item.media else set())
    return language.Text(
        title=item.title,
        body=item.text,
        author=view.author,
        url=item.url,
        lang=item.lang,
        source=view.source_kind,
        country=item.country,
        published_at=item.published_at,
        metrics=item.metrics,
        flags=frozenset(flags),
    )


async def _views(
    session: AsyncSession, watchlist_id: int, rows: Sequence[Mention]
) -> list[MentionView]:
    items = await queries.items(session, [row.item_id for row in rows])
    authors = await queries.authors(session, [row.author_id for row in rows if row.author_id])
    sources = await queries.source_rows(session, [row.source_id for row in rows])
    brands = await queries.brand_rows(session, watchlist_id)
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
                author=_author_name(item, author),
                followers=author.followers if author else None,
            )
        )
    return views


async def _item_views(
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
            author=_author_name(items[item_id], authors.get(items[item_id].author_id or 0)),
            seen=[_seen_at(one, sources) for one in seen if one.item_id == item_id],
            mentions=[one for one in mentions if one.item_id == item_id],
        )
        for item_id in ids
        if item_id in items
    ]


def _seen_at(one: Sighting, sources: Mapping[int, tuple[str, str]]) -> SeenAt:
    return SeenAt(one.source_id, sources.get(one.source_id, ("", ""))[1], one.seen_at)


def _author_name(item: Item, author: Author | None) -> str:
    """As the item says it, so that a later change of name does not rewrite the past."""
    if item.purged_at is not None or (author is not None and author.erased_at is not None):
        return ""
    return item.author_name or (author.name if author else "")


def _judge(wanted: MentionFilter) -> None:
    for field, values, allowed in (
        ("label", wanted.labels, rules.LABELS),
        ("status", wanted.statuses, rules.STATUSES),
        ("kind", [wanted.kind] if wanted.kind else [], rules.KINDS),
    ):
        wrong = rules.wrong_choice(values, allowed)
        if wrong is not None:
            raise _choose(field, allowed)
    if wanted.q:
        try:
            checked_query(wanted.q)
        except Invalid as error:
            raise Invalid(error.message, fr=error.fr, field="q") from error


def _judge_triage(ids: Sequence[int], status: str | None) -> None:
    if not 1 <= len(ids) <= rules.MAX_PAGE:
        raise Invalid(
            f"Name 1 to {rules.MAX_PAGE} mentions.",
            fr=f"Indiquez de 1 à {rules.MAX_PAGE} mentions.",
            field="ids",
        )
    if status is not None and status not in rules.STATUSES:
        raise _choose("status", rules.STATUSES)


def _by_kind(wanted: MentionFilter, brands: Mapping[int, tuple[str, str]]) -> MentionFilter | None:
    """The filter with the kind of brand turned into brands; None where nothing can match."""
    if not set(wanted.brand_ids) <= set(brands):
        raise NotFound(
            "There is no such brand in this watchlist.",
            fr="Cette marque n’existe pas dans cette veille.",
        )
    if wanted.kind is None:
        return wanted
    of_kind = [brand_id for brand_id, (_, kind) in brands.items() if kind == wanted.kind]
    chosen = [one for one in of_kind if not wanted.brand_ids or one in wanted.brand_ids]
    return replace(wanted, brand_ids=chosen) if chosen else None


def _below(cursor: str | None) -> int | None:
    if not cursor:
        return None
    below = rules.read_cursor(cursor)
    if below is None:
        raise Invalid(
            "This cursor is not ours: begin again without one.",
            fr="Ce curseur n’est pas le nôtre : recommencez sans curseur.",
            field="cursor",
        )
    return below


def _choose(field: str, allowed: Sequence[str]) -> Invalid:
    choices = ", ".join(allowed)
    return Invalid(f"{field}: choose one of {choices}.", fr=f"{field} : {choices}.", field=field)


def _no_mention() -> NotFound:
    return NotFound(
        "There is no such mention in this watchlist.",
        fr="Cette mention n’existe pas dans cette veille.",
    )
